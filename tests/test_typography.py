"""How formulas, numbers and headings are set, on all pages."""

import re
import sys
from functools import cache

import nbformat
import pytest
from browser import open_visit
from bs4 import BeautifulSoup, NavigableString
from site_pages import NAMES, ROOT, SITE, needs_pages

sys.path.insert(0, str(ROOT / "book" / "_ext"))
import formulas

each_page = pytest.mark.parametrize("name", NAMES)


@cache
def article(name):
    html = (SITE / f"{name}.html").read_text(encoding="utf-8")
    return BeautifulSoup(html, "html.parser").find("article")


def prose(name):
    """What a reader reads in the sources of a page: text, captions, alternative texts."""
    path = ROOT / f"{name}.md"
    if path.exists():
        return path.read_text(encoding="utf-8")
    parts = []
    for cell in nbformat.read(path.with_suffix(".ipynb"), as_version=4).cells:
        settings = cell.metadata.get("mystnb", {})
        parts.append(settings.get("figure", {}).get("caption", ""))
        parts.append(settings.get("image", {}).get("alt", ""))
        parts += [cell.source] if cell.cell_type == "markdown" else []
        for output in cell.get("outputs", []):
            parts.append(output.get("data", {}).get("text/markdown", ""))
    return "\n".join(parts)


CODE_BLOCK = re.compile(
    r"^(`{3,})(?:python|bash|text)?\n.*?^\1$", re.DOTALL | re.MULTILINE
)
CODE = re.compile(r"`[^`]*`")
BROKEN = re.compile(r"(?<![\d.,/])\d{1,3}(?: \d{3})+(?![\d.]\d|\d)")


def broken_numbers(text):
    """Numbers with thousands that a line may break: set apart by a plain blank."""
    return BROKEN.findall(CODE.sub("`", CODE_BLOCK.sub("", text)))


@each_page
def test_thousands_are_set_apart_by_a_narrow_blank_that_no_line_breaks(name):
    assert broken_numbers(prose(name)) == []


def test_broken_numbers_are_found():
    assert broken_numbers("of 50 000 images, 1 200 300 in all") == [
        "50 000",
        "1 200 300",
    ]
    assert (
        broken_numbers("50\u202f000, $23\\,860$, `10 000`, 784, 30, in 2015 10 runs")
        == []
    )


@needs_pages
@each_page
def test_the_originals_number_is_text_beside_ours(name):
    for block in article(name).select("div.math"):
        tex = "".join(piece for piece in block if isinstance(piece, NavigableString))
        assert not formulas.ORIGINAL.search(tex + block.get("data-lines", ""))
    written = set(
        re.findall(
            r"\[\\mathrm\{(N|BP)\}(\d+a?)\S*\]\s*(?:\\end\{\w+\}\s*)?\$\$", prose(name)
        )
    )
    shown = " ".join(n.get_text() for n in article(name).select("div.math .original"))
    for letters, digits in written:
        assert re.search(rf"\b{letters}{digits}", shown), (letters, digits)


@needs_pages
@each_page
def test_headings_are_numbered_to_depth_2(name):
    for heading in article(name).select("h1, h2, h3, h4"):
        number = heading.select_one(".section-number")
        if number:
            assert number.get_text().count(".") <= 2, heading.get_text()
            assert heading.name == "h1"


@needs_pages
@each_page
def test_no_mark_can_stand_alone_at_the_end_or_the_start_of_a_line(name):
    for formula in article(name).select("span.math"):
        after, before = formula.next_sibling, formula.previous_sibling
        kept = "together" in formula.parent.get("class", [])
        if isinstance(after, NavigableString) and not kept:
            assert not re.match(r"[.,;:!?)\]’”]", after), f"{formula}{after[:20]}"
        if isinstance(before, NavigableString) and not kept:
            assert not re.search(r"[(\[‘“]$", before), f"{before[-20:]}{formula}"


@needs_pages
@each_page
def test_references_have_no_brackets_around_their_brackets(name):
    text = article(name).get_text()
    assert not re.findall(r"\(\([\d.]+\)\)", text)


@needs_pages
@each_page
def test_on_a_wide_screen_no_formula_scrolls(browser, name):
    """Lines are joined by an estimate of their width: here is the width itself."""
    seen = open_visit(browser, name, width=1280, height=900)
    found = seen.tab.evaluate(
        """() => [...document.querySelectorAll("article div.math")].map(block => {
          const shown = block.querySelector("mjx-container");
          return [block.id, shown.scrollWidth - shown.clientWidth];
        })"""
    )
    seen.tab.context.close()
    for place, too_wide in found:
        assert too_wide <= 1, place


@needs_pages
def test_on_a_narrow_screen_a_formula_has_the_lines_that_the_page_gave_it(browser):
    name = next(n for n in NAMES if article(n).select("div.math[data-lines]"))
    heights = {}
    for width in (360, 1280):
        seen = open_visit(browser, name, width=width, height=740)
        heights[width] = seen.tab.evaluate(
            """() => document.querySelector("div.math[data-lines] mjx-container svg")
            .getBoundingClientRect().height"""
        )
        seen.tab.context.close()
    assert heights[360] > 1.5 * heights[1280]


ALIGNED = r"\begin{aligned}%s\end{aligned}"


@pytest.mark.parametrize(
    ("lines", "line"),
    [
        (r"a &= b \\ &= c", "a = b = c"),
        (r"&C(v') \\ &\quad \le C(v)", r"C(v') \le C(v)"),
        (r"a &= b \\[2pt] &\qquad{} + c", "a = b + c"),
        (r"a ={}& b \\ & c", "a ={} b c"),
        (r"a &= b \cdot \\ & c", r"a = b \cdot c"),
        (
            r"a &= \begin{pmatrix}1\\2\end{pmatrix} \\ &= c",
            r"a = \begin{pmatrix}1\\2\end{pmatrix} = c",
        ),
        (r"a &= b \\ c &= d", None),
        (r"& \text{first:} \\ & \quad a = b", None),
        (r"& f(x) \\ & = x \\ & g(x) = y", None),
    ],
)
def test_lines_are_joined_where_a_formula_goes_on(lines, line):
    assert formulas.one_line(ALIGNED % lines) == line


@pytest.mark.parametrize(
    "end",
    [
        r" \qquad [\mathrm{N}6]",
        r"\;\, [\mathrm{N}6]",
        "\\\\\n[\\mathrm{N}6]",
        r"\\[2pt] &[\mathrm{N}6]",
    ],
)
def test_the_originals_number_is_taken_off(end):
    assert formulas.take_number("a = [b]" + end) == ("a = [b]", "N6")


def test_two_numbers_of_the_original():
    end = r"\quad [\mathrm{N}39,\mathrm{BP}1]"
    assert formulas.take_number("a" + end) == ("a", "N39, BP1")


def test_widths_grow_with_what_is_written():
    assert formulas.width(r"\frac{abcdef}{g}") < formulas.width("abcdefg")
    assert formulas.width("w^l_{jk}") < formulas.width("w^l w_{jk}")
    assert formulas.width(r"x^{\frac12}") > formulas.width("x")


def test_a_formula_that_has_no_room_keeps_its_lines():
    """Where a page breaks a long formula, the break is needed: 28 M fit beside the numbers."""
    assert formulas.width(" + ".join(["a"] * 14)) < formulas.ROOM
    assert formulas.width(" + ".join(["a"] * 18)) > formulas.ROOM
