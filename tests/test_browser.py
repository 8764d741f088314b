"""The built pages in a real browser: complete, quiet, accessible, and all from this book."""

import functools
import http.server
import threading

import pytest
from browser import axe_findings, open_visit
from site_pages import EVERY_PAGE, SITE, needs_pages

pytestmark = needs_pages


@pytest.fixture(scope="module", params=EVERY_PAGE)
def page(browser, request):
    """A page on a light laptop."""
    seen = open_visit(browser, request.param)
    yield seen
    seen.tab.context.close()


def test_page_is_quiet_and_self_contained(page):
    page.assert_clean()


def test_all_formulas_are_typeset(page):
    formulas = page.tab.locator(".math").count()
    assert page.tab.locator(".math mjx-container").count() >= formulas
    assert page.tab.locator("mjx-merror, [data-mjx-error]").count() == 0


def test_formulas_can_be_read_aloud(page):
    containers = page.tab.locator("mjx-container").count()
    assert page.tab.locator("mjx-assistive-mml math").count() == containers


def test_accessible_in_light(page):
    assert axe_findings(page.tab) == []


def test_keyboard_moves_through_the_page_with_a_visible_focus(page):
    hidden = []
    for _ in range(12):
        page.tab.keyboard.press("Tab")
        style = page.tab.evaluate(
            "(e => [e.tagName, e.className, getComputedStyle(e).outlineStyle])"
            "(document.activeElement)"
        )
        if style[0] != "BODY" and style[2] == "none":
            hidden.append(style)
    assert hidden == []


@pytest.mark.parametrize("word", ["sigmoid", "backpropagation"])
def test_search_finds(visit, word):
    seen = visit("search", query=f"?q={word}")
    results = seen.tab.locator("#search-results li a")
    results.first.wait_for()
    assert results.count() > 3
    seen.assert_clean()


@pytest.fixture(scope="module")
def server():
    """Address of a server, on this machine, of the built pages."""
    handler = functools.partial(QuietHandler, directory=SITE)
    running = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=running.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{running.server_port}"
    running.shutdown()
    running.server_close()


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    """Serves files without a word on the terminal."""

    def log_message(self, *arguments):
        """Say nothing."""


@pytest.mark.parametrize("name", ["book/index", "book/chapter2/four_equations"])
def test_pages_work_from_a_server_too(visit, server, name):
    seen = visit(name, base=server)
    seen.assert_clean()
    assert seen.tab.locator("mjx-merror").count() == 0


def test_a_chapter_prints_without_navigation_and_with_solutions(visit):
    seen = visit("book/chapter1/exercises")
    seen.tab.emulate_media(media="print")
    for selector in (".bd-sidebar-primary", ".bd-header-article", ".prev-next-footer"):
        assert not seen.tab.locator(selector).first.is_visible(), selector
    solutions = seen.tab.locator(".solution")
    assert solutions.count() >= 8
    for i in range(solutions.count()):
        assert solutions.nth(i).locator("p").last.is_visible()


def test_pages_are_readable_without_javascript(visit):
    seen = visit("book/chapter1/exercises", java_script_enabled=False)
    assert seen.tab.locator(".solution p").first.is_visible()
