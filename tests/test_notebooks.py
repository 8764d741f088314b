"""The notebook files themselves: executed, clean, captioned, and in the form the scripts write."""

import base64
import io
import re
from pathlib import Path

import nbformat
import pytest
from PIL import Image

BOOK = Path(__file__).parent.parent / "book"
NOTEBOOKS = sorted(
    p for p in BOOK.rglob("*.ipynb") if ".ipynb_checkpoints" not in p.parts
)
FIGURE_PIXELS = 6 * 100 * 2  # inches, dots per inch, twice for high density

PATH = re.compile(
    r"(?<![\w.:/])/(home|root|tmp|usr|work|Users|opt|mnt|var)/|[A-Z]:\\\\?\w"
)
TIME = re.compile(r"\b\d{1,2}:\d{2}:\d{2}\b|\b20\d\d-\d\d-\d\d\b|\bat 0x[0-9a-f]{6,}")


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: str(path.relative_to(BOOK)))
def notebook(request):
    return nbformat.read(request.param, as_version=4)


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def output_text(cell):
    """All that a cell printed or showed as text."""
    parts = []
    for output in cell.outputs:
        parts.append(output.get("text", ""))
        parts += [v for k, v in output.get("data", {}).items() if k.startswith("text/")]
    return "\n".join(parts)


def figures(cell):
    """The PNG images among a cell's outputs, decoded."""
    images = [
        o.data["image/png"] for o in cell.outputs if "image/png" in o.get("data", {})
    ]
    return [Image.open(io.BytesIO(base64.b64decode(image))) for image in images]


def test_there_are_notebooks():
    assert len(NOTEBOOKS) >= 4


def test_executed_once_from_top_to_bottom(notebook):
    counts = [cell.execution_count for cell in code_cells(notebook)]
    assert counts == list(range(1, len(counts) + 1))


def test_no_error_and_nothing_on_stderr(notebook):
    for cell in code_cells(notebook):
        for output in cell.outputs:
            assert output.output_type in ("stream", "display_data", "execute_result")
            assert output.get("name") != "stderr"


def test_outputs_hold_no_path_time_or_address(notebook):
    for cell in code_cells(notebook):
        text = output_text(cell)
        assert not PATH.search(text), text
        assert not TIME.search(text), text


def test_cells_are_short(notebook):
    for cell in code_cells(notebook):
        assert cell.source.strip(), "an empty cell"
        one_screen = "one-screen" in cell.metadata.get("tags", [])  # a whole program
        assert len(cell.source.splitlines()) <= (36 if one_screen else 20), cell.source


def test_every_figure_has_caption_name_and_alt_text(notebook):
    for cell in code_cells(notebook):
        images = figures(cell)
        if not images:
            continue
        assert len(images) == 1, "one cell, one figure"
        settings = cell.metadata.get("mystnb", {})
        assert len(settings.get("figure", {}).get("caption", "")) > 20, cell.source
        assert settings["figure"]["name"].startswith("fig-")
        assert len(settings.get("image", {}).get("alt", "")) > 20, cell.source


def test_every_figure_is_six_inches_wide_and_sharp(notebook):
    for cell in code_cells(notebook):
        for image in figures(cell):
            assert image.width == FIGURE_PIXELS


def test_every_figure_lets_the_page_shine_through_and_is_small(notebook):
    for cell in code_cells(notebook):
        for image in figures(cell):
            assert image.mode == "P", "not stored by `make notebooks`"
            *_, opacity = image.convert("RGBA").getpixel((0, 0))
            assert opacity == 0


def test_no_cell_is_excused(notebook):
    for cell in code_cells(notebook):
        excuses = {
            "nbval-ignore-output",
            "nbval-skip",
            "raises-exception",
            "skip-execution",
        }
        assert not excuses & set(cell.metadata.get("tags", []))
        assert "NBVAL" not in cell.source


def test_canonical_form(notebook):
    assert set(notebook.metadata) == {"kernelspec", "language_info"}
    assert [cell.id for cell in notebook.cells] == [
        f"cell-{i}" for i in range(1, len(notebook.cells) + 1)
    ]
    for cell in notebook.cells:
        assert "execution" not in cell.metadata


def test_figure_names_are_unique_in_the_book():
    names = [
        cell.metadata["mystnb"]["figure"]["name"]
        for path in NOTEBOOKS
        for cell in code_cells(nbformat.read(path, as_version=4))
        if "figure" in cell.metadata.get("mystnb", {})
    ]
    assert len(names) == len(set(names))
