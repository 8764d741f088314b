"""Live figures: a script in the place of a picture, on the pages that have one.

A figure of the class `live` (`:figclass: live`) with the picture assets/live/NAME.svg gets an
empty place in front of it. On a screen, assets/live/NAME.js builds the live figure there and
hides the picture, which stays for print and for readers without JavaScript.
"""

from pathlib import PurePath

from docutils import nodes

DATA = {
    "draw_a_digit": [
        "live/network_original.js",
        "live/network_scaled.js",
        "live/test_digits.js",
    ]
}


def add_places(app, doctree):
    """Put the place for the script into each live figure."""
    for figure in doctree.findall(nodes.figure):
        if "live" in figure["classes"]:
            (image,) = figure.findall(nodes.image)
            name = PurePath(image["uri"]).stem
            label = f"Live figure: {name.replace('_', ' ')}"
            place = f'<div class="live-figure" data-figure="{name}" role="group"'
            place += f' aria-label="{label}"></div>'
            figure.insert(0, nodes.raw("", place, format="html"))
            figure["live"] = name


def add_scripts(app, pagename, templatename, context, doctree):
    """Add what the live figures of one page need, and nothing to other pages."""
    if doctree is None:
        return
    names = [f["live"] for f in doctree.findall(nodes.figure) if "live" in f]
    if names:
        app.add_css_file("live/live.css")
        data = [script for name in names for script in DATA.get(name, [])]
        for script in ["live/live.js", *data, *(f"live/{name}.js" for name in names)]:
            app.add_js_file(script, loading_method="defer")


def setup(app):
    """Register with Sphinx."""
    app.connect("doctree-read", add_places)
    app.connect("html-page-context", add_scripts)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
