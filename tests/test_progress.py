"""A bar where somebody watches, and no trace of it anywhere else."""

import io
import re
from contextlib import redirect_stdout
from types import SimpleNamespace

import nbformat
import numpy as np
import pytest
from jupyter_client.manager import start_new_kernel
from nbclient import NotebookClient

import nndl.support.progress
from nndl import Network
from nndl.support.progress import Progress


class Terminal(io.StringIO):
    """A text file that says that it is a terminal."""

    def isatty(self):
        """Say that somebody watches."""
        return True


@pytest.fixture
def terminal(monkeypatch):
    """A terminal in place of stderr, and no patience."""
    screen = Terminal()
    outside = SimpleNamespace(stderr=screen, modules={})
    monkeypatch.setattr(nndl.support.progress, "sys", outside)
    monkeypatch.setattr(nndl.support.progress, "PATIENCE", 0)
    monkeypatch.setattr(nndl.support.progress, "INTERVAL", 0)
    return screen


def last_line(text):
    """What a terminal shows in the line of the cursor, written with carriage returns."""
    line = []
    for piece in text.split("\r"):
        line[: len(piece)] = piece
    return "".join(line).rstrip()


def learn(**options):
    """Two epochs of thirty steps, of which the bar counts every tenth."""
    data = SimpleNamespace(
        x=np.zeros((3, 150)), y=np.zeros((2, 150)), labels=np.zeros(150, int)
    )
    Network([3, 2], rng=1).sgd(data, 2, 5, 1.0, test=data, **options)


def test_a_terminal_sees_every_step_until_the_last(terminal):
    seen = []
    with Progress(4) as progress:
        for _ in progress.count(range(3)):
            seen.append(last_line(terminal.getvalue()))
        seen.append(last_line(terminal.getvalue()))
    assert seen[0] == ""
    pictures = [re.sub(r"\d+ s left", "", line) for line in seen[1:]]
    assert pictures[0] == "[#####...............]  25%, "
    assert pictures[1] == "[##########..........]  50%, "
    assert pictures[2] == "[###############.....]  75%, "
    assert all(re.search(r", \d+ s left$", line) for line in seen[1:])
    assert last_line(terminal.getvalue()) == ""


def test_steps_are_counted_over_several_loops(terminal):
    with Progress(4) as progress:
        for _ in range(2):
            assert list(progress.count("ab")) == ["a", "b"]
    assert "100%" in terminal.getvalue()


def test_epochs_are_printed_in_lines_without_a_bar(terminal):
    """Both streams go to one screen, as they do in a terminal."""
    with redirect_stdout(terminal):
        learn()
    percentages = re.findall(r"(\d+)%", terminal.getvalue())
    assert percentages == ["17", "33", "50", "67", "83", "100"]
    first, second, rest = map(last_line, terminal.getvalue().split("\n"))
    assert re.fullmatch(r"Epoch 1: \d+ / 150", first)
    assert re.fullmatch(r"Epoch 2: \d+ / 150", second)
    assert rest == ""


def test_an_error_takes_the_bar_away(terminal):
    with pytest.raises(KeyboardInterrupt), Progress(4) as progress:
        for step in progress.count(range(4)):
            if step == 2:
                assert last_line(terminal.getvalue()).startswith("[")
                raise KeyboardInterrupt
    assert last_line(terminal.getvalue()) == ""


def test_a_short_run_shows_nothing(terminal, monkeypatch):
    monkeypatch.setattr(nndl.support.progress, "PATIENCE", 3600)
    learn()
    assert terminal.getvalue() == ""


def test_verbose_off_shows_nothing(terminal):
    learn(verbose=False)
    assert terminal.getvalue() == ""


def test_a_file_gets_nothing(terminal, monkeypatch):
    monkeypatch.setattr(terminal, "isatty", lambda: False)
    learn()
    assert terminal.getvalue() == ""


def test_a_program_without_stderr_works(terminal, monkeypatch):
    monkeypatch.setattr(nndl.support.progress.sys, "stderr", None)
    learn()


CELL = """
import numpy as np, nndl.support.progress
from types import SimpleNamespace
from nndl import Network

nndl.support.progress.PATIENCE = nndl.support.progress.INTERVAL = 0
data = SimpleNamespace(x=np.zeros((3, 150)), y=np.zeros((2, 150)))
Network([3, 2], rng=1).sgd(data, 2, 5, 1.0)[1].number
"""


def test_a_notebook_that_a_program_executes_stores_no_trace():
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(CELL)])
    NotebookClient(notebook, kernel_name="python3").execute()
    *streams, result = notebook.cells[0].outputs
    assert {stream.get("name") for stream in streams} == {"stdout"}
    assert "".join(stream.text for stream in streams) == "Epoch 1\nEpoch 2\n"
    assert result.data["text/plain"] == "2"


def test_a_reader_of_a_live_notebook_sees_one_bar_that_empties_itself():
    """As JupyterLab does, the client accepts questions."""
    manager, client = start_new_kernel(kernel_name="python3")
    messages = []
    try:
        client.execute_interactive(
            CELL, allow_stdin=True, output_hook=messages.append, timeout=60
        )
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    shown = [m["content"] for m in messages if m["msg_type"].endswith("display_data")]
    assert [m["msg_type"] for m in messages].count("display_data") == 1
    assert len({content["transient"]["display_id"] for content in shown}) == 1
    texts = [content["data"]["text/plain"] for content in shown]
    assert texts[0].startswith("[###....") and any("100%" in text for text in texts)
    assert texts[-1] == ""


def test_the_time_left_is_that_of_the_steps_so_far(terminal, monkeypatch):
    """A quarter in 2 seconds leaves 6."""
    clock = iter([0.0, *[2.0] * 4])
    monkeypatch.setattr(
        nndl.support.progress, "time", SimpleNamespace(monotonic=lambda: next(clock))
    )
    with Progress(4) as progress:
        steps = progress.count(range(4))
        next(steps)
        next(steps)
        assert last_line(terminal.getvalue()) == "[#####...............]  25%, 6 s left"
