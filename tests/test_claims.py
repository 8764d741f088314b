"""Claims that hold under a condition only: the pages for reference and the first page say it.

Chapters are read by people; these are sentences that once went without their condition.
"""

import re

import numpy as np
import pytest
from test_typography import prose

import nndl

PAGES = ["book/index", "book/how_fast_how_sure", "book/draw_a_digit"]
PAGES += [
    f"book/reference/{name}"
    for name in (
        "notation",
        "equations",
        "book_said_we_got",
        "errata",
        "glossary",
        "api",
    )
]
EVERYWHERE = re.compile(
    r"every (?:other )?(?:processor|CPU|machine)\b(?!s? (?:that was )?\*?tried)"
)


def unbounded(text):
    """Promises of equal digits on every processor, without `that was tried`."""
    flat = re.sub(r"\s+", " ", text)
    return [
        m[0]
        for m in EVERYWHERE.finditer(flat)
        if "not the same on" not in flat[m.start() - 20 : m.start()]
    ]


@pytest.mark.parametrize("name", PAGES)
def test_equal_bits_are_promised_where_they_were_tried(name):
    assert unbounded(prose(name)) == []


def test_a_promise_without_bounds_is_found():
    assert unbounded("the same weights, to the bit, on every\nprocessor, so")
    assert not unbounded(
        "on every processor\nthat was tried; `exp` is not the same on every processor"
    )


def test_the_page_on_equal_bits_says_that_it_is_no_proof():
    assert "A proof it is not" in prose("book/how_fast_how_sure")
    assert "no proof" in prose("book/index")


@pytest.mark.parametrize("name", PAGES)
def test_saturated_output_neurons_are_slow_with_the_quadratic_cost(name):
    """Whoever says that saturation makes learning slow says with which cost, or for whom."""
    text = re.sub(r"\s+", " ", prose(name))
    for found in re.finditer(r"[Ss]aturat", text):
        near = text[max(0, found.start() - 250) : found.end() + 350]
        if re.search(r"hardly learn|learns? slowly|is slow", near):
            assert re.search(r"quadratic", near), near


def test_saturation_is_slow_under_that_condition_only():
    """What the sentence says: a wrong, saturated output moves a sigmoid's error to 0 or not."""
    z, y = np.array([[-10.0]]), np.array([[1.0]])
    assert abs(nndl.Quadratic().delta(z, y)[0, 0]) < 1e-4
    assert abs(nndl.CrossEntropy().delta(z, y)[0, 0]) > 0.99


def test_numbers_are_not_all_said_to_come_from_cells():
    assert not re.search(
        r"each number (in it )?comes from a cell",
        prose("book/index").replace("\n", " "),
    )


def test_the_errata_have_the_traps_of_translators():
    text = prose("book/reference/errata")
    headings = re.findall(r"^### (.*)$", text, re.MULTILINE)
    assert (
        "UnicodeDecodeError" in headings and "The raw file as training data" in headings
    )
    assert "latin1" in text
    said = re.search(r"(\w+) traps wait", text)[1]
    traps = text.split("traps wait")[1].split("## In summaries")[0].count("\n### ")
    assert ["Five", "Six", "Seven", "Eight"].index(said) + 5 == traps
