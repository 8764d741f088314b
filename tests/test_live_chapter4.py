"""The live figures of chapter 4 in a browser: quiet, by pointer, touch and keyboard."""

import pytest
from browser import axe_findings
from site_pages import needs_pages

pytestmark = needs_pages

PAGES = {
    "sculpt": "book/chapter4/start",
    "staircase": "book/chapter4/one_input",
    "tower": "book/chapter4/many_inputs",
    "holes": "book/chapter4/beyond",
}
every_figure = pytest.mark.parametrize("name", PAGES)


@pytest.fixture
def figure(visit):
    def open_page(name, **settings):
        seen = visit(PAGES[name], formulas=False, **settings)
        return seen, seen.tab.locator(f'[data-figure="{name}"]')

    return open_page


@every_figure
@pytest.mark.parametrize(
    ("width", "dark"), [(360, True), (1280, False)], ids=["phone-dark", "desk-light"]
)
def test_it_starts_quietly_fits_and_axe_finds_nothing(figure, name, width, dark):
    seen, place = figure(name, width=width, dark=dark)
    seen.assert_clean()
    assert place.is_visible()
    assert seen.tab.evaluate("document.documentElement.scrollWidth") <= width
    assert axe_findings(seen.tab, f'[data-figure="{name}"]') == []


@every_figure
def test_a_picture_stands_for_it_on_paper(figure, name):
    seen, place = figure(name)
    seen.tab.emulate_media(media="print")
    assert not place.is_visible()
    assert seen.tab.locator("figure.live > img").is_visible()


def score(place):
    return float(place.locator(".live-sentence b").first.inner_text())


def test_sculpt_by_pointer_keyboard_and_reveals(figure):
    seen, place = figure("sculpt")
    before = score(place)
    handle = place.locator('[data-focus="h4"]')
    handle.scroll_into_view_if_needed()
    box = handle.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    seen.tab.mouse.move(x, y)
    seen.tab.mouse.down()
    seen.tab.mouse.move(x, y - 40, steps=4)
    seen.tab.mouse.up()
    dragged = score(place)
    assert dragged < before
    place.locator('[data-focus="h0"]').focus()
    for _ in range(8):
        seen.tab.keyboard.press("ArrowDown")
    assert score(place) < dragged
    for mode, expected in [("medians", 0.359), ("moved", 0.231), ("trained", 0.012)]:
        seen.tab.locator(f"#sculpt-mode-{mode}").check()
        assert score(place) == expected
    seen.assert_clean()


def test_staircase_by_touch_and_keyboard(figure):
    seen, place = figure("staircase", width=360, has_touch=True)
    seen.tab.locator("#staircase-stage-many").check()
    first = place.locator('[data-focus="bump0"]')
    first.focus()
    before = float(first.get_attribute("aria-valuenow"))
    seen.tab.keyboard.press("PageUp")
    after = float(place.locator('[data-focus="bump0"]').get_attribute("aria-valuenow"))
    assert abs(after - before - 0.25) < 1e-3
    seen.tab.locator("#staircase-middles").tap()
    seen.tab.locator("#staircase-soften").tap()
    assert seen.tab.locator("#staircase-w").input_value() == "60"
    seen.assert_clean()


def test_holes_are_filled_by_copies(figure):
    seen, place = figure("holes")
    assert "0.0270" in place.locator(".live-sentence").inner_text()
    seen.tab.locator("#holes-M").fill("4")
    assert "0.25" in place.locator(".live-sentence").inner_text()
    seen.assert_clean()
