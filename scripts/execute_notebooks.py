"""Execute the book's notebooks in place, canonically: a second run changes no byte.

python scripts/execute_notebooks.py [notebook ...]

Without arguments, all notebooks below book/. Each is written only when all its cells
ran.
"""

import base64
import io
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from PIL import Image

BOOK = Path(__file__).parent.parent / "book"
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def execute(path):
    """Run all cells of one notebook and store it without anything that varies by
    run."""
    notebook = nbformat.read(path, as_version=4)
    canonicalise(notebook)
    NotebookClient(
        notebook,
        timeout=600,
        kernel_name="python3",
        record_timing=False,
        resources={"metadata": {"path": path.parent}},
    ).execute()
    canonicalise(notebook)
    temporary = path.with_suffix(".tmp")
    nbformat.write(notebook, temporary)
    os.replace(temporary, path)
    print(f"executed {path.name}", flush=True)


def canonicalise(notebook):
    """Trim the metadata, number the cells, and join output that came in pieces."""
    notebook.metadata = nbformat.from_dict(METADATA)
    notebook.nbformat_minor = 5
    for i, cell in enumerate(notebook.cells, start=1):
        cell.id = f"cell-{i}"
        cell.metadata.pop("execution", None)
        if cell.cell_type == "code":
            cell.outputs = join_streams(cell.outputs)
            for output in cell.outputs:
                if "image/png" in output.get("data", {}):
                    output.data["image/png"] = shrink(output.data["image/png"])


def join_streams(outputs):
    """Merge neighbouring pieces of one stream, whose borders depend on timing."""
    joined = []
    for output in outputs:
        last = joined[-1] if joined else None
        if last and output.output_type == "stream" and last.get("name") == output.name:
            last.text += output.text
        else:
            joined.append(output)
    return joined


def shrink(encoded):
    """Store a PNG (base64) with a palette of 256 colours, a quarter of the size."""
    image = Image.open(io.BytesIO(base64.b64decode(encoded)))
    if image.mode == "P":
        return encoded
    buffer = io.BytesIO()
    palette = image.convert("RGBA").quantize(256, Image.Quantize.FASTOCTREE)
    palette.save(buffer, "PNG", optimize=True)
    return base64.b64encode(buffer.getvalue()).decode()


def main(arguments):
    """Execute the named notebooks, or all, one per core at a time."""
    paths = [Path(a).resolve() for a in arguments] or sorted(BOOK.rglob("*.ipynb"))
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for _ in pool.map(execute, paths):
            pass


if __name__ == "__main__":
    os.environ.setdefault(
        "OPENBLAS_NUM_THREADS", "1"
    )  # as many notebooks at once as cores
    main(sys.argv[1:])
