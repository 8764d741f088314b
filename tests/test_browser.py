"""The built pages in a real browser: complete, quiet, and all of it from this book."""

import pytest
from site_pages import NAMES


@pytest.mark.parametrize("name", NAMES)
def test_page_is_quiet_and_self_contained(visit, name):
    seen = visit(name)
    seen.assert_clean()
