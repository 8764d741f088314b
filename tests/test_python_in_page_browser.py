"""Python in the pages, in a browser: it computes what is stored, and asks no other host.

Every notebook can be compared, the long ones too:
EVERY_NOTEBOOK=1 pytest tests/test_python_in_page_browser.py -k stored
"""

import functools
import hashlib
import http.server
import json
import os
import threading

import pytest
from browser import axe_findings, open_visit
from site_pages import ROOT, SITE, needs_pages
from test_browser import QuietHandler

from nndl import Network

PARTS = SITE / "_static" / "python"
pytestmark = [
    needs_pages,
    pytest.mark.skipif(
        not (PARTS / "start.js").exists() and not os.environ.get("CI"),
        reason="no Python in the pages; run `make python-in-page book` first",
    ),
]
WAIT = 300_000  # milliseconds, for a machine with one busy core

# Notebooks whose cells all take some seconds in a browser: without long training.
QUICK = [
    "chapter1/neurons",
    "chapter2/four_equations",
    "chapter2/by_hand",
    "chapter2/algorithm",
    "chapter2/exercises",
    "reference/errata",
    "reference/book_said_we_got",
    "draw_a_digit",
]
# Where a browser prints something else: what stands in the cell, and why.
EXCEPTIONS = {
    "np.errstate": "WebAssembly has no flags for overflow, so NumPy cannot notice any",
}
PAGES = QUICK
if os.environ.get("EVERY_NOTEBOOK"):
    notebooks = sorted((ROOT / "book").rglob("*.ipynb"))
    PAGES = [str(p.relative_to(ROOT / "book").with_suffix("")) for p in notebooks]

HASH = """import hashlib
from nndl import Network, load_mnist
digits = load_mnist()
net = Network([784, 30, 10], rng=1)
net.sgd(digits.train, 2, 10, 3.0)
arrays = [*net.weights, *net.biases]
print(hashlib.sha256(b"".join(a.tobytes() for a in arrays)).hexdigest())"""


@pytest.fixture(scope="module")
def server():
    """Address of a server, on this machine, of the built pages."""
    handler = functools.partial(QuietHandler, directory=SITE)
    running = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=running.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{running.server_port}"
    running.shutdown()
    running.server_close()


@pytest.fixture
def page(browser):
    """Open pages whose every request to another host is refused, and noted."""
    opened = []

    def open_page(name, **settings):
        seen = open_visit(browser, f"book/{name}", formulas=False, **settings)
        seen.tab.set_default_timeout(WAIT)
        seen.tab.route(
            lambda address: (
                not address.startswith(("file:", "blob:", "data:", "http://127.0.0.1:"))
            ),
            lambda route: route.abort(),
        )
        opened.append(seen)
        return seen

    yield open_page
    for seen in opened:
        seen.tab.context.close()


def status(seen, *words):
    """Wait until the page says one of these, and return all that it says."""
    seen.tab.wait_for_function(
        """words => words.some(word =>
            document.querySelector(".python-status").textContent.includes(word))""",
        arg=words,
        timeout=WAIT,
    )
    return seen.tab.locator(".python-status").text_content()


def button(seen, name):
    return seen.tab.get_by_role("button", name=name, exact=True).first


def write(seen, code, cell=1):
    """Replace the code of a cell by keyboard, and run it."""
    if seen.tab.get_by_role("button", name=f"Edit cell {cell}", exact=True).count():
        button(seen, f"Edit cell {cell}").click()
    editor = seen.tab.locator(".python-editor:visible").first
    editor.fill(code)
    editor.press("Control+Enter")


def printed(seen):
    """What the reader's own outputs say, by the place of their cells."""
    return seen.tab.evaluate(
        """() => {
          const texts = {};
          for (const cell of document.querySelectorAll("[class*=python-cell-]")) {
            const parts = cell.querySelectorAll(".python-yours > pre:not(.python-error-text)");
            const place = cell.className.match(/python-cell-(\\d+)/)[1];
            texts[place] = [...parts].map(pre => pre.textContent).join("");
          }
          return texts;
        }"""
    )


def stored(name):
    """What the notebook has stored, by place: what is printed, and HTML apart."""
    cells = json.loads((ROOT / f"book/{name}.ipynb").read_text(encoding="utf-8"))[
        "cells"
    ]
    for place, cell in enumerate(cells):
        if cell["cell_type"] != "code":
            continue
        source, text, html = "".join(cell["source"]), "", False
        for output in cell["outputs"]:
            data = output.get("data", {})
            text += "".join(output.get("text", "")) + "".join(
                data.get("text/markdown", "")
            )
            html = html or "text/html" in data
        yield str(place), source, text.strip(), html


@pytest.mark.parametrize("name", PAGES)
def test_all_cells_print_the_stored_text(page, name):
    seen = page(name)
    button(seen, "Run all").click()
    said = status(seen, "cells ran;", "stopped", "did not work")
    assert "cells ran;" in said, said
    mine, different, compared = printed(seen), [], 0
    for place, source, text, html in stored(name):
        if any(word in source for word in EXCEPTIONS) or place not in mine:
            continue
        if html:
            box = seen.tab.locator(f".python-cell-{place} > .python-yours")
            same = box.get_attribute("data-verdict") == "same"
        else:
            same = mine[place].strip() == text
        compared += bool(text or html)
        if not same:
            different.append((source, text, mine[place]))
    assert not different, different[0]
    assert compared >= 3
    undrawn = seen.tab.evaluate(
        """() => [...document.querySelectorAll(".cell:has(.cell_output img)")]
            .filter(cell => !cell.querySelector(".python-yours img")?.naturalWidth).length"""
    )
    assert undrawn == 0
    assert seen.tab.locator(".python-error-text").count() == 0  # no warning
    seen.assert_clean()


def test_eight_pages_at_least_are_compared():
    assert len(set(QUICK)) >= 8


def test_two_epochs_learn_the_same_weights_to_the_bit(page, server, mnist):
    net = Network([784, 30, 10], rng=1)
    net.sgd(mnist.train, 2, 10, 3.0, verbose=False)
    arrays = [*net.weights, *net.biases]
    native = hashlib.sha256(b"".join(a.tobytes() for a in arrays)).hexdigest()

    seen = page("chapter2/exercises", base=server)
    seen.tab.evaluate(
        """() => {
          window.bars = new Set();
          const bar = document.querySelector(".python-progress");
          const note = () => window.bars.add(bar.textContent);
          new MutationObserver(note).observe(bar, { childList: true });
        }"""
    )
    write(seen, HASH)
    status(seen, "Running")
    # The page answers while its worker learns.
    assert seen.tab.evaluate("[1, 2].map(x => 2 * x)") == [2, 4]
    assert button(seen, "Stop").is_visible()
    status(seen, "ran,", "stopped")
    text = seen.tab.locator(".python-yours pre").first.text_content()
    assert text.split("\n")[:3] == ["Epoch 1", "Epoch 2", native]
    assert any("s left" in bar for bar in seen.tab.evaluate("[...window.bars]"))
    seen.assert_clean()


def test_nothing_is_loaded_before_the_first_run_and_the_button_says_how_much(page):
    seen = page("chapter1/neurons")
    assert not seen.tab.evaluate(
        "performance.getEntriesByType('resource').some("
        "entry => /python\\/(start|package|matplotlib|digits)/.test(entry.name))"
    )
    assert seen.tab.evaluate("self.pythonParts") is None
    said = seen.tab.locator(".python-tools .python-load").first.text_content()
    size = sum(
        (PARTS / f"{name}.js").stat().st_size for name in ("start", "matplotlib")
    )
    assert said == f"loads Python and NumPy, matplotlib: {size / 1e6:.0f} MB, once"


def test_errors_stop_reset_reload_and_a_loop_without_end(page):
    seen = page("chapter2/exercises")
    write(seen, "def f():\n    return 1 / 0\nf()")
    assert "Cell 1 stopped: ZeroDivisionError: division by zero" in status(
        seen, "stopped"
    )
    error = seen.tab.locator(".python-error")
    assert error.locator("p").text_content() == "ZeroDivisionError: division by zero"
    assert not error.locator("pre").is_visible()
    error.locator("summary").click()
    assert "return 1 / 0" in error.locator("pre").text_content()

    write(seen, "while True:\n    pass")
    status(seen, "Running")
    button(seen, "Stop").click()
    status(seen, "Stopped.")
    write(seen, "print(6 * 7)")
    status(seen, "with your change")
    assert seen.tab.locator(".python-yours pre").text_content() == "42\n"

    # A change survives a reload, until it is taken back.
    seen.tab.reload()
    assert seen.tab.locator(".python-editor").input_value() == "print(6 * 7)"
    button(seen, "Reset all").click()
    assert not seen.tab.locator(".python-editor").is_visible()
    seen.tab.reload()
    assert seen.tab.locator(".python-editor").count() == 0
    seen.assert_clean()


def test_two_pages_at_once_have_a_namespace_each(page, server):
    first, second = page("chapter2/exercises", base=server), page("reference/errata")
    write(first, "mine = 1\nprint('mine' in globals())")
    write(second, "print('mine' in globals())")
    for seen, text in (first, "True\n"), (second, "False\n"):
        status(seen, "with your change")
        assert seen.tab.locator(".python-yours pre").text_content() == text
        seen.assert_clean()


@pytest.mark.parametrize("dark", [False, True])
def test_accessible_and_as_wide_as_a_phone(page, dark):
    width = 360 if dark else 1280
    seen = page("chapter1/neurons", width=width, dark=dark, height=740)
    write(seen, "import matplotlib.pyplot as plt\nprint(7 * '123456789 ' * 9)\n1 / 0")
    status(seen, "stopped")
    parts = (
        ".python-intro",
        ".python-tools",
        ".python-editor",
        ".python-yours",
        ".python-bar",
    )
    assert axe_findings(seen.tab, *parts) == []
    assert seen.tab.evaluate("document.scrollingElement.scrollWidth") <= width


def test_by_keyboard(page):
    seen = page("chapter2/exercises")
    focused = "document.activeElement.getAttribute('aria-label')"
    button(seen, "Edit cell 1").focus()
    seen.tab.keyboard.press("Enter")
    assert "Code of cell 1" in seen.tab.evaluate(focused)
    seen.tab.keyboard.press("Escape")
    assert seen.tab.evaluate(focused) == "Edit cell 1"
    seen.tab.keyboard.press("Enter")
    seen.tab.keyboard.type("if True:\nprint(1)")
    assert "if True:\n    print(1)" in seen.tab.locator(".python-editor").input_value()
    seen.tab.keyboard.press("Escape")
    assert seen.tab.evaluate(focused) == "Run cell 1"
    seen.tab.keyboard.press("Tab")
    assert seen.tab.evaluate(focused) == "Reset cell 1"
    seen.tab.keyboard.press("Enter")
    assert seen.tab.evaluate(focused) == "Edit cell 1"
