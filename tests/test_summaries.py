"""The summary of each chapter: short, and two sides of A4 when it is printed."""

import re

import nbformat
import pytest
from browser import open_visit
from site_pages import NAMES, ROOT, needs_pages

SUMMARIES = [name for name in NAMES if name.endswith("/summary")]
WORDS = 1200
SIDES = 2

PAGE_OBJECT = re.compile(rb"/Type\s*/Page(?![a-zA-Z])")


def count_pages(pdf):
    """Pages of a PDF that Chromium wrote, whose page objects are not compressed."""
    return len(PAGE_OBJECT.findall(pdf))


def test_every_summary_is_in_the_table_of_contents():
    assert SUMMARIES
    written = {path.stem for path in (ROOT / "book").glob("chapter*/summary.*")}
    assert written == {"summary"}
    for path in (ROOT / "book").glob("chapter*/summary.*"):
        assert f"book/{path.parent.name}/summary" in SUMMARIES


@pytest.mark.parametrize("name", SUMMARIES)
def test_a_summary_is_short(name):
    path = ROOT / f"{name}.ipynb"
    if path.exists():
        notebook = nbformat.read(path, as_version=4)
        text = "\n".join(c.source for c in notebook.cells if c.cell_type == "markdown")
    else:
        text = path.with_suffix(".md").read_text(encoding="utf-8")
    text = "\n".join(line for line in text.splitlines() if not line.startswith("%"))
    assert len(text.split()) <= WORDS


@needs_pages
@pytest.mark.parametrize("name", SUMMARIES)
def test_a_summary_prints_on_two_sides_at_most(browser, name):
    seen = open_visit(browser, name, width=1280, height=900)
    try:
        pdf = seen.tab.pdf(format="A4", print_background=True)
    finally:
        seen.tab.context.close()
    assert 1 <= count_pages(pdf) <= SIDES


@needs_pages
def test_the_count_of_pages_can_tell(browser):
    tab = browser.new_page()
    try:
        for sides in (1, 3):
            tab.set_content(
                '<p style="break-after: page">x</p>' * (sides - 1) + "<p>x</p>"
            )
            assert count_pages(tab.pdf(format="A4")) == sides
    finally:
        tab.context.close()
