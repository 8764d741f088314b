"""How long Python in the page takes: python benchmarks/python_in_page.py, after
`make python-in-page book`, in the book's environment and on a machine that does nothing else.

Opens a page from disk in Chromium, runs cells in it, each round in a new browser, and writes
the medians to book/python_in_page.json, with the same epoch run natively beside them.
"""

import hashlib
import json
import statistics
import sys
import time
from pathlib import Path

from playwright.sync_api import sync_playwright

from nndl import Network, load_mnist

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))
from browser import launch  # noqa: E402, the tests' way to find a Chromium

PAGE = ROOT / "_build" / "html" / "book" / "chapter2" / "exercises.html"
ROUNDS = 3
TARGETS = {"Python ready": 10, "an epoch of [784, 30, 10]": 10}  # seconds
CELLS = {
    "Python ready": "print(1)",
    "the digits": "from nndl import Network, load_mnist\nd = load_mnist()",
    "an epoch of [784, 30, 10]": "n = Network([784, 30, 10], rng=1)\nn.sgd(d.train, 1, 10, 3.0);",
    "the next, with its test": "n.sgd(d.train, 1, 10, 3.0, d.test);",
    "an epoch of [784, 100, 10]": "Network([784, 100, 10], rng=1).sgd(d.train, 1, 10, 3.0);",
    "the first figure": "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()",
    "another figure": "plt.plot([2, 1])\nplt.show()",
    "hash": "import hashlib\nprint(hashlib.sha256(b''.join(a.tobytes() for a in"
    " [*n.weights, *n.biases])).hexdigest())",
}
# The longest time between two frames of the page, in milliseconds, since it was last asked.
FRAMES = """() => {
  let last = performance.now();
  window.longest = 0;
  const look = now => {
    window.longest = Math.max(window.longest, now - last);
    last = now;
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}"""


def seconds_in_page(browser):
    """Seconds of each cell, the longest pause of the page while it learns, and the hash."""
    tab = browser.new_page()
    tab.set_default_timeout(600_000)
    tab.goto(PAGE.as_uri())
    tab.evaluate("window.MathJax?.startup?.promise?.then(() => null)")
    tab.get_by_role("button", name="Edit cell 1", exact=True).click()
    editor = tab.locator(".python-editor").first
    tab.evaluate(FRAMES)
    times, pause = {}, 0.0
    for what, code in CELLS.items():
        editor.fill(code)
        tab.evaluate("() => { window.longest = 0; }")
        begin = time.perf_counter()
        editor.press("Control+Enter")
        tab.wait_for_function(
            "() => !document.documentElement.classList.contains('python-busy')"
            " && / s\\.$|stopped|work:/"
            ".test(document.querySelector('.python-status').textContent)"
        )
        times[what] = time.perf_counter() - begin
        said = tab.locator(".python-status").text_content()
        assert "ran" in said, said
        if "epoch" in what:
            pause = max(pause, tab.evaluate("window.longest") / 1000)
        tab.evaluate("document.querySelector('.python-status').textContent = ''")
    found = tab.locator(".python-yours pre").first.text_content().strip()
    tab.close()
    del times["hash"]
    return times | {"longest pause of the page meanwhile": pause}, found


def native():
    """Median seconds of the same epoch natively, and the hash after two."""
    digits, times = load_mnist(), []
    for _ in range(ROUNDS):
        net = Network([784, 30, 10], rng=1)
        begin = time.perf_counter()
        net.sgd(digits.train, 1, 10, 3.0, verbose=False)
        times.append(time.perf_counter() - begin)
    net.sgd(digits.train, 1, 10, 3.0, verbose=False)
    arrays = b"".join(a.tobytes() for a in [*net.weights, *net.biases])
    return statistics.median(times), hashlib.sha256(arrays).hexdigest()


def main():
    """Measure, print a table, and write the file for the page."""
    epoch, expected = native()
    rounds, hashes = [], {expected}
    with sync_playwright() as playwright:
        for _ in range(ROUNDS):
            browser = launch(playwright)
            times, found = seconds_in_page(browser)
            browser.close()
            rounds.append(times)
            hashes.add(found)
    medians = {w: round(statistics.median(r[w] for r in rounds), 2) for w in rounds[0]}
    parts = ROOT / "_build" / "html" / "_static" / "python"
    megabytes = {
        p.stem: round(p.stat().st_size / 1e6, 1)
        for p in sorted(parts.glob("*.js"))
        if p.stem in ("start", "matplotlib", "digits")
    }
    result = {
        "seconds": medians,
        "native epoch": round(epoch, 2),
        "same weights": len(hashes) == 1,
        "targets met": {w: medians[w] <= most for w, most in TARGETS.items()},
        "megabytes": megabytes,
    }
    (ROOT / "book" / "python_in_page.json").write_text(
        json.dumps(result, indent=1) + "\n"
    )
    print("| what | seconds |\n| --- | ---: |")
    for what, value in (medians | {"the epoch natively": round(epoch, 2)}).items():
        print(f"| {what} | {value} |")
    print("the same weights, to the bit:", result["same weights"])


if __name__ == "__main__":
    main()
