"""Serve MathJax from the book itself, so that formulas appear without a network.

The script, 2.3 MB with all of TeX and SVG output, is copied at build time from the
package sphinx-mathjax-offline, which carries MathJax 3.2.2 (Apache License 2.0).
"""

from importlib.metadata import files
from pathlib import Path
from shutil import copyfile

SCRIPT = "tex-svg-full.js"


def copy_mathjax(app, error):
    """Put the script beside the pages' other static files."""
    if error is None and app.builder.format == "html":
        source = next(f for f in files("sphinx-mathjax-offline") if f.name == SCRIPT)
        copyfile(source.locate(), Path(app.outdir) / "_static" / SCRIPT)


def setup(app):
    """Register with Sphinx, which finds the script through `mathjax_path` in
    _config.yml."""
    app.connect("build-finished", copy_mathjax)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
