"""Where the built pages are, and in which order a reader meets them."""

import os
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parent.parent
SITE = ROOT / "_build" / "html"
TOC = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
NAMES = [TOC["root"]] + [
    entry["file"]
    for part in TOC["parts"]
    for chapter in part["chapters"]
    for entry in [chapter, *chapter.get("sections", [])]
]
EVERY_PAGE = [*NAMES, "404", "search", "genindex"]

needs_pages = pytest.mark.skipif(
    not SITE.exists() and not os.environ.get("CI"),
    reason="no built pages; run `make book` first",
)
