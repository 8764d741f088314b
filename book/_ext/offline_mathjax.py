"""Serve MathJax from the book itself, so that formulas appear without a network.

The script, 2.3 MB with all of TeX and SVG output, is copied at build time from the
package sphinx-mathjax-offline, which carries MathJax 3.2.2. Its licence, the Apache
License 2.0, is named beside it, as the package brings no copy of the text.
"""

from importlib.metadata import files
from pathlib import Path
from shutil import copyfile

SCRIPT = "tex-svg-full.js"
NOTICE = """MathJax 3.2.2, in the file tex-svg-full.js beside this one.
Copyright (c) 2009-2022 The MathJax Consortium.

Licensed under the Apache License, Version 2.0 (the "License"); you may not use this
file except in compliance with the License. You may obtain a copy of the License at

    http://www.apache.org/licenses/LICENSE-2.0

Unless required by applicable law or agreed to in writing, software distributed under
the License is distributed on an "AS IS" BASIS, WITHOUT WARRANTIES OR CONDITIONS OF ANY
KIND, either express or implied. See the License for the specific language governing
permissions and limitations under the License.
"""


def copy_mathjax(app, error):
    """Put the script and its licence beside the pages' other static files."""
    if error is None and app.builder.format == "html":
        target = Path(app.outdir) / "_static"
        source = next(f for f in files("sphinx-mathjax-offline") if f.name == SCRIPT)
        copyfile(source.locate(), target / SCRIPT)
        (target / "tex-svg-full.LICENSE.txt").write_text(NOTICE, encoding="utf-8")


def setup(app):
    """Register with Sphinx, which finds the script through `mathjax_path` in
    _config.yml."""
    app.connect("build-finished", copy_mathjax)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
