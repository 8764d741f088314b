"""The pages Notation, Glossary and API: nothing on them that is not there, and nothing missing."""

import ast
import builtins
import importlib
import inspect
import re

import nbformat
import pytest
from reference_pages import BOOK, EQUATIONS, NOTEBOOKS, code, roles, rows
from site_pages import ROOT

import nndl

SYMBOLS = [row for row in rows("notation") if len(row.cells) == 5]
SOURCES = sorted((ROOT / "src" / "nndl").rglob("*.py"))
MATH = re.compile(r"\$\$(.+?)\$\$|\$([^$]+)\$", re.DOTALL)
WORDS = re.compile(r"\\(begin|end|text|texttt|mathrm|operatorname)\{[^}]*\}")
LETTER = re.compile(
    r"(\\(?:beta|gamma|delta|epsilon|varepsilon|eta|theta|kappa|lambda|sigma|Phi|Delta|Sigma"
    r"|nabla|partial|odot|equiv|approx|sim|ll|mapsto|square|langle|mathbb)(?![A-Za-z]))"
    r"|\\[A-Za-z]+|([A-Za-z])"
)


def read(page):
    return (BOOK / "reference" / f"{page}.md").read_text(encoding="utf-8")


def prose(path):
    """The text of a notebook's Markdown cells."""
    cells = nbformat.read(path, as_version=4).cells
    return "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")


PROSE = {path: prose(path) for path in NOTEBOOKS}
LABELS = {
    label: text
    for text in PROSE.values()
    for label in [
        *re.findall(r"^\(([\w-]+)\)=", text, re.MULTILINE),
        *re.findall(r"^\$\$ \(([\w-]+)\)", text, re.MULTILINE),
    ]
}


def formulas(text):
    """All pieces of mathematics in a text, without spaces."""
    return ["".join((a or b).split()) for a, b in MATH.findall(text)]


def letters(text):
    """The letters and signs in a text's mathematics; words and layout do not count."""
    pieces = [WORDS.sub(" ", a or b) for a, b in MATH.findall(text)]
    pairs = [pair for piece in pieces for pair in LETTER.findall(piece)]
    return {sign or letter for sign, letter in pairs} - {""}


def identifiers():
    """All names in the package: of parameters, variables, attributes and functions."""
    found = set(dir(builtins))
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            for field in ("id", "arg", "attr", "name"):
                found.add(getattr(node, field, None))
    return found


@pytest.mark.parametrize("row", SYMBOLS, ids=lambda row: row.cells[0])
def test_names_in_the_code_column_exist(row):
    for piece in code(row.cells[3]):
        if piece != "*":
            tree = ast.walk(ast.parse(piece))
            names = {getattr(n, "id", getattr(n, "attr", None)) for n in tree} - {None}
            assert names <= identifiers(), piece


@pytest.mark.parametrize("row", SYMBOLS, ids=lambda row: row.cells[0])
def test_each_symbol_is_on_the_page_that_its_row_leads_to(row):
    places = roles(row.cells[4], "eq", "ref")
    text = "".join("".join(LABELS[label].split()) for label in places)
    assert places
    for symbol in formulas(row.cells[0]):
        assert symbol in text, symbol


def test_no_letter_of_the_chapters_is_missing():
    used = {letter for text in PROSE.values() for letter in letters(text)}
    assert used - letters(read("notation")) == set()


def test_letters_that_mean_two_things_are_listed_with_their_pages():
    found = {
        row.cells[0]: row.cells[1]
        for row in rows("notation")
        if "two things" in row.section
    }
    assert {f"${letter}$" for letter in "CtcSFhnJ"} <= set(found)
    for letter, meaning in found.items():
        assert roles(meaning, "ref"), letter
        assert "; " in meaning, letter


def test_every_glossary_entry_leads_to_where_it_is_explained():
    entries = re.findall(r"^(\w.*)\n  (.+)$", read("glossary"), re.MULTILINE)
    terms = [term for term, _ in entries]
    assert len(terms) >= 40
    assert terms == sorted(terms, key=str.lower)
    for term, meaning in entries:
        assert roles(meaning, "eq", "ref", "numref", "term"), term
        for label in roles(meaning, "eq"):
            assert label in EQUATIONS, term


def test_the_api_page_has_every_public_name():
    listed = re.findall(
        r"^\.\. auto(?:class|function):: (\S+)", read("api"), re.MULTILINE
    )
    assert {f"nndl.{name}" for name in nndl.__all__} <= set(listed)


def test_the_api_page_has_every_method_of_the_network():
    members = re.search(r":: nndl.Network\n.*\n +:members: (.*)", read("api"))[1]
    public = {n for n, _ in inspect.getmembers(nndl.Network) if not n.startswith("_")}
    assert set(members.split(", ")) == public


def test_the_api_page_sorts_the_names_into_the_files_where_they_are():
    rows = re.findall(
        r"^\| [^|]+ \| `(\w+\.py|digits/)` \| (.+) \|$", read("api"), re.MULTILINE
    )
    assert len(rows) == 9
    listed = set()
    for file, names in rows:
        for name in code(names):
            owner, *attribute = name.split(".")
            found = getattr(nndl, owner, None)
            if found is None:
                found = getattr(importlib.import_module(f"nndl.{file[:-3]}"), owner)
            for part in attribute:
                found = getattr(found, part)
            assert found.__module__.startswith(f"nndl.{re.split(r'[./]', file)[0]}"), (
                name
            )
            listed.add(name)
    assert set(nndl.__all__) - listed == {"DivergenceError"}


def test_the_api_page_describes_every_attribute_of_the_network():
    described = re.findall(r"py:attribute:: (\w+)", read("api"))
    public = {n for n in vars(nndl.Network([2, 1])) if not n.startswith("_")}
    assert set(described) == public
