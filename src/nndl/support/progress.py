"""How far a long run is, shown where somebody watches and stored nowhere."""

import sys
import time

WIDTH = 20  # of the bar, in characters
PATIENCE = 1.0  # seconds before a bar appears
INTERVAL = 0.2  # seconds between two pictures of it


class Progress:
    """A bar for a run of `total` steps, in a terminal or in a live notebook.

    It appears after a second, says what is done and how long the rest will
    take, and vanishes at the end of the `with` block. Nothing is shown if
    `wanted` is False or nobody watches: where stderr is a file, and in a
    notebook that a program executes.
    """

    def __init__(self, total, wanted=True):
        self._total, self._done = total, 0
        self._show = _find_screen() if wanted else None
        self._start = time.monotonic()
        self._next = self._start + PATIENCE
        self._visible = False

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.hide()

    def count(self, steps):
        """Iterate over some of the steps, and draw the bar when it is time to."""
        return steps if self._show is None else self._count(steps)

    def _count(self, steps):
        for step in steps:
            yield step
            self._done += 1
            if time.monotonic() >= self._next:
                self._draw()

    def hide(self):
        """Take the bar away until it is drawn again, so that a line can be printed."""
        if self._visible:
            self._show("")
            self._visible = False

    def _draw(self):
        now = time.monotonic()
        part = self._done / self._total
        bar = "#" * int(part * WIDTH)
        left = (now - self._start) * (1 - part) / part
        self._show(f"[{bar:.<{WIDTH}}] {part:4.0%}, {left:.0f} s left")
        self._visible, self._next = True, now + INTERVAL


def _find_screen():
    """Return a function that shows a text in place of the last one, or None."""
    if sys.stderr is not None and sys.stderr.isatty():
        return _show_in_terminal
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    # A front end that answers questions has a reader. Programs that execute
    # notebooks, such as nbclient and nbval, refuse them.
    if getattr(getattr(shell, "kernel", None), "_allow_stdin", False):
        return _NotebookScreen()
    return None


def _show_in_terminal(text):
    """Overwrite the line that the cursor is in."""
    sys.stderr.write(f"\r{text:<{WIDTH + 30}}" + ("" if text else "\r"))
    sys.stderr.flush()


class _NotebookScreen:
    """An output of the cell that changes its text, and is empty at the end."""

    def __init__(self):
        self._output = None

    def __call__(self, text):
        from IPython.display import display

        data = {"text/plain": text}
        if self._output is None:
            self._output = display(data, raw=True, display_id=True)
        else:
            self._output.update(data, raw=True)
