"""Runs the cells of one page, in the browser, as Jupyter would, and sends the page what they do."""

import ast
import io
import linecache
import os
import sys
import time
import traceback
import types

import page  # the worker: page.send(kind, value)

INTERVAL = 0.05  # seconds between two pieces of a cell's text
LIMIT = 200_000  # characters that one cell may print
namespace = {"__name__": "__main__", "__builtins__": __builtins__}


def send(kind, value):
    """Send the page a text or some bytes."""
    page.send(kind, value)


class Stream(io.TextIOBase):
    """A text stream whose text goes to the page, in pieces that are not too many."""

    def __init__(self, kind):
        self._kind, self._held, self._sent, self._next = kind, "", 0, 0.0

    def writable(self):
        """It is for writing."""
        return True

    def write(self, text):
        """Hold the text, or send what is held when it is time to."""
        self._held += text
        if time.monotonic() >= self._next:
            self.flush()
        return len(text)

    def flush(self):
        """Send what is held, up to the limit of a cell."""
        if self._held and self._sent < LIMIT:
            send(self._kind, self._held[: LIMIT - self._sent])
            self._sent += len(self._held)
            if self._sent >= LIMIT:
                send(self._kind, "\n[The rest is not shown: it is too long.]\n")
        self._held, self._next = "", time.monotonic() + INTERVAL

    def begin(self):
        """Forget how much the last cell printed."""
        self._held, self._sent = "", 0


class ErrorStream(Stream):
    """Standard error: a terminal for the bar of a long run, which overwrites its line."""

    def isatty(self):
        """Somebody watches."""
        return True

    def write(self, text):
        """Send what begins with a carriage return as the state of the run."""
        if not text.startswith("\r"):
            return super().write(text)
        send("progress", text.strip("\r ").strip())
        return len(text)


def display(*values):
    """Show values as the page can: as a table or text of HTML, or as Python writes them."""
    sys.stdout.flush()
    for value in values:
        for kind, method in ("html", "_repr_html_"), ("text", "_repr_markdown_"):
            if hasattr(value, method):
                send(kind, getattr(value, method)())
                break
        else:
            send("text", repr(value))


class HTML:
    """Text to be shown as HTML."""

    def __init__(self, data):
        self.data = data

    def _repr_html_(self):
        return self.data


class Markdown:
    """Text in Markdown, which the page shows as it is."""

    def __init__(self, data):
        self.data = data

    def _repr_markdown_(self):
        return self.data


def _add_module(name, **content):
    """Make a module of that name importable."""
    sys.modules[name] = module = types.ModuleType(name)
    vars(module).update(content)
    parent, _, child = name.rpartition(".")
    if parent:
        setattr(sys.modules[parent], child, module)


def start(folder):
    """Stand in for what a notebook has around it, and go to the folder of the page."""
    sys.stdout, sys.stderr = Stream("text"), ErrorStream("error")
    os.environ["MPLBACKEND"] = "module://page_backend"
    _add_module("IPython", get_ipython=lambda: None, version_info=(9, 0))
    _add_module("IPython.display", display=display, HTML=HTML, Markdown=Markdown)
    _add_module("matplotlib_inline")
    # The page has one format of its own.
    _add_module(
        "matplotlib_inline.backend_inline", set_matplotlib_formats=lambda *a, **k: None
    )
    namespace["display"] = display
    os.makedirs(folder, exist_ok=True)
    os.chdir(folder)


def run(source, name):
    """Run a cell; send its error, if there is one, and return whether there was none."""
    sys.stdout.begin()
    sys.stderr.begin()
    # For tracebacks, and for inspect.getsource.
    linecache.cache[name] = len(source), None, source.splitlines(keepends=True), name
    try:
        _execute(source, name)
        if "page_backend" in sys.modules:  # something was drawn
            sys.modules["page_backend"].show()
    except BaseException as error:
        _send_error(error)
        return False
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
    return True


def _execute(source, name):
    """Execute the statements, and display the value of an expression at the end."""
    tree = ast.parse(source, name)
    last = None
    if tree.body and isinstance(tree.body[-1], ast.Expr):
        last = ast.Expression(tree.body.pop().value)
    exec(compile(tree, name, "exec"), namespace)
    if last is not None:
        value = eval(compile(last, name, "eval"), namespace)
        if value is not None and not source.rstrip().endswith(";"):
            display(value)


def _send_error(error):
    """Send the last line of an error, and how it came about, from the cell on."""
    told = traceback.TracebackException.from_exception(error)
    while told.stack and told.stack[0].filename in (__file__, ast.__file__):
        del told.stack[0]
    send("last line", "".join(told.format_exception_only()).strip().splitlines()[-1])
    send("traceback", "".join(told.format()))
