"""Programs of the repository that are no package, as modules for the tests."""

import importlib.util
import sys

from site_pages import ROOT


def load(path):
    """The Python file at a path below the repository, as a module, without running its main."""
    path = ROOT / path
    # Programs of a folder import each other by name, as when they are run.
    if str(path.parent) not in sys.path:
        sys.path.append(str(path.parent))
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
