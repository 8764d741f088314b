"""One address in _config.yml decides what the pages say about where they are."""

from types import SimpleNamespace

import pytest
from loading import load

publishing = load("book/_ext/publishing.py")


def published(address):
    """The settings of Sphinx after the extension saw them."""
    options = {"repository_url": address, "launch_buttons": {"colab_url": "https://x"}}
    config = SimpleNamespace(html_theme_options=options, html_baseurl="")
    publishing.publish(None, config)
    return config


def test_without_an_address_there_are_no_buttons():
    config = published("")
    assert "launch_buttons" not in config.html_theme_options
    assert config.html_baseurl == ""


@pytest.mark.parametrize(
    "address", ["https://github.com/Ada/book", "https://github.com/Ada/book.git/"]
)
def test_an_address_on_github_gives_buttons_and_the_address_of_the_pages(address):
    config = published(address)
    assert "launch_buttons" in config.html_theme_options
    assert config.html_baseurl == config.ogp_site_url == "https://ada.github.io/book/"


def test_an_address_elsewhere_says_nothing_about_the_pages():
    assert published("https://gitlab.com/ada/book").html_baseurl == ""
