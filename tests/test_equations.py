"""The ledger of equations against the pages, the package and the tests."""

import ast
import importlib
from functools import reduce

import pytest
from reference_pages import EQUATIONS, PAGES, code, roles, rows
from site_pages import ROOT

ORIGINALS = [f"N{i}" for i in range(1, 54)] + ["BP1", "BP1a", "BP2", "BP3", "BP4"]
ORIGINALS += ["N113"]
LEDGER = rows("equations")


def number(row):
    """The original's number of the equation in a row."""
    return row.cells[0].split()[0].strip("[]")


each_row = pytest.mark.parametrize("row", LEDGER, ids=number)


def find(name):
    """The object of a dotted name such as ~nndl.Network.backprop."""
    module, *attributes = name.lstrip("~").split(".")
    return reduce(getattr, attributes, importlib.import_module(module))


def home(row):
    """The page on which the row's equation stands."""
    (label,) = roles(row.cells[0], "eq")
    return EQUATIONS[label]


def test_every_equation_of_the_original_has_one_row():
    assert sorted(map(number, LEDGER)) == sorted(ORIGINALS)


def test_every_number_on_the_pages_is_in_the_ledger():
    """The original's other chapters are quoted too, with numbers beyond 53."""
    shown = [(n, e) for e, page in EQUATIONS.items() for n in page.originals(e)]
    listed = [(number(row), *roles(row.cells[0], "eq")) for row in LEDGER]
    assert sorted(pair for pair in shown if pair[0] in ORIGINALS) == sorted(listed)


@each_row
def test_the_row_is_complete(row):
    assert len(row.cells) == 4
    assert all(row.cells)


@each_row
def test_the_link_leads_to_that_equation_on_the_page_named_above(row):
    (label,) = roles(row.cells[0], "eq")
    assert number(row) in EQUATIONS[label].originals(label)
    assert EQUATIONS[label].label in roles(row.intro, "ref")


@each_row
def test_the_function_exists_or_a_reason_is_given(row):
    names = roles(row.cells[2], "py:obj")
    assert names or row.cells[2].startswith("none: ")
    for name in names:
        assert callable(find(name))
        assert find(name).__doc__


@each_row
def test_the_test_or_the_cell_exists(row):
    text = row.cells[3]
    assert code(text)
    pages = [PAGES[label] for label in roles(text, "ref")] or [home(row)]
    for piece in code(text):
        if piece.startswith("tests/"):
            assert_is_a_test(piece)
        else:
            assert any(
                checks(cell, piece) for page in pages for cell in page.code_cells
            )


def assert_is_a_test(name):
    """Fail unless `name`, as tests/test_x.py::test_y, is a test function."""
    path, function = name.split("::")
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    assert function.startswith("test_")
    assert function in {n.name for n in tree.body if isinstance(n, ast.FunctionDef)}


def checks(cell, line):
    """Whether the cell holds the line, and stops or prints something if it is wrong."""
    lines = [found.strip() for found in cell.source.splitlines()]
    return line in lines and (line.startswith(("assert", "compare(")) or cell.outputs)
