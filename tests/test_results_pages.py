"""The pages that compare with the original: no sweep is missing, no claim lacks evidence."""

import ast
import json
import re

import nbformat
import numpy as np
import pytest
from site_pages import ROOT

REFERENCE = ROOT / "book" / "reference"
RUNS = json.loads((ROOT / "book" / "chapter1" / "experiments.json").read_text())
LINK = re.compile(r"\{(?:eq|ref|numref)\}`[^`]+`")


@pytest.fixture(scope="module")
def said():
    return nbformat.read(REFERENCE / "book_said_we_got.ipynb", as_version=4)


@pytest.fixture(scope="module")
def errata():
    return nbformat.read(REFERENCE / "errata.ipynb", as_version=4)


def tables(notebook):
    """All tables in the outputs of a notebook, each a list of rows of cells."""
    return [
        [
            [cell.strip() for cell in line.strip("|").split("|")]
            for line in output["data"]["text/markdown"].splitlines()
        ]
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if "text/markdown" in output.get("data", {})
    ]


def test_every_sweep_of_the_file_is_on_the_page(said):
    (rows,) = (rows for rows in tables(said) if rows[0][0] == "sweep in the file")
    listed = {row[0]: row for row in rows[2:]}
    assert set(listed) == {run["name"] for run in RUNS}
    for run in RUNS:
        _, settings, etas, _ = listed[run["name"]]
        start = "scaled" if run["scaled"] else "N(0,1)"
        assert settings == f"{run['sizes']}, {start}, {run['epochs']} epochs"
        assert f"{run['eta']:g}" in etas.split(", ")


def test_the_summary_is_that_of_the_file(said):
    rows = {row[0]: row for row in tables(said)[0]}
    for name in ("30 hidden", "30 hidden, scaled", "100 hidden, scaled"):
        counts = np.array([run["correct"] for run in RUNS if run["name"] == name])
        for shown, values in zip(
            rows[name][2:4], (counts.max(axis=1), counts[:, -1]), strict=True
        ):
            numbers = [float(number) for number in re.findall(r"[\d.]+", shown)]
            expected = np.array([np.median(values), values.min(), values.max()]) / 100
            assert np.allclose(numbers, expected, atol=0.0051)
        assert rows[name][4] == str(len(counts))


def test_both_pages_quote_the_same_numbers(said):
    """The numbers of the original are typed on two pages; here they meet."""
    chapter = nbformat.read(
        ROOT / "book" / "chapter1" / "classifying_digits.ipynb", as_version=4
    )
    text = "\n".join(cell.source for cell in chapter.cells)
    (cell,) = (c for c in said.cells if c.source.startswith("published = {"))
    page = {}
    exec(cell.source, page)
    published = page["published"]
    quoted = ast.literal_eval(re.search(r"quoted = (\{1: .*?\})", text).group(1))
    assert published["30 hidden"] == {k: round(100 * v) for k, v in quoted.items()}
    assert f'"100 hidden, original": {published["100 hidden"]["best"] / 100}' in text
    for name in ("100 hidden, eta 0.001", "30 hidden, eta 100"):
        assert all(str(count) in text for count in published[name].values())
    assert f"assert dark == {published['mean darkness']}" in text
    for name in ("SVM, default", "SVM, tuned", "record of 2013"):
        (count,) = (n for key, n in published.items() if key.startswith(name))
        assert f'"{name}": {count / 100}' in text


def test_every_erratum_has_evidence(errata):
    entries = 0
    for cell, after in zip(errata.cells, [*errata.cells[1:], None], strict=True):
        if cell.cell_type != "markdown":
            continue
        parts = re.split(r"^#{2,3} .*$", cell.source, flags=re.MULTILINE)[1:]
        for i, part in enumerate(parts):
            if "**Evidence**" not in part:
                continue
            entries += 1
            computed = i == len(parts) - 1 and after and after.cell_type == "code"
            assert computed or LINK.search(part.split("**Evidence**")[1]), part
    headings = [re.findall(r"^### ", c.source, re.MULTILINE) for c in errata.cells]
    assert entries == sum(map(len, headings)) >= 20


def test_every_correction_of_a_summary_has_a_reason(errata):
    source = "\n".join(cell.source for cell in errata.cells)
    (table,) = re.findall(r"```\{list-table\}.*?```\n", source, re.DOTALL)
    rows = [row.split("\n  - ") for row in table.split("\n* - ")[2:]]
    assert len(rows) >= 19
    for row in rows:
        assert len(row) == 3 and all(len(cell.strip("`\n ")) > 5 for cell in row), row
        assert LINK.search(row[2]) or re.search("see (above|below)", row[2]), row
