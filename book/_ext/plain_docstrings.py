"""Read the package's docstrings, which are plain prose, as reStructuredText.

They put names between single backticks, and a star or a bar in them is a star or a bar:
`w ** 2`, ||g - d||. Here names become code, and the other signs stay what they are.
"""

import re

CODE_OR_SIGN = re.compile(r"`([^`]+)`|([*|])")


def escape(text):
    """The same text in reStructuredText: names as literals, signs without meaning."""
    return CODE_OR_SIGN.sub(
        lambda found: f"``{found[1]}``" if found[1] else f"\\{found[2]}", text
    )


def escape_docstring(app, what, name, obj, options, lines):
    """Change the lines of one docstring in place, as autodoc asks for it."""
    lines[:] = escape("\n".join(lines)).split("\n")


def setup(app):
    """Register with Sphinx; autodoc must be loaded first."""
    app.setup_extension("sphinx.ext.autodoc")
    app.connect("autodoc-process-docstring", escape_docstring)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
