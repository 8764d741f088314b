"""The built pages: every link, image and reference leads somewhere. `make book` builds them."""

import itertools
import re
from functools import cache
from urllib.parse import unquote, urlsplit

import pytest
from bs4 import BeautifulSoup
from site_pages import NAMES, ROOT, SITE, needs_pages

pytestmark = needs_pages

# As the references to equations and to figures show it.
NUMBER = re.compile(r"\([\d.]+\)|(Figure|Table) [\d.]+")


@cache
def parse(path):
    """A page's content; a worker reads each page once."""
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


@pytest.fixture(params=NAMES)
def page(request):
    """One page of the book: its path and its parsed content."""
    path = SITE / f"{request.param}.html"
    return path, parse(path)


def test_every_source_page_is_in_the_table_of_contents():
    sources = {
        str(path.relative_to(ROOT).with_suffix(""))
        for pattern in ("*.md", "*.ipynb")
        for path in (ROOT / "book").rglob(pattern)
        if not any(part.startswith(".") for part in path.relative_to(ROOT).parts)
    }
    assert sources == set(NAMES)


def test_every_page_has_a_title_and_one_main_heading(page):
    _, content = page
    assert content.title.get_text().strip()
    assert len(content.find("article").find_all("h1")) == 1


def test_links_within_the_book_lead_to_a_page_and_a_place(page):
    path, content = page
    anchors = {}
    for link in content.find_all("a", href=True):
        target = urlsplit(link["href"])
        if target.scheme or link["href"] in ("#", ""):
            continue
        file = (path.parent / unquote(target.path)).resolve() if target.path else path
        assert file.exists(), link["href"]
        if target.fragment and file.suffix == ".html":
            if file not in anchors:
                anchors[file] = {tag["id"] for tag in parse(file).find_all(id=True)}
            assert unquote(target.fragment) in anchors[file], link["href"]


def test_references_show_the_number_of_what_they_point_to(page):
    path, content = page
    for link in content.find("article").select("a.internal[href*='#']"):
        text = link.get_text().strip()
        if not NUMBER.fullmatch(text):
            continue
        target = urlsplit(link["href"])
        file = (path.parent / unquote(target.path)).resolve() if target.path else path
        place = parse(file).find(id=unquote(target.fragment))
        number = place.select_one(".eqno, .caption-number").get_text()
        assert number.strip().removesuffix("#") == text, link["href"]


def test_images_exist_and_say_what_they_show(page):
    path, content = page
    for image in content.find("article").find_all("img"):
        assert (path.parent / unquote(image["src"])).resolve().exists(), image["src"]
        assert len(image.get("alt", "")) > 20, image["src"]
        assert not image["alt"].endswith((".png", ".svg"))


def test_nothing_was_left_unresolved(page):
    _, content = page
    article = content.find("article")
    assert not article.select(".problematic, .system-message")
    text = article.get_text()
    assert "???" not in text
    for role in ("{eq}", "{numref}", "{ref}", "{doc}", "{cite}"):
        assert role not in text


def test_pages_load_nothing_from_elsewhere(page):
    path, content = page
    sources = [
        tag["src"] for tag in content.find_all(["script", "img", "iframe"], src=True)
    ]
    sources += [
        tag["href"]
        for tag in content.find_all("link", href=True)
        if not {"canonical", "author", "index", "search", "next", "prev"}
        & set(tag["rel"])
    ]
    for source in sources:
        target = urlsplit(source)
        assert not target.scheme, source
        assert not target.netloc, source
        assert (path.parent / unquote(target.path)).resolve().exists(), source


def test_there_are_no_buttons_that_lead_nowhere(page):
    _, content = page
    assert not content.select(
        "a[href*='edit/'], .btn-launch-button, .btn-source-edit-button"
    )


def test_previous_and_next_follow_the_table_of_contents():
    for before, after in itertools.pairwise(NAMES):
        path = SITE / f"{before}.html"
        link = parse(path).select_one("a.right-next")
        assert (path.parent / link["href"]).resolve() == (
            SITE / f"{after}.html"
        ).resolve()


def test_the_first_page_opens_from_the_root():
    assert "book/index.html" in (SITE / "index.html").read_text(encoding="utf-8")


def test_every_page_describes_itself_to_search_engines(page):
    _, content = page
    description = content.find("meta", attrs={"name": "description"})
    assert 30 < len(description["content"]) <= 200
    assert content.find("link", rel="icon")


def size(paths):
    return sum(path.stat().st_size for path in paths if path.is_file())


def test_the_site_stays_below_20_megabytes_and_python_below_40():
    python = set((SITE / "_static" / "python").rglob("*"))
    assert size(set(SITE.rglob("*")) - python) < 20e6
    assert size(python) < 40e6  # there after `make python-in-page`


def test_a_page_with_its_figures_stays_below_one_and_a_half_megabytes(page):
    path, content = page
    images = {(path.parent / unquote(i["src"])).resolve() for i in content("img")}
    assert size([path, *images]) < 1.5e6


def test_the_script_for_formulas_comes_with_its_licence():
    assert "Apache License" in (SITE / "_static/tex-svg-full.LICENSE.txt").read_text()


def test_a_missing_page_leads_back():
    links = [a["href"] for a in parse(SITE / "404.html").article("a", href=True)]
    assert "book/index.html" in links and "search.html" in links
