"""What the pages for reference say, and what stands in the notebooks they speak about."""

import re
from typing import NamedTuple

import nbformat
from site_pages import ROOT

BOOK = ROOT / "book"
NOTEBOOKS = sorted(BOOK.glob("chapter?/*.ipynb"))

CODE = re.compile(r"`([^`]+)`")
DISPLAY = re.compile(r"\$\$\n(.*?)\n\$\$(?: \(([\w-]+)\))?", re.DOTALL)
HEADING = re.compile(r"^#{2,3} (.*)$")
ORIGINAL = re.compile(r"\[(\\mathrm\{(?:N|BP)\}[^\]]*)\]")
PAGE_LABEL = re.compile(r"\((page-[\w-]+)\)=")
ROLE = re.compile(r"\{([\w:]+)\}`([^`]+)`")


class Row(NamedTuple):
    """One row of a table: its cells, and the heading and text above the table."""

    section: str
    intro: str
    cells: list[str]


def rows(page):
    """All rows of all tables of a page in book/reference, without their heads."""
    found, section, intro, in_table = [], "", "", 0
    for line in (BOOK / "reference" / f"{page}.md").read_text("utf-8").splitlines():
        if heading := HEADING.match(line):
            section, intro = heading[1], ""
        if line.startswith("| "):
            in_table += 1
            if in_table > 1:  # the first is the head
                found.append(Row(section, intro, line.strip("| ").split(" | ")))
        elif not line.startswith("|"):
            in_table = 0
            intro += f"{line}\n"
    return found


def roles(text, *names):
    """Targets of the roles of the given names in a text of MyST Markdown."""
    return [target for name, target in ROLE.findall(text) if name in names]


def code(text):
    """The pieces of code in a text of MyST Markdown, roles aside."""
    return CODE.findall(ROLE.sub("", text))


class Page:
    """A notebook: its label, its displayed equations and its code cells."""

    def __init__(self, path):
        cells = nbformat.read(path, as_version=4).cells
        prose = "\n".join(c.source for c in cells if c.cell_type == "markdown")
        self.label = PAGE_LABEL.search(prose)[1]
        self.equations = {label: tex for tex, label in DISPLAY.findall(prose) if label}
        self.code_cells = [cell for cell in cells if cell.cell_type == "code"]

    def originals(self, label):
        """Numbers of the original that the equation carries, such as N39 and BP1."""
        tags = ORIGINAL.findall(self.equations[label])
        plain = [re.sub(r"\\mathrm\{(\w+)\}", r"\1", tag) for tag in tags]
        return [number for tag in plain for number in tag.split(",")]


PAGES = {page.label: page for page in map(Page, NOTEBOOKS)}
EQUATIONS = {label: page for page in PAGES.values() for label in page.equations}
