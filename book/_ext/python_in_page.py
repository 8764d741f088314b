"""Run the cells in the page: Python and NumPy for the browser, served from the book itself.

`make python-in-page` puts Pyodide, which is CPython compiled to WebAssembly, and the packages
that the cells need into the folder .python-in-page. Where they are, this extension writes them
beside the pages, as scripts that hold their bytes, so that they load from a disk too, and
gives each notebook's page its cells as data; assets/python/python_in_page.js does the rest.
Where they are not, a build says so in one line, and the pages are as they were.

The table python_in_page.toml pins the SHA-256 of each file. One wrong byte stops the build.
"""

import base64
import fnmatch
import gzip
import hashlib
import io
import json
import re
import tarfile
import tomllib
import zipfile
from pathlib import Path

from docutils import nodes
from sphinx.errors import ExtensionError
from sphinx.util import logging

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
SCRIPTS = HERE.parent / "assets" / "python"
PACKAGE = ROOT / "src" / "nndl"
FOLDER = ROOT / ".python-in-page"
TABLE = tomllib.loads((HERE / "python_in_page.toml").read_text(encoding="utf-8"))
PARTS = ("start", "matplotlib")

# What no cell needs: types, tests, headers, a compiler, fonts with serifs, other programs' windows.
UNUSED = [
    "*.pyi",
    "*/tests/*",
    "*.dist-info/*",
    "numpy/_core/include/*",
    "numpy/f2py/*",
    "mpl_toolkits/axisartist/*",
    "matplotlib/mpl-data/sample_data/*",
    "matplotlib/mpl-data/images/*",
    "matplotlib/mpl-data/fonts/afm/*",
    "matplotlib/mpl-data/fonts/pdfcorefonts/*",
    "*/fonts/ttf/DejaVuSerif*",
    "matplotlib/backends/web_backend/*",
    "*/_tkagg.*",
]

NOTICE = """Python in the page: what the scripts in this folder hold, unchanged in what is there.

Pyodide {version}, CPython compiled to WebAssembly: Mozilla Public License 2.0. Its source is at
github.com/pyodide/pyodide, the licence at mozilla.org/MPL/2.0.
CPython 3.14, Copyright (c) 2001 Python Software Foundation, All Rights Reserved: PSF License
Agreement. Its source is at github.com/python/cpython, the licence at
docs.python.org/3/license.html.
The packages, whose licences follow: {packages}.
"""

log = logging.getLogger(__name__)


def pinned():
    """Names and SHA-256 of all files."""
    return {name: sha256 for part in PARTS for name, sha256 in TABLE[part].items()}


def check(name, content):
    """Raise ValueError, naming the file, unless its content is the pinned one."""
    found = hashlib.sha256(content).hexdigest()
    if found != pinned()[name]:
        raise ValueError(
            f"{name}: its SHA-256 is {found}, but python_in_page.toml has {pinned()[name]}"
        )


def read_files(folder):
    """Return the content of all files by name, checked; None if one is not there."""
    if not all((folder / name).is_file() for name in pinned()):
        return None
    contents = {name: (folder / name).read_bytes() for name in pinned()}
    for name, content in contents.items():
        check(name, content)
    return contents


def as_tar(contents):
    """Return the bytes of an archive of {name: bytes}, the same at every call."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, content in sorted(contents.items()):
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def unpack_wheels(contents):
    """Return what is inside the wheels among {name: bytes}, without what no cell needs."""
    inside = {}
    for name, content in contents.items():
        if name.endswith(".whl"):
            with zipfile.ZipFile(io.BytesIO(content)) as wheel:
                inside |= {
                    file: wheel.read(file)
                    for file in wheel.namelist()
                    if not file.endswith("/")
                    and not any(fnmatch.fnmatch(file, pattern) for pattern in UNUSED)
                }
    return inside


def licences(contents):
    """Return the licences of all files as one text."""
    texts, packages = [], []
    for name, content in contents.items():
        if not name.endswith(".whl"):
            continue
        packages.append(" ".join(name.split("-")[:2]))
        with zipfile.ZipFile(io.BytesIO(content)) as wheel:
            for file in wheel.namelist():
                if re.search(r"(LICENSE|LICENCE|COPYING)[^/]*$", file):
                    text = wheel.read(file).decode()
                    texts.append(f"{'=' * 80}\n{packages[-1]}: {file}\n\n{text}")
    head = NOTICE.format(version=TABLE["version"], packages=", ".join(packages))
    return "\n".join([head, *texts])


def as_script(name, contents):
    """Return a script that holds files: text as it is, all else gzipped in base64."""
    held = {}
    for file, content in contents.items():
        if file.endswith(".js"):
            held[file] = content.decode()
        else:
            # A zip does not get smaller.
            level = 1 if file.endswith(".zip") else 9
            packed = gzip.compress(content, level, mtime=0)
            held[file] = base64.b64encode(packed).decode()
    return f"(self.pythonParts ??= {{}})[{json.dumps(name)}] = {json.dumps(held)};\n"


def package_part():
    """The worker and this book's package, but not its digits."""
    files = [
        p for p in PACKAGE.rglob("*") if p.is_file() and "__pycache__" not in p.parts
    ]
    python = {p.relative_to(PACKAGE.parent).as_posix(): p for p in files}
    code = {n: p.read_bytes() for n, p in python.items() if p.suffix != ".gz"}
    code |= {p.name: p.read_bytes() for p in SCRIPTS.glob("*.py")}
    worker = (SCRIPTS / "worker.js").read_bytes()
    digits = {n: p.read_bytes() for n, p in python.items() if p.suffix == ".gz"}
    return {"worker.js": worker, "package.tar": as_tar(code)}, {
        "digits.tar": as_tar(digits)
    }


def write_script(folder, name, source_digest, make):
    """Write the script NAME.js unless it is there already; return its address and its size."""
    target, head = folder / f"{name}.js", f"// {source_digest}\n"
    if target.exists():
        with target.open(encoding="utf-8") as file:
            known = file.readline() == head
    if not target.exists() or not known:
        target.write_text(head + as_script(name, make()), encoding="utf-8")
    return {
        "address": f"{name}.js?v={source_digest[:8]}",
        "size": target.stat().st_size,
    }


def digest(*contents):
    """A SHA-256 of several things, of how they are packed too."""
    whole = hashlib.sha256(Path(__file__).read_bytes())
    for content in contents:
        whole.update(
            content if isinstance(content, bytes) else json.dumps(content).encode()
        )
    return whole.hexdigest()


def write_scripts(contents, folder):
    """Write all scripts but those of the pages' files; return {part: address and size}."""
    folder.mkdir(parents=True, exist_ok=True)
    code, digits = package_part()
    written = {}
    for part in PARTS:
        files = {name: contents[name] for name in TABLE[part]}

        def make(part=part, files=files):
            rest = {n: c for n, c in files.items() if not n.endswith(".whl")}
            return rest | {f"{part}.tar": as_tar(unpack_wheels(files))}

        written[part] = write_script(folder, part, digest(TABLE[part], UNUSED), make)
    written["package"] = write_script(
        folder, "package", digest(*code.values()), lambda: code
    )
    written["digits"] = write_script(
        folder, "digits", digest(*digits.values()), lambda: digits
    )
    (folder / "LICENSES.txt").write_text(licences(contents), encoding="utf-8")
    return written


def stored_text(outputs):
    """What a cell printed and displayed, without its figures, as one text."""
    text = ""
    for output in outputs:
        data = output.get("data", {})
        if output["output_type"] == "stream":
            text += "".join(output["text"])
        elif "image/png" not in data:
            kinds = ("text/html", "text/markdown", "text/plain")
            best = next((data[kind] for kind in kinds if kind in data), "")
            text += "".join(best).rstrip("\n") + "\n"
    return text


def read_cells(path):
    """The code cells of a notebook: their place in it, their source, what they printed."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return [
        {
            "place": place,
            "source": "".join(cell["source"]),
            "stored": stored_text(cell["outputs"]),
        }
        for place, cell in enumerate(cells)
        if cell["cell_type"] == "code"
    ]


def files_read(path, cells):
    """Files of the book that the cells of the notebook `path` name, to be taken along."""
    found, book = set(), HERE.parent.resolve()
    for cell in cells:
        for name in re.findall(r"""["']([\w./{}-]+\.\w+)["']""", cell["source"]):
            for file in path.parent.glob(re.sub(r"\{.*?\}", "*", name)):
                if file.is_file() and file.resolve().is_relative_to(book):
                    found.add(file.resolve())
    return sorted(found)


def mark_cells(app, doctree):
    """Give each cell of a page its place in the notebook, as a class."""
    for cell in doctree.findall(nodes.container):
        if cell.get("nb_element") == "cell_code":
            cell["classes"].append(f"python-cell-{cell['cell_index']}")


def find_files(app, config):
    """Read the files. When they or what goes with them change, all pages are written again."""
    folder = Path(config.python_in_page_folder or FOLDER)
    try:
        app.python_files = read_files(folder)
    except ValueError as error:
        raise ExtensionError(f"Python in the page: {error}") from error
    config.python_in_page_state = ""
    if app.python_files:
        notebooks = sorted(HERE.parent.rglob("[!.]*.ipynb"))
        named = {f for n in notebooks for f in files_read(n, read_cells(n))}
        parts = [content for part in package_part() for content in part.values()]
        parts += [f.read_bytes() for f in sorted(named)]
        config.python_in_page_state = digest(TABLE, *parts)


def prepare(app):
    """Write the scripts, and say so where there is nothing to write."""
    if app.builder.format != "html":
        app.python_files = None
    if app.python_files is None:
        if app.builder.format == "html":
            log.info("Python in the page: left out (`make python-in-page` gets it)")
        return
    folder = Path(app.outdir) / "_static" / "python"
    app.python_parts = write_scripts(app.python_files, folder)
    app.python_files = True  # the bytes are not needed any more


def add_data(app, pagename, templatename, context, doctree):
    """Give a notebook's page its cells, and the scripts that run them."""
    path = Path(app.srcdir) / f"{pagename}.ipynb"
    if doctree is None or not app.python_files or not path.exists():
        return
    cells = read_cells(path)
    if not cells:
        return
    book = HERE.parent.resolve().parent
    files = {
        f.relative_to(book).as_posix(): f.read_bytes() for f in files_read(path, cells)
    }
    parts = dict(app.python_parts)
    if files:
        name = "files-" + pagename.replace("/", "-")
        folder = Path(app.outdir) / "_static" / "python"
        written = write_script(
            folder,
            name,
            digest(*files, *files.values()),
            lambda: {"files.tar": as_tar(files)},
        )
        parts["files"] = {"name": name, **written}
    data = json.dumps({"page": pagename, "parts": parts, "cells": cells})
    data = data.replace("<", "\\u003c")
    context["body"] += (
        f'<script type="application/json" id="python-in-page">{data}</script>'
    )
    app.add_css_file("python/python_in_page.css")
    app.add_js_file("python/python_in_page.js", loading_method="defer")


def setup(app):
    """Register with Sphinx."""
    app.add_config_value("python_in_page_folder", "", "env")
    app.add_config_value("python_in_page_state", "", "html")
    app.connect("config-inited", find_files)
    app.connect("builder-inited", prepare)
    app.connect("doctree-read", mark_cells)
    app.connect("html-page-context", add_data)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
