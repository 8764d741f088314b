"""The bibliography: every source is complete and cited, every citation has a source."""

import re

import pytest
from bs4 import BeautifulSoup
from pybtex.database import parse_file
from site_pages import NAMES, ROOT, SITE, needs_pages

ENTRIES = parse_file(ROOT / "book" / "references.bib").entries
CITATION = re.compile(r"\{cite(?::[a-z]+)?\}`([^`]+)`")
NEEDED = {
    "article": {"title", "journal", "volume", "pages", "year"},
    "book": {"title", "publisher", "year"},
    "incollection": {"title", "booktitle", "pages", "publisher", "year"},
    "inproceedings": {"title", "booktitle", "year"},
    "mastersthesis": {"title", "school", "year"},
    "misc": {"title", "url", "year"},
    "phdthesis": {"title", "school", "year"},
}


def cited():
    """The keys that the pages cite, as their sources say."""
    keys = set()
    for name in NAMES:
        page = ROOT / name
        page = page.with_suffix(".md" if page.with_suffix(".md").exists() else ".ipynb")
        for group in CITATION.findall(page.read_text(encoding="utf-8")):
            keys |= {key.strip() for key in group.split(",")}
    return keys


def test_sources_and_citations_are_the_same_set():
    assert cited() == set(ENTRIES)


@pytest.mark.parametrize("key", ENTRIES)
def test_an_entry_has_its_fields(key):
    entry = ENTRIES[key]
    assert entry.persons["author"]
    assert NEEDED[entry.type] <= set(entry.fields)
    assert key.endswith(entry.fields["year"])
    if "doi" in entry.fields:
        assert re.fullmatch(r"10\.\d{4,}/\S+", entry.fields["doi"])


@needs_pages
def test_the_page_lists_every_source_once():
    path = SITE / "book" / "reference" / "bibliography.html"
    page = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
    labels = [tag.get_text() for tag in page.select(".citation > .label")]
    assert len(labels) == len(set(labels)) == len(ENTRIES)
