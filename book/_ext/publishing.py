"""One address, `repository: url` in _config.yml, for all that depends on where the book is.

Empty, as it comes, the pages link to no repository and have no launch buttons. With the
address of a repository on GitHub, notebooks get buttons for Binder and Colab, and the
pages know their own address, that of GitHub Pages: search engines and social cards ask
for it, and so does the page for a missing page, which is shown at any depth.
"""

from urllib.parse import urlsplit


def pages_address(repository):
    """Address of the GitHub Pages of a repository's address; "" for one elsewhere."""
    parts = urlsplit(repository)
    owner, _, name = parts.path.strip("/").removesuffix(".git").partition("/")
    if parts.netloc != "github.com" or not owner or not name:
        return ""
    return f"https://{owner.lower()}.github.io/{name}/"


def publish(app, config):
    """Derive the addresses, or take away the buttons that would lead nowhere."""
    repository = config.html_theme_options.get("repository_url")
    if not repository:
        config.html_theme_options.pop("launch_buttons", None)
        return
    config.html_baseurl = config.html_baseurl or pages_address(repository)
    config.ogp_site_url = config.html_baseurl


def add_base(app, pagename, templatename, context, doctree):
    """Tell the page for a missing page where the book is."""
    if pagename == "404":
        context["base_address"] = app.config.html_baseurl


def setup(app):
    """Register with Sphinx, before the theme reads its options."""
    app.connect("config-inited", publish, priority=100)
    app.connect("html-page-context", add_base)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
