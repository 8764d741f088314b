"""The opening, the neurons and the thirty lines of chapter 1: their claims, by other routes."""

import re
from itertools import product

import nbformat
import numpy as np
import pytest
from reference_pages import BOOK, NOTEBOOKS

from nndl import Network, load_mnist

CHAPTER = BOOK / "chapter1"
FILES = {
    re.search(r"\((page-[\w-]+)\)=", path.read_text(encoding="utf-8"))[1]: path
    for path in NOTEBOOKS
    if path.parent == CHAPTER
}
MINE = ["start", "neurons", "sigmoid", "shapes", "odds", "networks", "thirty_lines"]


def cells(path, kind):
    """The cells of a kind that a reader sees without unfolding anything."""
    return [
        cell
        for cell in nbformat.read(path, as_version=4).cells
        if cell.cell_type == kind and "hide-input" not in cell.metadata.get("tags", [])
    ]


def minutes(path):
    """Reading time: 150 words, three displayed formulas or twelve lines of code a minute."""
    prose = "\n".join(cell.source for cell in cells(path, "markdown"))
    prose = re.sub(r"^%.*$|^:.*$", "", prose, flags=re.MULTILINE)
    displays = re.findall(r"\$\$\n.*?\n\$\$", prose, re.DOTALL)
    prose = re.sub(r"\$\$\n.*?\n\$\$", "", prose, flags=re.DOTALL)
    lines = [s for c in cells(path, "code") for s in c.source.splitlines() if s.strip()]
    return round(len(prose.split()) / 150 + len(displays) / 3 + len(lines) / 12)


def sources(name, pattern):
    """Source of the code cells of a page that contain a pattern."""
    found = [
        cell.source
        for cell in cells(CHAPTER / f"{name}.ipynb", "code")
        if re.search(pattern, cell.source, re.MULTILINE)
    ]
    assert found, pattern
    return "\n".join(found)


def printed(name):
    """All that the cells of a page print."""
    notebook = nbformat.read(CHAPTER / f"{name}.ipynb", as_version=4)
    outputs = [o for cell in notebook.cells for o in cell.get("outputs", [])]
    return "".join(o.get("text", "") for o in outputs)


@pytest.fixture(scope="module")
def thirty_lines():
    """The class as the page prints it, and nothing else of the page."""
    names = {}
    exec(sources("thirty_lines", r"^class ThirtyLines"), names)
    return names["ThirtyLines"]


@pytest.mark.parametrize("sizes", [[784, 30, 10], [5, 4], [6, 5, 4, 3]])
def test_the_thirty_lines_have_the_gradient_of_the_package(thirty_lines, sizes):
    rng = np.random.default_rng(3)
    x, y = rng.random((sizes[0], 7)), rng.random((sizes[-1], 7))
    ours, theirs = thirty_lines(sizes, seed=2), Network(sizes, rng=2)
    for mine, other in zip(ours.gradient(x, y), theirs.backprop(x, y), strict=True):
        assert len(mine) == len(other) == len(sizes) - 1
        for a, b in zip(mine, other, strict=True):
            assert a.shape == b.shape
            assert np.abs(a - b).max() < 1e-15
            assert np.abs(b).max() > 1e-9  # not equal because both are nothing


def test_the_thirty_lines_learn_what_the_package_learns(thirty_lines):
    train = load_mnist().train
    few = train._replace(x=train.x[:, :2000], y=train.y[:, :2000])
    ours, theirs = thirty_lines([784, 30, 10], seed=1), Network([784, 30, 10], rng=1)
    start = theirs.weights[0].copy()
    ours.learn(few.x, few.y, epochs=2, m=10, eta=3.0)
    theirs.sgd(few, 2, 10, 3.0, verbose=False, reproducible=False)
    for a, b in zip(ours.w + ours.b, [*theirs.weights, *theirs.biases], strict=True):
        assert np.abs(a - b).max() < 1e-9
    assert np.abs(theirs.weights[0] - start).max() > 0.1


def test_the_program_has_about_thirty_lines_and_nothing_but_numpy():
    program = sources("thirty_lines", r"^class ThirtyLines").splitlines()
    code = [line for line in program if line.strip() and not line.startswith("import")]
    assert len(code) <= 31
    assert [line for line in program if "import" in line] == ["import numpy as np"]
    assert max(map(len, program)) <= 88


def test_the_counts_in_the_prose_are_the_printed_ones():
    for page, numbers in {
        "start": [9305, 883, 800, 142, 44, 3283],
        "odds": [9640, 9020],
        "thirty_lines": [9032, 9051],
        "neurons": [198, 167],
    }.items():
        notebook = nbformat.read(CHAPTER / f"{page}.ipynb", as_version=4)
        prose = "".join(c.source for c in notebook.cells if c.cell_type == "markdown")
        for number in numbers:
            assert str(number) in prose.replace("\u202f", ""), (page, number)
            assert re.search(rf"\b{number}\b", printed(page)), (page, number)


def test_a_loop_is_white_that_cannot_reach_the_border():
    """Against a walk from pixel to pixel, on images small and knotty enough to have many."""
    names = {"np": np}
    exec(sources("start", r"^def loops").split("\n\n\nink =")[0], names)
    ink = np.random.default_rng(0).random((40, 28, 28)) > 0.55
    for image, found in zip(ink, names["loops"](ink), strict=True):
        edge = [p for p in product(range(28), repeat=2) if {0, 27} & set(p)]
        todo, outside = [p for p in edge if not image[p]], set()
        while todo:
            r, c = todo.pop()
            if (r, c) in outside:
                continue
            outside.add((r, c))
            near = [(r + 1, c), (r - 1, c), (r, c + 1), (r, c - 1)]
            todo += [p for p in near if max(p) < 28 > 0 <= min(p) and not image[p]]
        expected = [(r, c) for r, c in np.argwhere(~image) if (r, c) not in outside]
        assert [tuple(p) for p in np.argwhere(found)] == expected
        assert expected


def test_no_prose_has_a_thousand_without_its_narrow_space():
    for name in MINE:
        prose = "\n".join(
            c.source for c in cells(CHAPTER / f"{name}.ipynb", "markdown")
        )
        prose = re.sub(r"\$[^$]+\$|`[^`]+`", "", prose)
        assert not re.search(r"\b\d{5,}\b|\d[ ,]\d{3}\b", prose), name


def test_the_reading_times_of_the_index_are_honest():
    index = (CHAPTER / "index.md").read_text(encoding="utf-8")
    said = re.findall(r"\{ref\}`(page-[\w-]+)`.*\(about (\d+) minutes\)", index)
    assert len(said) >= len(MINE)
    for label, number in said:
        if label not in FILES:  # a link to nowhere stops the build
            continue
        measured = minutes(FILES[label])
        assert abs(int(number) - measured) <= 2 + measured / 5, (label, measured)
