"""The live figures of chapter 2, the bug hunt and the demon: right, and playable by any hand.

Their numbers are computed again by NumPy and by `nndl`; the tests that every live figure has
to pass are in test_live.py.
"""

import json
import re
import shutil
import subprocess

import numpy as np
import pytest
from site_pages import ROOT, needs_pages
from test_live import Figure

from nndl import Network, check_gradient, numerical_gradient, relative_error

SIZES = [2, 3, 3, 2]


def ask_node(name, code):
    """What the functions of a figure, as `f`, give in Node."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("no Node; install it to run this test")
    program = "const { load } = require('./scripts/static_figures.js');"
    program += f"const f = load().figures.{name};"
    program += f"console.log(JSON.stringify({code}));"
    done = subprocess.run(
        [node, "-e", program], cwd=ROOT, check=True, capture_output=True, text=True
    )
    return json.loads(done.stdout)


def rebuilt(stored):
    """The network {w, b} of a figure as a Network of nndl."""
    net = Network(SIZES, rng=0)
    for i, (w, b) in enumerate(zip(stored["w"], stored["b"], strict=True)):
        net.weights[i], net.biases[i] = np.array(w), np.array(b).reshape(-1, 1)
    return net


def columns(examples):
    """The examples [{x, y}] of a figure as the matrices x and y."""
    return [np.array([example[key] for example in examples]).T for key in "xy"]


# The bug hunt


def sick_gradient(net, x, y, bug):
    """The gradients with one bug in them, by NumPy: written without a look at the figure's."""
    m = x.shape[1]
    a, z = [x], []
    for w, b in zip(net.weights, net.biases, strict=True):
        z.append(w @ a[-1] + b)
        a.append(1 / (1 + np.exp(-z[-1])))
    slope2, slope3, slope4 = (layer * (1 - layer) for layer in a[1:])
    w3, w4 = net.weights[1:]
    error = y - a[3] if bug == "sign" else a[3] - y
    delta4 = error if bug == "outputSlope" else error * slope4
    delta3 = w4.T @ delta4 * (1 if bug == "hiddenSlope" else slope3)
    back = {"transpose": w3 @ delta3, "notPassedOn": delta3}.get(bug, w3.T @ delta3)
    delta2 = back * {"hiddenSlope": 1, "otherSlope": slope3}.get(bug, slope2)
    deltas = [delta2, delta3, delta4]
    inputs = a[:3]
    if bug == "weightedInput":
        inputs = [x, z[0], z[1]]
    if bug == "ownActivation":
        inputs = [a[0], a[2], a[2]]
    nabla_w = [d @ i.T / m for d, i in zip(deltas, inputs, strict=True)]
    if bug == "turned":
        nabla_w[1] = nabla_w[1].T
    nabla_b = [d.mean(axis=1, keepdims=True) for d in deltas]
    if bug == "nextLayer":
        nabla_b[0] = nabla_b[1]
    if bug == "oneExample":
        nabla_b = [d[:, :1] for d in deltas]
    factor = {"sum": m, "twice": 1 / m}.get(bug, 1)
    return [factor * w for w in nabla_w], [factor * b for b in nabla_b]


def of_part(gradient, part):
    """The arrays of one part: "w2" to "b4", or "all" of them."""
    if part == "all":
        return [*gradient[0], *gradient[1]]
    return [gradient["wb".index(part[0])][int(part[1]) - 2]]


@pytest.fixture(scope="module")
def patients():
    """One patient for each bug, and a healthy one, with what the figure computes for it."""
    return ask_node(
        "bug_hunt",
        """["healthy", ...Object.keys(f.BUGS)].map((bug) => {
             let number = 1;
             while (f.admit(number).bug !== bug) number += 1;
             const patient = f.admit(number);
             const found = [1, 3, 8].map((m) => {
               const gradient = f.gradient(patient.net, patient.examples.slice(0, m), bug);
               const checks = f.PARTS.map((part) =>
                 [part, f.check(patient, { part, way: "each", h: 1e-3, m }).error]);
               return { m, gradient, checks };
             });
             return { ...patient, found };
           })""",
    )


def test_patients_gradients_are_those_of_numpy(patients):
    assert len(patients) == 14
    for patient in patients:
        net = rebuilt(patient["net"])
        for found in patient["found"]:
            x, y = columns(patient["examples"][: found["m"]])
            expected = sick_gradient(net, x, y, patient["bug"])
            for theirs, ours in zip(expected, "wb", strict=True):
                for layer, mine in zip(theirs, found["gradient"][ours], strict=True):
                    mine = np.array(mine).reshape(layer.shape)
                    assert np.abs(mine - layer).max() < 1e-12, patient["bug"]
            if patient["bug"] == "healthy":
                nabla = net.backprop(x, y)
                assert (
                    relative_error(of_part(nabla, "all"), of_part(expected, "all"))
                    < 1e-14
                )
                assert check_gradient(net, x, y) < 1e-7


def test_checks_are_those_of_nndl(patients):
    for patient in patients:
        net = rebuilt(patient["net"])
        for found in patient["found"]:
            x, y = columns(patient["examples"][: found["m"]])
            sick = sick_gradient(net, x, y, patient["bug"])
            differences = numerical_gradient(net, x, y, h=1e-3)
            for part, error in found["checks"]:
                ours = relative_error(of_part(sick, part), of_part(differences, part))
                assert abs(error - ours) < 1e-9, (patient["bug"], part)


@pytest.fixture
def hunt(visit):
    def open_hunt(**settings):
        live = Figure(visit, "bug_hunt", **settings)
        live.part = lambda part: live.place.locator(f'[data-part="{part}"]')
        return live

    return open_hunt


def meet(live, equation):
    """Go on to a patient with this equation wrong; returns its number and its bug."""
    number, bug = live.tab.evaluate(
        """(equation) => {
             let number = 1;
             while (live.figures.bug_hunt.admit(number).equation !== equation) number += 1;
             Math.random = () => (number - 0.5) / 999;
             return [number, live.figures.bug_hunt.admit(number).bug];
           }""",
        equation,
    )
    live.control("next").click()
    assert live.sentence().startswith(f"Patient {number} has")
    return number, bug


def shown_errors(live):
    """The relative errors in the list of questions, as numbers."""
    texts = [value for term, value in live.values().items() if term[0].isdigit()]
    return [float(re.sub(r" · 10(.*)", r"e\1", text)) for text in texts]


@needs_pages
def test_a_hunt_by_mouse(hunt):
    live = hunt()
    number, bug = meet(live, "BP2")
    live.control("power").fill("-5")
    for part in ("b4", "w2"):
        live.part(part).click()
    patient = live.ask("f.admit(argument)", number)
    x, y = columns(patient["examples"][:3])
    net = rebuilt(patient["net"])
    sick, right = sick_gradient(net, x, y, bug), net.backprop(x, y)
    expected = relative_error(of_part(sick, "w2"), of_part(right, "w2"))
    b4, w2 = shown_errors(live)
    assert b4 < 1e-6
    assert abs(w2 - expected) < 0.006
    assert f"{expected:.2f}" in live.part("w2").text_content()
    live.control("name-BP2").click()
    assert live.sentence().startswith("Right: it is BP2")
    assert "1 of 1 patient" in live.sentence()
    assert "✗" in live.part("w2").text_content()
    assert "✓" in live.part("b4").text_content()
    live.control("name-BP3").dispatch_event("click")
    assert "1 of 1 patient" in live.sentence(), "a verdict is final"
    live.seen.assert_clean()


@needs_pages
def test_a_hunt_by_keyboard(hunt):
    live = hunt()
    meet(live, "healthy")
    live.control("power").focus()
    for _ in range(9):
        live.tab.keyboard.press("ArrowRight")
    live.part("w2").focus()
    for key in ("Enter", "Tab", "Space"):
        live.tab.keyboard.press(key)
    focused = "document.activeElement.dataset.part"
    assert live.tab.evaluate(focused) == "w3", "the focus outlives the new drawing"
    assert len(shown_errors(live)) == 2
    assert max(shown_errors(live)) < 1e-6
    live.control("name-healthy").focus()
    live.tab.keyboard.press("Enter")
    assert live.sentence().startswith("Right: the patient is healthy")
    live.seen.assert_clean()


@needs_pages
def test_a_hunt_by_touch_and_a_check_that_lies(hunt):
    live = hunt(width=360, has_touch=True)
    meet(live, "healthy")
    assert live.control("power").input_value() == "-14"
    live.control("power").fill("-15")
    live.part("w2").tap()
    assert shown_errors(live)[0] > 1e-3, "rounding looks like a bug"
    live.control("name-BP2").tap()
    assert live.sentence().startswith("Not BP2: the patient is healthy")
    assert "rounding" in live.sentence()
    live.seen.assert_clean()


@needs_pages
def test_a_hunt_along_one_direction(hunt):
    live = hunt()
    meet(live, "BP1")
    live.control("power").fill("-5")
    live.control("way-direction").check()
    live.part("all").click()
    assert live.values()["questions, evaluations of the cost"] == "1, 2"
    live.seen.assert_clean()


# The demon


@pytest.fixture(scope="module")
def demons():
    """Some networks of the demon, with all derivatives and what a nudge does."""
    return ask_node(
        "demon",
        """[1, 2, 3].map((number) => {
             const given = f.example(number);
             const back = f.backward(given);
             const start = f.nudged(given, f.items[0], 0).C;
             const nudges = f.items.map((item) => ({
               ...item,
               slope: f.derivative(back, item),
               change: f.nudged(given, item, 0.7).C - start,
             }));
             return { ...given, tails: back.tails, nudges };
           })""",
    )


def test_demons_derivatives_and_changes_are_those_of_nndl(demons):
    for given in demons:
        net = rebuilt(given["net"])
        x, y = columns([given])
        nabla_w, nabla_b = net.backprop(x, y)
        before = net.cost(x, y)
        for item in given["nudges"]:
            i, j, k = item["layer"] - 2, item["j"] - 1, item.get("k", 0) - 1
            wire = item["kind"] == "wire"
            arrays, place = (
                (net.weights, (j, k)) if wire else (net.biases, (j, 0))
            )  # z moves as its bias does
            slope = (nabla_w if wire else nabla_b)[i][place]
            moved = arrays[i].copy()
            moved[place] += 0.7
            arrays[i], kept = moved, arrays[i]
            change = net.cost(x, y) - before
            arrays[i] = kept
            assert abs(item["slope"] - slope) < 1e-12
            assert abs(item["change"] - change) < 1e-12


def test_demons_tails_times_slopes_are_the_errors(demons):
    for given in demons:
        net = rebuilt(given["net"])
        x, y = columns([given])
        a = [x]
        for w, b in zip(net.weights, net.biases, strict=True):
            a.append(1 / (1 + np.exp(-w @ a[-1] - b)))
        errors = zip(given["tails"], a[1:], net.errors(x, y), strict=True)
        for tails, activation, delta in errors:
            slope = activation * (1 - activation)
            assert np.abs(np.array(tails)[:, None] * slope - delta).max() < 1e-12


@pytest.fixture
def demon(visit):
    def open_demon(**settings):
        live = Figure(visit, "demon", **settings)
        live.item = lambda item: live.place.locator(f'[data-item="{item}"]')
        live.network = rebuilt(live.ask("f.example(1).net"))
        live.example = columns([live.ask("f.example(1)")])
        return live

    return open_demon


def assert_shown(live, array, place, size):
    """The figure shows the derivative and the change of the cost for this nudge."""
    net, (x, y) = live.network, live.example
    nabla = net.backprop(x, y)["wb".index(array[0])][int(array[1]) - 2][place]
    parameters = {"w": net.weights, "b": net.biases}[array[0]]
    i, before = int(array[1]) - 2, net.cost(x, y)
    kept, moved = parameters[i], parameters[i].copy()
    moved[place] += size
    parameters[i] = moved
    change = net.cost(x, y) - before
    parameters[i] = kept
    values = live.values()
    assert abs(float(values["predicted ΔC"]) - nabla * size) < 0.6e-6
    assert abs(float(values["actual ΔC"]) - change) < 0.6e-6


@needs_pages
def test_demon_drags_a_neuron_and_a_wire(demon):
    live = demon()
    live.place.locator("svg").first.scroll_into_view_if_needed()
    box = live.item("neuron,3,2").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    live.tab.mouse.move(x, y)
    live.tab.mouse.down()
    live.tab.mouse.move(x + 10, y, steps=2)
    live.tab.mouse.move(x + 40, y, steps=3)
    assert live.sentence().startswith("z32 moves by +0.80")
    live.tab.mouse.up()
    live.tab.mouse.move(x + 90, y)
    assert_shown(live, "b3", (1, 0), 0.8)
    ends = [live.item(f"neuron,{at}").bounding_box() for at in ("2,3", "3,3")]
    x, y = (
        sum(end[at] + end[size] / 2 for end in ends) / 2
        for at, size in (("x", "width"), ("y", "height"))
    )
    live.tab.mouse.move(x, y)
    live.tab.mouse.down()
    live.tab.mouse.move(x, y + 30, steps=4)
    live.tab.mouse.up()
    assert live.sentence().startswith("w333 moves by -0.60")
    assert_shown(live, "w3", (2, 2), -0.6)
    live.seen.assert_clean()


@needs_pages
def test_demon_by_a_finger_that_may_scroll(demon):
    live = demon(width=360, has_touch=True)
    live.place.locator("svg").first.scroll_into_view_if_needed()
    box = live.item("neuron,2,2").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    session = live.tab.context.new_cdp_session(live.tab)

    def touch(kind, *places):
        points = [{"x": x, "y": y} for x, y in places]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", (x, y))
    for step in range(5, 55, 5):
        touch("touchMove", (x + step, y))
    touch("touchEnd")
    size = float(live.control("size").input_value())
    assert 0.5 < size <= 1
    assert_shown(live, "b2", (1, 0), size)
    live.item("wire,2,1,2").dispatch_event("click")
    assert live.sentence().startswith("w212 moves by")
    live.seen.assert_clean()


@needs_pages
def test_demon_by_keyboard(demon):
    live = demon()
    live.item("neuron,2,1").focus()
    for key in ("ArrowRight", "ArrowDown", "ArrowRight", "ArrowDown", "-", "-"):
        live.tab.keyboard.press(key)
    at = live.tab.evaluate("document.activeElement.dataset.item")
    assert at.startswith("neuron,3,")
    j = int(at[-1])
    assert live.sentence().startswith(f"z3{j} moves by +0.80")
    assert_shown(live, "b3", (j - 1, 0), 0.8)
    live.tab.keyboard.press("Tab")
    assert live.tab.evaluate("document.activeElement.id") == "demon-size"
    live.tab.keyboard.press("End")
    assert_shown(live, "b3", (j - 1, 0), 2)
    live.seen.assert_clean()


@needs_pages
def test_demon_remembers_tails(demon):
    live = demon()
    assert "needs 9 000 visits" in live.sentence().replace("\u202f", " ")
    live.control("remember-on").check()
    assert "needs 10 visits" in live.sentence()
    values = {term: text.replace("\u202f", "") for term, text in live.values().items()}
    wide = "[784, 30, 30, 30, 10], layers 2 to 5, "
    assert values[wide + "walking"] == "1 + 30 + 900 + 9000"
    assert values[wide + "remembering"] == "1 + 30 + 30 + 10"
    assert values["visits here, layers 2 to 4, walking"] == "1 + 3 + 6"
    assert values["visits here, layers 2 to 4, remembering"] == "1 + 3 + 2"
    live.seen.assert_clean()


@needs_pages
def test_demon_plays_layer_by_layer(demon):
    live = demon()
    ribbons = live.place.locator("svg").first.locator(".ribbon")
    assert ribbons.count() == 18
    live.control("step").click()
    assert ribbons.count() == 0
    for count in (6, 12, 18):
        live.control("step").click()
        assert ribbons.count() == count
    live.control("play").click()
    assert ribbons.count() < 18
    live.tab.wait_for_function(
        """document.querySelectorAll('[data-figure="demon"] svg .ribbon').length >= 18"""
    )
    live.seen.assert_clean()


# Both


@needs_pages
@pytest.mark.parametrize("name", ["bug_hunt", "demon"])
def test_letters_are_twelve_pixels_on_a_phone_and_controls_few(visit, name):
    live = Figure(visit, name, width=360)
    sizes = live.place.locator("svg.live-svg").evaluate_all(
        """all => all.flatMap((svg) => {
             const scale = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
             const words = [...svg.querySelectorAll("text, tspan")];
             return words.map((one) => scale * parseFloat(getComputedStyle(one).fontSize));
           })"""
    )
    assert len(sizes) > 10
    assert min(sizes) >= 12
    assert 1 <= live.place.locator(".live-controls > *").count() <= 7


@needs_pages
def test_speech_waits_until_the_hand_rests(visit):
    live = Figure(visit, "demon")
    spoken = live.place.locator("[role=status]")
    assert spoken.text_content() == ""
    slider = live.control("size")
    for size in ("0.5", "0.6", "0.7"):
        slider.fill(size)
    assert spoken.text_content() == ""
    live.tab.wait_for_timeout(700)
    assert "moves by +0.70" in spoken.text_content()
