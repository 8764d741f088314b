"""Take out of the built pages what the theme and Jupyter Book bring, but this book does not use."""

from pathlib import Path
from shutil import rmtree

UNUSED_FILES = ["**/*.map", "locales", "sphinx-thebe.*"]


def script_key(script):
    """What a page gains from a script: its file, or its text where it stands in the page."""
    return script.filename or script.attributes.get("body")


def clean_scripts(app, pagename, templatename, context, doctree):
    """Drop thebe, which asks another host for a kernel, and every script said twice."""
    scripts = {
        key: script
        for script in context.get("script_files", [])
        if "thebe" not in (key := str(script_key(script))).lower()
    }
    context["script_files"] = list(scripts.values())
    context["css_files"] = [
        sheet
        for sheet in context.get("css_files", [])
        if "thebe" not in str(sheet.filename)
    ]


def remove_unused_files(app, error):
    """Delete source maps and the like, about a third of the static files."""
    if error or app.builder.format != "html":
        return
    static = Path(app.outdir) / "_static"
    for pattern in UNUSED_FILES:
        for path in list(static.glob(pattern)):
            rmtree(path) if path.is_dir() else path.unlink()


def setup(app):
    """Register with Sphinx, after those that add scripts."""
    app.connect("html-page-context", clean_scripts, priority=900)
    app.connect("build-finished", remove_unused_files)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
