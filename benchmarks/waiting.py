"""What a contributor waits for: python benchmarks/waiting.py, in the book's environment.

Prints a Markdown table of the seconds of `make book` and `make test` on a tree that has not
changed since the last call, of all notebooks under nbval, and of loading pages in Chromium.
Needs Chromium, as the tests of the pages do.
"""

import statistics
import subprocess
import sys
import time
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))
from browser import launch  # noqa: E402, the tests' way to find a Chromium

COMMANDS = ["make book", "make test-notebooks", "make test"]
PAGES = ["index", "chapter1/classifying_digits", "chapter2/four_equations"]


def seconds(command):
    """Wall-clock seconds of a command that must succeed."""
    begin = time.perf_counter()
    subprocess.run(command.split(), cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - begin


def page_seconds(browser, name):
    """Median seconds until a page from disk is loaded and its formulas are typeset."""
    times = []
    for _ in range(5):
        tab = browser.new_page()
        begin = time.perf_counter()
        tab.goto((ROOT / "_build" / "html" / "book" / f"{name}.html").as_uri())
        tab.evaluate("window.MathJax?.startup?.promise?.then(() => null)")
        times.append(time.perf_counter() - begin)
        tab.close()
    return statistics.median(times)


def main():
    """Measure and print, a row at a time."""
    subprocess.run(["make", "book"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    print("| what | seconds |\n| --- | ---: |")
    for command in COMMANDS:
        print(f"| `{command}` | {seconds(command):.0f} |", flush=True)
    with sync_playwright() as playwright:
        browser = launch(playwright)
        for name in PAGES:
            print(f"| load `{name}.html` | {page_seconds(browser, name):.1f} |")
        browser.close()


if __name__ == "__main__":
    main()
