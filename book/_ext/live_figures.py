"""Live figures: a directive, and their scripts on the pages that have one.

    :::{live} one_neuron
    :name: fig-live-neuron
    :alt: what the picture shows
    :label: name of the live figure, for screen readers
    The caption.
    :::

It is a figure with the picture assets/live/one_neuron.svg, made by
scripts/static_figures.js. On a screen with JavaScript,
assets/live/one_neuron.js builds the live figure in its place.
"""

from html import escape

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.directives.patches import Figure

DATA = {
    "draw_a_digit": [
        "live/network_original.js",
        "live/network_scaled.js",
        "live/test_digits.js",
    ]
}


class LiveFigure(Figure):
    """A figure whose picture gives way to a script."""

    option_spec = {**Figure.option_spec, "label": directives.unchanged_required}  # noqa: RUF012, docutils reads it so

    def run(self):
        """Return the static figure with an empty place for the script in front."""
        name, label = self.arguments[0], self.options.pop("label")
        self.arguments[0] = f"/book/assets/live/{name}.svg"
        (figure,) = super().run()
        figure["live"] = name
        start = f'<div class="live-figure" data-figure="{escape(name)}"'
        place = f'{start} role="group" aria-label="{escape(label)}"></div>'
        figure.insert(0, nodes.raw("", place, format="html"))
        figure["classes"].append("live")
        return [figure]


def add_scripts(app, pagename, templatename, context, doctree):
    """Add what the live figures of one page need, and nothing to other pages."""
    names = (
        []
        if doctree is None
        else [f.get("live") for f in doctree.findall(nodes.figure)]
    )
    names = [name for name in names if name]
    if names:
        app.add_css_file("live/live.css")
        for script in ["live/live.js", *(s for n in names for s in DATA.get(n, []))]:
            app.add_js_file(script, loading_method="defer")
        for name in names:
            app.add_js_file(f"live/{name}.js", loading_method="defer")


def setup(app):
    """Register with Sphinx."""
    app.add_directive("live", LiveFigure)
    app.connect("html-page-context", add_scripts)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
