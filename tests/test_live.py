"""The live figures in a real browser: quiet, usable by pointer, touch and keyboard, and right.

Numbers are compared with NumPy and with `nndl`; tests/js/ tests the same functions in Node.
"""

import base64
import json
import re
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from browser import axe_findings
from loading import load
from site_pages import ROOT, SITE, needs_pages
from test_live_chapter4 import PAGES as CHAPTER_4

from nndl import Network, check_gradient, sigmoid, sigmoid_prime

pytestmark = needs_pages

LIVE = ROOT / "book" / "assets" / "live"
PAGES = {
    "draw_a_digit": "book/draw_a_digit",
    "one_neuron": "book/chapter1/shapes",
    "gradient_descent": "book/chapter1/gradient_descent",
    "backprop_steps": "book/chapter2/by_hand",
    "which_weight": "book/chapter2/four_equations",
    "bug_hunt": "book/chapter2/checking",
    "demon": "book/chapter2/speed_and_meaning",
}
every_figure = pytest.mark.parametrize("name", PAGES)


class Figure:
    """A live figure on its page."""

    def __init__(self, visit, name, **settings):
        self.name = name
        self.seen = visit(PAGES[name], formulas=False, **settings)
        self.tab = self.seen.tab
        self.place = self.tab.locator(f'[data-figure="{name}"]')

    def control(self, key):
        return self.tab.locator(f"#{self.name}-{key}")

    def values(self):
        """The list of values that the figure reports: {term: text}."""
        pairs = self.place.locator(".live-values > div").evaluate_all(
            "rows => rows.map(row => [...row.children].map(part => part.textContent))"
        )
        return {term: value.replace("−", "-") for term, value in pairs}

    def sentence(self):
        return self.place.locator(".live-sentence").inner_text().replace("−", "-")

    def ask(self, code, argument=None):
        """What the figure's own functions, as `f`, give in the browser."""
        return self.tab.evaluate(
            f"argument => {{ const f = live.figures.{self.name}; return {code}; }}",
            argument,
        )


@pytest.fixture
def figure(visit):
    return lambda name, **settings: Figure(visit, name, **settings)


@cache
def stored(name):
    """The value of the last line in a script that scripts/export_networks.py wrote."""
    text = (LIVE / f"{name}.js").read_text(encoding="utf-8")
    return json.loads(text.splitlines()[-1].split(" = ", 1)[1].rstrip(";"))


@cache
def network(name):
    """A stored network, rebuilt by NumPy."""
    facts = stored(f"network_{name}")
    return load("scripts/export_networks.py").unpack(facts["sizes"], facts["layers"])


# All figures


@every_figure
@pytest.mark.parametrize(
    ("width", "dark"), [(360, True), (1280, False)], ids=["phone-dark", "desk-light"]
)
def test_it_starts_quietly_fits_and_axe_finds_nothing(figure, name, width, dark):
    live = figure(name, width=width, dark=dark)
    live.seen.assert_clean()
    assert live.place.is_visible()
    assert live.place.get_attribute("aria-label")
    assert live.tab.evaluate("document.documentElement.scrollWidth") <= width
    assert axe_findings(live.tab, f'[data-figure="{name}"]') == []


@every_figure
def test_targets_are_large_enough_for_a_finger(figure, name):
    live = figure(name, width=360, has_touch=True)
    sizes = live.place.locator("input, button").evaluate_all(
        """all => all.map(one => (one.closest("label") ?? one).getBoundingClientRect())
                     .map(({width, height}) => Math.min(width, height))"""
    )
    assert sizes
    assert min(sizes) >= 24


@every_figure
def test_without_scripts_and_on_paper_a_picture_stands_for_it(figure, name):
    still = figure(name, java_script_enabled=False)
    assert not still.place.is_visible()
    assert still.tab.locator("figure.live > img").is_visible()
    live = figure(name)
    image = live.tab.locator("figure.live > img")
    assert not image.is_visible()
    live.tab.emulate_media(media="print")
    assert not live.place.is_visible()
    assert image.is_visible()
    assert image.evaluate("image => image.naturalWidth") > 300


@every_figure
def test_the_page_stays_light(figure, name):
    live = figure(name)
    files = live.tab.evaluate(
        """[...document.querySelectorAll("script[src], link[rel=stylesheet], article img")]
             .map(one => one.src || one.href)"""
    )
    paths = {
        SITE / Path(file.split("?")[0].removeprefix(SITE.as_uri() + "/"))
        for file in files
    }
    own = [
        path for path in paths if path.parent.name == "live" or path.suffix == ".svg"
    ]
    assert len(own) >= 4
    assert sum(path.stat().st_size for path in own) < 400_000


def test_other_pages_load_none_of_it():
    pages = {SITE / f"{page}.html" for page in (PAGES | CHAPTER_4).values()}
    for path in (SITE / "book").rglob("*.html"):
        loads = "_static/live/" in path.read_text(encoding="utf-8")
        assert loads == (path in pages), path


# One neuron


def test_one_neuron_by_keyboard(figure):
    live = figure("one_neuron")
    live.control("w").focus()
    for _ in range(4):
        live.tab.keyboard.press("ArrowRight")
    live.control("c").focus()
    live.tab.keyboard.press("ArrowRight")
    live.control("dw").fill("-0.5")
    x, w, b, c, dw, db = 1.0, 1.7, -0.5, 1.5, -0.5, 0.2
    z, values = w * x + b, live.values()
    output, slope = sigmoid(c * z), sigmoid_prime(c * z)
    predicted = c * slope * (x * dw + db)
    actual = sigmoid(c * ((w + dw) * x + b + db)) - output
    expected = {
        "z = wx + b": z,
        "output σ(cz)": output,
        "slope σ′(cz)": slope,
        "∂output/∂w": c * slope * x,
        "predicted Δoutput": predicted,
        "true Δoutput": actual,
    }
    for term, value in expected.items():
        assert abs(float(values[term]) - value) <= 0.5001e-4, term
    assert f"{predicted:.4f}" in live.sentence()
    live.seen.assert_clean()


def test_one_neuron_by_touch(figure):
    live = figure("one_neuron", width=360, has_touch=True)
    slider = live.control("b")
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    live.tab.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    assert abs(float(slider.input_value())) <= 0.1
    live.control("reset").tap()
    assert float(slider.input_value()) == -0.5
    assert live.values()["z = wx + b"] == "1.0000"


def test_one_neuron_sharpened_becomes_the_perceptron(figure):
    live = figure("one_neuron")
    live.control("c").fill("20")
    assert live.values()["output σ(cz)"] == "1.0000"
    live.control("b").fill("-1.5")
    assert live.values()["output σ(cz)"] == "0.5000"
    assert "says 0" in live.sentence()


# Gradient descent


def test_gradient_descent_on_the_bowl(figure):
    live = figure("gradient_descent")
    path = live.ask("f.descend({...f.initial, eta: 0.09})")
    v = np.array([-2.0, 1.0])
    for point in path:
        assert np.allclose(point["v"], v, rtol=0, atol=1e-12)
        v = v - 0.09 * np.array([2.0, 20.0]) * v
    words = {
        "0.04": "converges",
        "0.09": "zig-zags and converges",
        "0.1": "jumps for ever",
        "0.105": "diverges",
    }
    for eta, verdict in words.items():
        live.control("eta").fill(eta)
        assert f"the path {verdict}: C" in live.sentence()
    live.control("eta").fill("0.04")
    live.control("step").focus()
    live.tab.keyboard.press("ArrowRight")
    v = np.array([-2.0, 1.0]) * (1 - 0.04 * np.array([2.0, 20.0]))
    after = v * (1 - 0.04 * np.array([2.0, 20.0]))
    slopes, cost = np.array([2.0, 20.0]) * v, v[0] ** 2 + 10 * v[1] ** 2
    values = live.values()
    assert values["step"] == "1 → 2"
    predicted = float(values["predicted decrease η‖∇C‖²"])
    assert abs(predicted - 0.04 * slopes @ slopes) < 1e-4
    actual = cost - (after[0] ** 2 + 10 * after[1] ** 2)
    assert abs(float(values["actual decrease"]) - actual) < 1e-4
    live.seen.assert_clean()


@pytest.mark.parametrize("touch", [False, True])
def test_gradient_descent_starts_where_you_press(figure, touch):
    live = figure("gradient_descent", width=360 if touch else 1280, has_touch=touch)
    live.control("landscape-valley").check()
    svg = live.place.locator("svg.live-svg").first
    svg.scroll_into_view_if_needed()
    box = svg.bounding_box()
    scale = box["width"] / 340
    place = (box["x"] + (58 + 0.7 * 250) * scale, box["y"] + (28 + 0.25 * 230) * scale)
    live.tab.touchscreen.tap(*place) if touch else live.tab.mouse.click(*place)
    assert abs(float(live.control("v1").input_value()) - (-2.5 + 0.7 * 5)) <= 0.051
    assert abs(float(live.control("v2").input_value()) - (3 - 0.25 * 4.6)) <= 0.051
    v1, v2 = (float(live.control(key).input_value()) for key in ("v1", "v2"))
    cost = (v1 - 1) ** 2 / 2 + (v2 - v1**2) ** 2
    assert abs(float(live.values()["C"]) - cost) <= 0.5001e-4
    live.seen.assert_clean()


def test_gradient_descent_with_mini_batches(figure):
    live = figure("gradient_descent")
    live.control("noise-on").check()
    examples = np.array(live.ask("f.deviations()"))
    batches = live.ask("f.batches(10, 1)")
    path = live.ask("f.descend({...f.initial, noise: 'on', m: 10, seed: 1})")
    assert sorted(np.concatenate(batches[:10])) == list(range(100))
    v = np.array([-2.0, 1.0])
    for point, batch in zip(path, batches, strict=False):
        assert np.allclose(point["v"], v, rtol=0, atol=1e-9)
        v = v - 0.09 * (np.array([2.0, 20.0]) * v + examples[batch].mean(axis=0))
    before = live.sentence()
    live.control("again").click()
    assert live.sentence() != before
    live.seen.assert_clean()


# Backpropagation, step by step

NAMES = ["w²₁₁", "w²₁₂", "w²₂₁", "w²₂₂", "b²₁", "b²₂", "w³₁₁", "w³₁₂", "b³₁"]


def gradient(w2, b2, w3, b3, x, y):
    """The nine derivatives by nndl, in the order of NAMES."""
    net = Network([2, 2, 1], rng=0)
    net.weights = [np.array(w2), np.array([w3])]
    net.biases = [np.array([b]).T for b in (b2, b3)]
    x, y = np.array([x]).T, np.array([[y]])
    assert check_gradient(net, x, y) < 1e-8
    nabla_w, nabla_b = net.backprop(x, y)
    layers = (nabla_w[0], nabla_b[0], nabla_w[1], nabla_b[1])
    return np.concatenate([layer.ravel() for layer in layers])


def test_backprop_shows_the_numbers_of_its_page(figure):
    live = figure("backprop_steps")
    page = live.tab.locator("article").inner_text()
    table = re.findall(r"^([wb][23]_\d+) +(-?[\d.]+) +-?[\d.]+ +-?[\d.]+$", page, re.M)
    assert len(table) == 9
    live.control("next").focus()
    sentences = []
    for _ in range(13):
        live.tab.keyboard.press("Enter")
        sentences.append(live.sentence())
    assert [s.split(".")[0] for s in sentences] == [
        f"Step {i} of 13" for i in range(1, 14)
    ]
    values = live.values()
    for name, (_, value) in zip(NAMES, table, strict=True):
        assert values[f"∂C/∂{name}"] == value
    for printed in (
        "-0.6000",
        "0.3543",
        "-1.0578",
        "0.2577",
        "0.2755",
        "-0.1420",
        "0.2698",
    ):
        assert printed in " ".join(sentences)
        assert printed in page.replace("−", "-")
    assert float(re.search(r"at most (\S+) apart", " ".join(values.values()))[1]) < 1e-9
    live.seen.assert_clean()


def test_backprop_with_other_numbers_and_back_again(figure):
    live = figure("backprop_steps", width=360, has_touch=True)
    live.control("last").tap()
    live.control("x1").fill("-1.3")
    live.control("y").fill("0")
    live.control("w312").fill("2.5")
    expected = gradient(
        [[1.2, -1.0], [0.4, 0.6]], [0.3, 0.1], [1.7, 2.5], [-0.2], [-1.3, 1.5], 0.0
    )
    values = live.values()
    for name, value in zip(NAMES, expected, strict=True):
        assert abs(float(values[f"∂C/∂{name}"]) - value) <= 0.5001e-4
    live.control("page").tap()
    live.control("back").tap()
    assert live.sentence().startswith("Step 12 of 13")
    assert "…" in live.values()["∂C/∂w²₁₁"]
    live.control("first").tap()
    assert live.control("back").get_attribute("aria-disabled") == "true"
    live.seen.assert_clean()


def test_backprop_takes_any_number_and_says_what_it_cannot_take(figure):
    live = figure("backprop_steps")
    live.control("last").click()
    field = live.control("w211")
    field.fill("0.55")
    expected = gradient(
        [[0.55, -1.0], [0.4, 0.6]], [0.3, 0.1], [1.7, -1.9], [-0.2], [0.5, 1.5], 1.0
    )
    assert abs(float(live.values()["∂C/∂w²₁₁"]) - expected[0]) <= 0.5001e-4
    bounds = live.place.locator(".live-number:has(#backprop_steps-w211) .live-bounds")
    assert not bounds.is_visible()
    field.fill("99")
    assert field.get_attribute("aria-invalid") == "true"
    assert bounds.inner_text().replace("−", "-") == "from -20 to 20"
    field.fill("-3")
    assert not bounds.is_visible()
    live.seen.assert_clean()


def test_batch_size_is_at_rest_while_all_examples_are_used(figure):
    live = figure("gradient_descent")
    assert live.control("m").is_disabled()
    live.control("noise-on").check()
    assert live.control("m").is_enabled()
    live.seen.assert_clean()


def test_backprop_ignores_what_is_no_number(figure):
    live = figure("backprop_steps")
    live.control("last").click()
    before = live.values()
    live.control("w211").fill("")
    assert live.values() == before


# Which weight is it


def test_which_weight_both_ways(figure):
    live = figure("which_weight")
    lit = live.place.locator("[aria-pressed=true]")
    for layer, shape in {2: (4, 5), 3: (3, 4), 4: (2, 3)}.items():
        live.control(f"layer-{layer}").check()
        for j, k in np.ndindex(shape):
            entry = f"{layer},{j + 1},{k + 1}"
            live.place.locator(f'[data-focus="entry {entry}"]').dispatch_event("click")
            pressed = lit.evaluate_all("all => all.map(one => one.dataset.focus)")
            assert sorted(pressed) == [f"entry {entry}", f"wire {entry}"]
            assert live.values()["in code, from 0"] == f"w[{layer}][{j}, {k}]"
            assert live.values()["matrix"].endswith(f"shape {shape}")
    live.seen.assert_clean()


def test_which_weight_by_pointer_touch_and_keyboard(figure):
    live = figure("which_weight")
    svg = live.place.locator("svg").first
    svg.scroll_into_view_if_needed()
    ends = [
        svg.locator("circle").nth(i).bounding_box()
        for i in (5 + 1, 9 + 2)  # neuron 2 of layer 2 and neuron 3 of layer 3
    ]
    near_sender = [
        0.7 * (ends[0][at] + ends[0][size] / 2)
        + 0.3 * (ends[1][at] + ends[1][size] / 2)
        for at, size in (("x", "width"), ("y", "height"))
    ]
    live.tab.mouse.move(*near_sender)
    assert live.sentence().startswith("w³₃₂ leads to neuron 3 of layer 3 from neuron 2")
    live.place.locator('[data-focus="entry 3,3,2"]').focus()
    live.tab.keyboard.press("ArrowUp")
    live.tab.keyboard.press("ArrowLeft")
    assert live.values()["row, column"] == "2, 1"
    assert live.tab.evaluate("document.activeElement.dataset.focus") == "entry 3,2,1"
    phone = figure("which_weight", width=360, has_touch=True)
    phone.place.locator('[data-focus="entry 3,3,4"]').tap()
    assert "w³₄₃ does not exist" in phone.sentence()


# Draw a digit


@pytest.mark.parametrize("name", ["original", "scaled"])
def test_networks_are_the_ones_that_chapter_1_trained(mnist, name):
    facts, net = stored(f"network_{name}"), network(name)
    assert (LIVE / f"network_{name}.js").stat().st_size < 250_000
    right = net.feedforward(mnist.test.x).argmax(axis=0) == mnist.test.labels
    runs = json.loads((ROOT / "book/chapter1/experiments.json").read_text())
    sweep = {"original": "30 hidden", "scaled": "30 hidden, scaled"}[name]
    (run,) = (r for r in runs if (r["name"], r["seed"]) == (sweep, facts["seed"]))
    assert np.bincount(mnist.test.labels[right]).tolist() == run["correct_per_digit"]
    assert facts["correct"] == right.sum()
    assert facts["rounding"] < 1e-3


def test_buttons_show_digits_of_the_test_set(mnist):
    answers = network("original").feedforward(mnist.test.x).argmax(axis=0)
    for digit in stored("test_digits"):
        i = digit["index"]
        pixels = np.frombuffer(base64.b64decode(digit["image"]), np.uint8)
        assert (pixels / 256 == mnist.test.x[:, i]).all()
        assert digit["label"] == mnist.test.labels[i]
        assert digit["misread"] == (answers[i] != digit["label"])


@pytest.mark.parametrize("name", ["original", "scaled"])
def test_forward_pass_agrees_with_numpy_on_all_test_images(figure, mnist, name):
    live = figure("draw_a_digit")
    pixels = (mnist.test.x.T * 256).astype(np.uint8)
    outputs = []
    for batch in np.split(pixels, 10):
        outputs += live.tab.evaluate(
            """([name, images]) => {
                 const { decode, feedforward } = live.figures.draw_a_digit;
                 const layers = decode(liveData.networks[name]);
                 const k = Array.from(atob(images), (one) => one.charCodeAt(0) / 256);
                 return Array.from({ length: k.length / 784 }, (_, i) =>
                   feedforward(layers, k.slice(784 * i, 784 * (i + 1))).at(-1));
               }""",
            [name, base64.b64encode(batch.tobytes()).decode()],
        )
    ours, numpys = np.array(outputs).T, network(name).feedforward(mnist.test.x)
    assert ours.shape == (10, 10_000)
    assert np.count_nonzero(ours.argmax(axis=0) == numpys.argmax(axis=0)) >= 9995
    assert np.abs(ours - numpys).max() < 1e-3


PAINT = """
([place, images]) => {
  const canvas = document.querySelector(`${place} .live-pad canvas`);
  const context = canvas.getContext("2d");
  const small = new OffscreenCanvas(28, 28);
  return images.map((image) => {
    const data = new ImageData(28, 28);
    image.forEach((k, i) => { data.data[4 * i + 3] = k; });
    small.getContext("2d").putImageData(data, 0, 0);
    context.clearRect(0, 0, 280, 280);
    context.drawImage(small, 37, 11, 231, 231);
    const { data: painted } = context.getImageData(0, 0, 280, 280);
    const ink = Uint8Array.from({ length: 280 * 280 }, (_, i) => painted[4 * i + 3]);
    return [...live.figures.draw_a_digit.toMnist(ink, 280, 280)];
  });
}
"""


def test_painted_test_digits_are_read_about_as_often_as_the_originals(figure, mnist):
    live = figure("draw_a_digit")
    pixels = (mnist.test.x[:, :200].T * 256).astype(int).tolist()
    drawn = live.tab.evaluate(PAINT, ['[data-figure="draw_a_digit"]', pixels])
    labels = mnist.test.labels[:200]
    text = live.tab.locator("article").inner_text()
    for name in ("original", "scaled"):
        answers = network(name).feedforward(np.array(drawn).T).argmax(axis=0)
        right = np.count_nonzero(answers == labels)
        pattern = rf"{name} network reads (\d+) of them, and (\d+) as they are"
        painted, originals = map(int, re.search(pattern, text).groups())
        as_they_are = network(name).feedforward(mnist.test.x[:, :200]).argmax(axis=0)
        assert originals == np.count_nonzero(as_they_are == labels)
        assert abs(right - painted) <= 1, (
            right,
            painted,
        )  # browsers smooth differently
        assert right >= 0.95 * originals


THREE = [(80, 70), (140, 50), (190, 80), (180, 120), (130, 140)]
THREE += [(190, 160), (195, 210), (140, 235), (80, 215)]


def test_draw_with_the_mouse(figure):
    live = figure("draw_a_digit")
    canvas = live.place.locator(".live-pad canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    places = [(box["x"] + x, box["y"] + y) for x, y in THREE]
    live.tab.mouse.move(*places[0])
    live.tab.mouse.down()
    for place in places[1:]:
        live.tab.mouse.move(*place, steps=5)
    live.tab.mouse.up()
    assert live.sentence().startswith("It reads 3")
    live.control("network-scaled").check()
    assert live.sentence().startswith("It reads 3")
    live.control("clear").click()
    assert live.sentence().startswith("The paper is empty")
    blank = network("scaled").feedforward(np.zeros((784, 1)))[:, 0]
    shown = [float(live.values()[f"output {j}"]) for j in range(10)]
    assert np.abs(blank - shown).max() <= 0.5001e-4
    live.seen.assert_clean()


def test_draw_with_a_finger(figure):
    live = figure("draw_a_digit", width=360, has_touch=True)
    canvas = live.place.locator(".live-pad canvas")
    canvas.scroll_into_view_if_needed()
    assert canvas.evaluate("one => getComputedStyle(one).touchAction") == "none"
    box = canvas.bounding_box()
    session = live.tab.context.new_cdp_session(live.tab)
    scroll = live.tab.evaluate("scrollY")

    def touch(kind, places):
        points = [{"x": box["x"] + x, "y": box["y"] + y} for x, y in places]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", [(140, 30)])
    for y in range(40, 250, 10):
        touch("touchMove", [(140, y)])
    touch("touchEnd", [])
    assert live.sentence().startswith("It reads 1")
    assert live.tab.evaluate("scrollY") == scroll
    live.seen.assert_clean()


def test_draw_with_the_keyboard(figure):
    live = figure("draw_a_digit")
    live.place.locator(".live-pad canvas").focus()
    live.tab.keyboard.press("ArrowDown")
    live.tab.keyboard.press("Space")
    for _ in range(24):
        live.tab.keyboard.press("ArrowDown")
    live.tab.keyboard.press("Space")
    live.tab.keyboard.press("ArrowRight")
    assert live.sentence().startswith("It reads 1")
    live.seen.assert_clean()


def test_test_digits_by_their_buttons(figure):
    live = figure("draw_a_digit")
    for digit in stored("test_digits"):
        button = live.place.get_by_role(
            "button", name=f"test image {digit['index']}, a"
        )
        button.click()
        verdict = "Wrong" if digit["misread"] else "Right"
        assert live.sentence().startswith(f"Test image {digit['index']} is a")
        assert verdict in live.sentence()
    live.seen.assert_clean()
