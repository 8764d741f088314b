"""The built pages on a phone, in the dark."""

import pytest
from browser import axe_findings, open_visit
from site_pages import EVERY_PAGE, needs_pages

pytestmark = needs_pages

WIDTH = 360


@pytest.fixture(scope="module", params=EVERY_PAGE)
def phone(browser, request):
    """A page on a narrow, dark screen."""
    seen = open_visit(browser, request.param, width=WIDTH, height=740, dark=True)
    yield seen
    seen.tab.context.close()


def test_page_is_quiet(phone):
    phone.assert_clean()


def test_page_does_not_scroll_sideways(phone):
    assert phone.tab.evaluate("document.scrollingElement.scrollWidth") <= WIDTH


def test_accessible_in_the_dark(phone):
    assert phone.tab.evaluate("document.documentElement.dataset.theme") == "dark"
    assert axe_findings(phone.tab) == []


def test_figures_turn_with_the_page(phone):
    filters = phone.tab.evaluate(
        """() => [...document.querySelectorAll("article figure img, .cell_output img")]
        .map(image => getComputedStyle(image).filter)"""
    )
    assert all("invert" in style for style in filters)
