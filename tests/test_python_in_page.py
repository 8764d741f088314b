"""Python in the page, without a browser: its files, its data, and how it runs a cell."""

import base64
import gzip
import hashlib
import io
import json
import subprocess
import sys
import tarfile
import types
import zipfile
from types import SimpleNamespace

import pytest
from loading import load
from site_pages import ROOT

sys.path.insert(0, str(ROOT / "book" / "_ext"))
import python_in_page

getting = load("scripts/get_python_in_page.py")

CONF = f"""
import sys
sys.path.insert(0, {str(ROOT / "book" / "_ext")!r})
extensions = ["myst_nb", "python_in_page"]
nb_execution_mode = "off"
"""


@pytest.fixture
def three(monkeypatch, tmp_path):
    """A table with the hashes of three small files, in a folder that has them."""
    folder, contents = tmp_path / "all", {}
    folder.mkdir()
    for name in ("a.zip", "b.mjs", "c-1.0-py3.whl"):
        contents[name] = name.encode()
        (folder / name).write_bytes(contents[name])
    pins = {n: hashlib.sha256(c).hexdigest() for n, c in contents.items()}
    parts = {
        "start": dict(list(pins.items())[:2]),
        "matplotlib": dict(list(pins.items())[2:]),
    }
    monkeypatch.setattr(python_in_page, "TABLE", python_in_page.TABLE | parts)
    return folder


def test_files_are_read_when_all_are_there(three):
    assert python_in_page.read_files(three)["b.mjs"] == b"b.mjs"
    (three / "b.mjs").unlink()
    assert python_in_page.read_files(three) is None


def test_a_wrong_byte_is_found_and_the_file_named(three):
    (three / "b.mjs").write_bytes(b"b.mjS")
    with pytest.raises(ValueError, match=r"b\.mjs: its SHA-256 is"):
        python_in_page.read_files(three)


def test_files_are_taken_from_one_source_after_the_other(three, tmp_path):
    here, target = tmp_path / "some", tmp_path / "target"
    here.mkdir()
    (here / "a.zip").write_bytes(b"a.zip")
    names = list(python_in_page.pinned())
    names = getting.get(names, getting.from_folder(here), target)
    assert names == ["b.mjs", "c-1.0-py3.whl"]
    assert getting.get(names, getting.from_folder(three), target) == []
    assert python_in_page.read_files(target)


def test_a_wrong_byte_of_a_source_is_not_taken(three, tmp_path):
    (three / "a.zip").write_bytes(b"a.zip ")
    with pytest.raises(ValueError, match=r"a\.zip"):
        getting.get(["a.zip"], getting.from_folder(three), tmp_path / "target")
    assert not (tmp_path / "target").exists()


def test_a_distribution_out_of_reach_is_asked_once(monkeypatch, tmp_path):
    asked = []

    def refuse(address, timeout):
        asked.append(address)
        raise OSError("no network")

    monkeypatch.setattr(getting.urllib.request, "urlopen", refuse)
    names = list(python_in_page.pinned())
    assert getting.get(names, getting.from_distribution, tmp_path) == names
    assert len(asked) == 1


def build(folder, files=None):
    """Build a page with one cell; return Sphinx's process and the page."""
    source, out = folder / "source", folder / "out"
    source.mkdir(exist_ok=True)
    setting = f"python_in_page_folder = {str(files or folder / 'nothing')!r}\n"
    (source / "conf.py").write_text(CONF + setting)
    cell = {"cell_type": "code", "metadata": {}, "outputs": [], "source": "print(1)"}
    cell |= {"id": "one", "execution_count": 1}
    language = {"language_info": {"name": "python"}}
    title = {"cell_type": "markdown", "metadata": {}, "source": "# One", "id": "title"}
    book = {
        "cells": [title, cell],
        "metadata": language,
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    (source / "index.ipynb").write_text(json.dumps(book))
    command = [
        sys.executable,
        "-m",
        "sphinx",
        "-W",
        "-b",
        "html",
        str(source),
        str(out),
    ]
    done = subprocess.run(command, capture_output=True, text=True)
    page = out / "index.html"
    return done, page.read_text(encoding="utf-8") if page.exists() else ""


def test_a_build_without_the_files_says_so_once_and_has_no_buttons(tmp_path):
    done, page = build(tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("Python in the page: left out") == 1
    assert "python_in_page" not in page and 'id="python-in-page"' not in page
    assert not (tmp_path / "out" / "_static" / "python").exists()


def test_a_build_with_a_wrong_byte_stops_and_names_the_file(tmp_path):
    files = tmp_path / "files"
    files.mkdir()
    for name in python_in_page.pinned():
        (files / name).write_bytes(b"wrong")
    done, page = build(tmp_path, files)
    assert done.returncode != 0 and not page
    assert "pyodide.mjs: its SHA-256 is" in done.stderr


def test_an_archive_is_the_same_each_time_and_complete():
    contents = {"b/c.py": b"two", "a.py": b"one"}
    packed = python_in_page.as_tar(contents)
    assert packed == python_in_page.as_tar(dict(reversed(contents.items())))
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        assert archive.getnames() == ["a.py", "b/c.py"]
        assert archive.extractfile("b/c.py").read() == b"two"


def test_a_script_holds_the_bytes():
    script = python_in_page.as_script("x", {"a.tar": b"\0\xff" * 99, "w.js": b"let a;"})
    held = json.loads(script.partition(" = ")[2].rstrip(";\n"))
    assert gzip.decompress(base64.b64decode(held["a.tar"])) == b"\0\xff" * 99
    assert held["w.js"] == "let a;"


def test_wheels_are_unpacked_without_what_no_cell_needs_and_keep_their_licences():
    wheel = io.BytesIO()
    with zipfile.ZipFile(wheel, "w") as archive:
        for name in ("p/core.py", "p/core.pyi", "p/tests/test_core.py"):
            archive.writestr(name, name)
        archive.writestr("p-1.0.dist-info/LICENSE", "Do what you like.")
    contents = {"p-1.0-py3-none-any.whl": wheel.getvalue()}
    assert python_in_page.unpack_wheels(contents) == {"p/core.py": b"p/core.py"}
    text = python_in_page.licences(contents)
    assert "Mozilla Public License" in text and "p 1.0" in text
    assert "Do what you like." in text


def test_the_package_comes_whole_and_its_digits_apart():
    code, digits = python_in_page.package_part()
    with tarfile.open(fileobj=io.BytesIO(code["package.tar"])) as archive:
        names = set(archive.getnames())
    sources = {
        p.relative_to(ROOT / "src").as_posix() for p in (ROOT / "src").rglob("*.py")
    }
    assert sources | {"runner.py", "page_backend.py"} <= names
    assert not any(name.endswith(".gz") for name in names)
    with tarfile.open(fileobj=io.BytesIO(digits["digits.tar"])) as archive:
        assert len(archive.getnames()) == 4


def test_stored_text_is_what_was_printed_and_displayed():
    outputs = [
        {"output_type": "stream", "name": "stdout", "text": ["one\n", "two\n"]},
        {
            "output_type": "display_data",
            "data": {"image/png": "", "text/plain": "<Figure>"},
        },
        {
            "output_type": "execute_result",
            "data": {"text/plain": ["3"], "text/html": ["<b>"]},
        },
    ]
    assert python_in_page.stored_text(outputs) == "one\ntwo\n<b>\n"


def test_files_that_cells_read_are_found():
    page = ROOT / "book" / "chapter1" / "neurons.ipynb"
    cells = [
        {"source": 'json.loads(Path("../butterfly.json").read_text())'},
        {"source": 'Path(f"../assets/live/network_{name}.js")'},
        {"source": 'open("../../pyproject.toml"), open("nothing.json"), "a.b"'},
    ]
    names = [path.name for path in python_in_page.files_read(page, cells)]
    assert sorted(names) == [
        "butterfly.json",
        "network_original.js",
        "network_scaled.js",
    ]


def test_pages_are_written_again_when_the_files_come(three):
    config = SimpleNamespace(python_in_page_folder=str(three / "none"))
    app = SimpleNamespace()
    python_in_page.find_files(app, config)
    before = config.python_in_page_state
    config.python_in_page_folder = str(three)
    python_in_page.find_files(app, config)
    assert before == "" and config.python_in_page_state


@pytest.fixture
def cell(monkeypatch):
    """Run a cell as the page does; return what was sent."""
    sent = []
    page = types.ModuleType("page")
    page.send = lambda kind, value: sent.append((kind, value))
    monkeypatch.setitem(sys.modules, "page", page)
    runner = load("book/assets/python/runner.py")
    runner.namespace["display"] = runner.display

    def run(source):
        sent.clear()
        with monkeypatch.context() as patch:
            patch.setattr(sys, "stdout", runner.Stream("text"))
            patch.setattr(sys, "stderr", runner.ErrorStream("error"))
            ok = runner.run(source, "<cell 1>")
        return ok, sent.copy()

    return run


def text_of(sent, kind="text"):
    return "".join(value for what, value in sent if what == kind)


def test_a_cell_prints_and_displays_its_last_expression(cell):
    ok, sent = cell("x = 6\nprint('x', end='=')\nx * 7")
    assert ok and text_of(sent) == "x=42"
    assert cell("x;") == (True, [])
    assert cell("x = None\nx") == (True, [])
    assert cell("") == (True, [])


def test_names_live_from_cell_to_cell(cell):
    assert cell("def f(): return 3")[0]
    assert text_of(cell("import inspect\nprint(inspect.getsource(f))")[1])
    assert text_of(cell("f()")[1]) == "3"


def test_an_error_has_a_last_line_and_a_traceback_of_the_cell_only(cell):
    ok, sent = cell("def f():\n    return 1 / 0\nf()")
    assert not ok
    assert text_of(sent, "last line") == "ZeroDivisionError: division by zero"
    told = text_of(sent, "traceback")
    assert "<cell 1>" in told and "return 1 / 0" in told and "runner.py" not in told
    ok, sent = cell("for")
    assert not ok and "SyntaxError" in text_of(sent, "last line")


def test_a_bar_is_sent_as_progress_and_a_warning_as_text(cell):
    _, sent = cell(
        "import sys\nsys.stderr.write('\\r[##..] 50%   ')\nprint('no', file=sys.stderr)"
    )
    assert text_of(sent, "progress") == "[##..] 50%"
    assert text_of(sent, "error") == "no\n"


def test_a_flood_of_text_is_cut_off(cell):
    ok, sent = cell("for i in range(100_000):\n    print('all work and no play')")
    assert ok and len(text_of(sent)) < 210_000 and "too long" in text_of(sent)
    assert text_of(cell("print('again')")[1]) == "again\n"


def test_html_is_shown_as_html(cell):
    class_ = "class A:\n    def _repr_html_(self):\n        return '<b>3</b>'\nA()"
    assert cell(class_)[1] == [("html", "<b>3</b>")]
