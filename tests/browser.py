"""A real browser for the tests of the built pages: headless Chromium and its complaints."""

import os
import shutil
from pathlib import Path

import pytest
from site_pages import SITE

PROGRAMS = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
# What the theme logs on every page.
THEME_CHATTER = ("log: [PST]", "log: [togglebutton]")
OFFLINE = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]

THIN_OUT = """() => {
  for (const listing of document.querySelectorAll(".highlight pre")) {
    const seen = new Set();
    for (const word of listing.querySelectorAll("span")) {
      if (seen.has(word.className)) word.replaceWith(...word.childNodes);
      seen.add(word.className);
    }
  }
  for (const drawing of document.querySelectorAll("mjx-container > svg[aria-hidden=true]"))
    drawing.replaceChildren();
}"""


class Visit:
    """A page in a tab of its own, and what it said and asked for while it was open."""

    def __init__(self, browser, **settings):
        self.tab = browser.new_page(**settings)
        self.messages, self.outside, self.failed = [], [], []
        self.tab.on("console", self._note_message)
        self.tab.on("pageerror", lambda error: self.messages.append(f"error: {error}"))
        self.tab.on("request", self._note_outside)
        self.tab.on("requestfailed", lambda request: self.failed.append(request.url))
        self.tab.on("response", self._note_failure)

    def _note_message(self, message):
        said = f"{message.type}: {message.text}"
        if not said.startswith(THEME_CHATTER):
            self.messages.append(said)

    def _note_outside(self, request):
        if not request.url.startswith(
            ("file://", "http://127.0.0.1:", "data:", "blob:")
        ):
            self.outside.append(request.url)

    def _note_failure(self, response):
        if response.status >= 400:
            self.failed.append(response.url)

    def assert_clean(self):
        """Nothing was said on the console, asked of another host, or not found."""
        assert not self.messages, self.messages
        assert not self.outside, self.outside
        assert not self.failed, self.failed


def launch(playwright):
    """Start Playwright's own Chromium if it was downloaded, else the system's.

    Returns None where there is neither.
    """
    programs = [playwright.chromium.executable_path, *map(shutil.which, PROGRAMS)]
    found = [program for program in programs if program and Path(program).exists()]
    if not found:
        return None
    return playwright.chromium.launch(
        executable_path=found[0], args=OFFLINE, chromium_sandbox=False
    )


@pytest.fixture(scope="session")
def browser():
    """A running Chromium. Without one the test is skipped, except in CI, where it fails."""
    # Imported here, because all tests load this file and few need a browser.
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = launch(playwright)
        if running is None:
            assert not os.environ.get("CI"), "CI needs a Chromium"
            pytest.skip("no Chromium; install Debian's `chromium` to run this test")
        yield running
        running.close()


def axe_findings(tab, *selectors):
    """What axe finds wrong on a page, or in parts of it: (rule, selector, element).

    To be quick, it looks at one word of each colour in a listing, not at all of them, and
    not into the drawings of formulas, which are hidden from screen readers.
    """
    from axe_playwright_python.sync_playwright import Axe

    tab.evaluate(THIN_OUT)
    context = {"include": [[selector] for selector in selectors]} if selectors else None
    violations = Axe().run(tab, context=context).response["violations"]
    return [
        (violation["id"], node["target"], node["html"])
        for violation in violations
        for node in violation["nodes"]
    ]


def open_visit(
    browser,
    name,
    *,
    width=1280,
    height=800,
    dark=False,
    base=None,
    formulas=True,
    query="",
    **settings,
):
    """Open a page by its name in _toc.yml and wait until its formulas are typeset.

    With `base`, the address of a server, it comes from there, otherwise from the file.
    Without `formulas` they stay as they are written, which saves seconds. A `query` follows
    the address.
    """
    seen = Visit(
        browser,
        viewport={"width": width, "height": height},
        color_scheme="dark" if dark else "light",
        **settings,
    )
    if not formulas:
        seen.tab.route("**/tex-svg-full.js*", lambda route: route.fulfill(body=""))
    address = f"{base or SITE.as_uri()}/{name}.html{query}"
    seen.tab.goto(address, wait_until="load")
    if settings.get("java_script_enabled", True):
        seen.tab.evaluate("window.MathJax?.startup?.promise?.then(() => null)")
    return seen


@pytest.fixture
def visit(browser):
    """Open pages, as `open_visit` does, and close them after the test."""
    opened = []

    def open_page(name, **settings):
        opened.append(open_visit(browser, name, **settings))
        return opened[-1]

    yield open_page
    for seen in opened:
        seen.tab.context.close()
