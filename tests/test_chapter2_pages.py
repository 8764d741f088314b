"""What the first pages of chapter 2 claim, repeated by other routes than those of their cells."""

import re

import nbformat
import numpy as np
import pytest
from site_pages import ROOT

from nndl import (
    CrossEntropy,
    Dense,
    Network,
    Quadratic,
    check_gradient,
    numerical_gradient,
    relative_error,
    sigmoid,
    sigmoid_prime,
)

FOLDER = ROOT / "book" / "chapter2"
NAMES = ["start", "by_hand", "four_equations", "algorithm", "layers", "tape"]
NAMES += ["checking", "one_digit", "speed_and_meaning"]
CELLS = {
    name: nbformat.read(FOLDER / f"{name}.ipynb", as_version=4).cells for name in NAMES
}
INDEX = (FOLDER / "index.md").read_text(encoding="utf-8")
FOLDED = {"hide-input", "remove-input", "hide-cell"}


def prose(name):
    """The text of a page."""
    cells = [c.source for c in CELLS[name] if c.cell_type == "markdown"]
    return "\n".join(cells)


def flat(pair):
    """nabla_w and nabla_b in one list."""
    return [*pair[0], *pair[1]]


def run(name, *cell_names):
    """The names that the cells so called of a page define."""
    scope = {"np": np, "sigmoid": sigmoid}
    for wanted in cell_names:
        (cell,) = [c for c in CELLS[name] if c.metadata.get("name") == wanted]
        exec(cell.source, scope)
    return scope


def example(sizes, m=1, seed=0):
    """A network with a batch of m random examples."""
    rng = np.random.default_rng(seed)
    return (
        Network(sizes, rng=seed),
        rng.random((sizes[0], m)),
        rng.random((sizes[-1], m)),
    )


# The text of the pages.


@pytest.mark.parametrize("name", NAMES)
def test_a_display_is_numbered_only_if_something_refers_to_it(name):
    """Those of the original are in the ledger, so that something does."""
    numbered = re.findall(r"^\$\$ \(([\w-]+)\)", prose(name), re.MULTILINE)
    pages = [*ROOT.glob("book/**/*.ipynb"), *ROOT.glob("book/**/*.md")]
    book = "\n".join(path.read_text(encoding="utf-8") for path in pages)
    assert [label for label in numbered if f"`{label}`" not in book] == []


@pytest.mark.parametrize("name", NAMES)
def test_thousands_are_set_apart_by_a_narrow_space_that_does_not_break(name):
    text = re.sub(r"`[^`]*`|\$[^$]*\$", "", prose(name))
    assert re.findall(r"\d{1,3} \d{3}\b", text) == []
    assert re.findall(r"(?<![\d.])\d{5,}\b", text) == []


@pytest.mark.parametrize("name", NAMES)
def test_no_page_uses_a_private_name_of_the_package(name):
    code = "\n".join(c.source for c in CELLS[name] if c.cell_type == "code")
    assert (
        re.findall(r"\b(?:net|Network|nndl|Dense)\.(_[a-z]\w*)", code + prose(name))
        == []
    )


def minutes(name):
    """150 words, 3 displayed formulas or 12 lines of code a minute, without folded ones."""
    text = re.sub(r"^````\{admonition\}.*?^````$", "", prose(name), flags=re.M | re.S)
    displays = len(re.findall(r"^\$\$\n", text, re.MULTILINE))
    text = re.sub(r"^\$\$\n.*?\n\$\$.*?$|^%.*?$", "", text, flags=re.M | re.S)
    lines = [
        line
        for cell in CELLS[name]
        if cell.cell_type == "code" and not FOLDED & set(cell.metadata.get("tags", []))
        for line in cell.source.splitlines()
        if line.strip()
    ]
    return len(text.split()) / 150 + displays / 3 + len(lines) / 12


@pytest.mark.parametrize("name", NAMES)
def test_the_reading_times_are_honest(name):
    (label,) = re.findall(r"^\((page-[\w-]+)\)=", prose(name), re.MULTILINE)
    (said,) = re.findall(rf"`{label}` \((\d+) minutes\)", INDEX)
    assert abs(int(said) - minutes(name)) < 4


def test_the_pages_come_in_the_order_of_the_index():
    labels = re.findall(r"^\d\. \{ref\}`(page-[\w-]+)`", INDEX, re.MULTILINE)
    mine = [re.search(r"\((page-[\w-]+)\)=", prose(name))[1] for name in NAMES]
    assert labels[: len(mine)] == mine


def test_the_table_by_hand_has_the_numbers_of_the_text():
    text = prose("by_hand")
    (cell,) = [c.source for c in CELLS["by_hand"] if "by_hand = [" in c.source]
    typed = re.findall(r"-?0\.\d{4}", "".join(re.findall(r"by_hand \+?= \[.*", cell)))
    assert len(typed) == 9
    formulas = "".join(re.findall(r"^\$\$\n(.*?)\n\$\$$", text, re.M | re.S))
    assert [number for number in typed if number not in formulas] == []


# Saturation: one statement, with its condition.


@pytest.mark.parametrize("z", [4.0, 8.0, 12.0])
def test_a_wrong_saturated_output_is_slow_with_the_quadratic_cost_only(z):
    """Measured at a weight, by nudges of the cost."""
    slopes = {}
    for cost in (Quadratic(), CrossEntropy()):
        net = Network([1, 1], cost=cost, rng=0)
        net.weights, net.biases = [[[0.0]]], [[[z]]]
        nudged, _ = numerical_gradient(net, np.ones((1, 1)), np.zeros((1, 1)))
        slopes[type(cost)] = nudged[0][0, 0]
    assert slopes[CrossEntropy] > 0.98
    assert slopes[Quadratic] < 0.02


@pytest.mark.parametrize("cost", [Quadratic(), CrossEntropy()])
def test_a_saturated_hidden_neuron_is_slow_with_either_cost(cost):
    net = Network([1, 1, 1], cost=cost, rng=0)
    x, y = np.ones((1, 1)), np.zeros((1, 1))
    net.weights, size = [[[0.0]], [[1.0]]], {}
    for bias in (0.0, 10.0):
        net.biases = [[[bias]], [[0.0]]]
        size[bias] = abs(numerical_gradient(net, x, y)[1][0][0, 0])
    assert size[10.0] < 1e-3 * size[0.0]


@pytest.mark.parametrize(
    "path", [FOLDER / "four_equations.ipynb", ROOT / "book/reference/glossary.md"]
)
def test_wherever_saturation_is_said_to_be_slow_the_cost_is_named(path):
    text = path.read_text(encoding="utf-8")
    said = re.findall(r"[^.;]*saturated output neuron[^.;]*", text)
    assert said
    for sentence in said:
        assert "quadratic cost" in sentence or "cross-entropy" in sentence, sentence


# Truncation, not rounding, is left where the outputs are right.


def test_at_the_targets_the_central_difference_has_its_truncation_error_only():
    """It grows with the square of the step, and rounding would fall with it."""
    net, x, _ = example([5, 4, 3, 2])
    y = net.feedforward(x)
    assert max(np.abs(g).max() for g in flat(net.backprop(x, y))) == 0
    left = [
        np.concatenate([g.ravel() for g in flat(numerical_gradient(net, x, y, h))])
        for h in (1e-4, 2e-4)
    ]
    large = np.abs(left[0]) > 0.1 * np.abs(left[0]).max()
    np.testing.assert_allclose(left[1][large] / left[0][large], 4, rtol=0.02)


# A transpose is tested by something that is not symmetric.


def test_the_jacobian_of_the_page_on_layers_is_not_symmetric_and_that_of_softmax_is():
    u = np.array([1.0, 2.0, 4.0])
    s = np.sum(u**2)
    share = 2 * u / s * (np.eye(3) - (u**2 / s)[:, np.newaxis])
    step = 1e-6 * np.eye(3)
    measured = [
        ((u + e) ** 2 / np.sum((u + e) ** 2) - (u - e) ** 2 / np.sum((u - e) ** 2))
        / 2e-6
        for e in step
    ]
    np.testing.assert_allclose(share, np.transpose(measured), atol=1e-9)
    assert np.abs(share - share.T).max() > 0.07
    a = np.exp(u) / np.exp(u).sum()
    softmax = np.diag(a) - np.outer(a, a)
    assert np.abs(softmax - softmax.T).max() < 1e-15


def test_compare_hides_no_entry():
    """What it prints has all entries, or says how many it has compared."""
    (source,) = [
        c.source for c in CELLS["four_equations"] if "def compare(" in c.source
    ]
    printed = []
    scope = {"relative_error": relative_error, "print": printed.append}
    exec(source, scope)
    small, large = np.arange(1.0, 7), np.arange(1.0, 13)
    scope["compare"]("six", small, small, 2 * small)
    assert all(f"{entry:.5f}" in printed[1] for entry in small)
    printed.clear()
    scope["compare"]("twelve", large, large, 2 * large)
    assert "12 entries" in printed[0]
    for wrong in ([small, small + 1e-5, 2 * small], [small, small, small]):
        with pytest.raises(AssertionError):
            scope["compare"]("wrong", *wrong)


# What is checked is what trains.


class WrongSign(Dense):
    """A layer whose BP4 has the wrong sign."""

    def differentiate(self, delta):
        super().differentiate(delta)
        self.nabla_w *= -1


def test_a_mistake_in_a_layer_is_seen_by_the_check_and_made_by_sgd():
    """So the check looks at the code that trains."""
    _, x, y = example([4, 3, 2], m=6)
    moved = []
    for kind in (Dense, WrongSign):
        net = Network([kind(3), kind(2)], inputs=4, rng=1)
        before = [w.copy() for w in net.weights]
        error = check_gradient(net, x, y)
        assert (error < 1e-7) == (kind is Dense)
        data = type("Data", (), {"x": x, "y": y})
        net.sgd(data, 1, 6, 0.5, verbose=False, reproducible=False)
        moved.append([after - w for w, after in zip(before, net.weights, strict=True)])
    assert relative_error(moved[0], [-step for step in moved[1]]) < 1e-12


# Layers and tape.


@pytest.mark.parametrize("sizes", [[3, 2], [4, 3, 2], [5, 4, 3, 2], [3, 3, 3, 3, 3, 3]])
@pytest.mark.parametrize("m", [1, 7])
def test_the_layer_of_the_page_gives_the_gradient_of_the_network(sizes, m):
    net, x, y = example(sizes, m)
    layer = run("layers", "sigmoid-layer")["SigmoidLayer"]
    layers = [layer(w, b) for w, b in zip(net.weights, net.biases, strict=True)]
    a = x
    for each in layers:
        a = each.forward(a)
    grad = (a - y) / m
    for each in reversed(layers):
        grad = each.backward(grad)
    ours = [each.nabla_w for each in layers] + [each.nabla_b for each in layers]
    assert relative_error(ours, flat(net.backprop(x, y))) < 1e-15
    assert grad.shape == x.shape


def test_what_crosses_the_cut_is_the_derivative_with_respect_to_the_activations():
    """BP2's left half, (N) by nudges of a^2 in a network that begins there."""
    net, _, y = example([5, 4, 3, 2])
    rng = np.random.default_rng(1)
    a2 = rng.random((4, 1))
    later = Network([4, 3, 2], rng=0)
    later.weights, later.biases = net.weights[1:], net.biases[1:]
    nudged = [
        (later.cost(a2 + e, y) - later.cost(a2 - e, y)) / 2e-5
        for e in 1e-5 * np.eye(4)[:, :, np.newaxis]
    ]
    delta3 = later.errors(a2, y)[0]
    crossing = later.weights[0].T @ delta3
    assert relative_error([crossing.ravel()], [nudged]) < 1e-7


def on_tape(net, x, y):
    """Gradients of the page's tape: nabla_w, then nabla_b, and that of x."""
    page = run("tape", "tape", "tape-linear", "tape-curved")
    tape, node = [], page["Node"]
    w, b = ([node(p) for p in ps] for ps in (net.weights, net.biases))
    a = inputs = node(x)
    for w_l, b_l in zip(w, b, strict=True):
        z = page["plus"](tape, page["product"](tape, w_l, a), b_l)
        a = page["squash"](tape, z)
    page["cost"](tape, a, y)
    page["backward"](tape)
    return [p.grad for p in w + b], inputs.grad


@pytest.mark.parametrize("sizes", [[3, 2], [4, 3, 2], [5, 4, 3, 2], [3, 3, 3, 3, 3, 3]])
@pytest.mark.parametrize("m", [1, 7])
def test_the_tape_gives_the_gradient_of_the_network(sizes, m):
    net, x, y = example(sizes, m)
    gradients, of_inputs = on_tape(net, x, y)
    assert relative_error(gradients, flat(net.backprop(x, y))) < 1e-15
    by_hand = net.weights[0].T @ net.errors(x, y)[0] / m
    assert relative_error([of_inputs], [by_hand]) < 1e-15


def test_the_tape_has_about_forty_lines():
    named = [c for c in CELLS["tape"] if c.metadata.get("name", "").startswith("tape")]
    lines = [line for c in named for line in c.source.splitlines()]
    assert 35 <= len(lines) <= 45


def test_pytorch_gives_the_gradients_of_the_tape():
    """The very lines that the page shows, where PyTorch is installed."""
    pytest.importorskip("torch")
    (lines,) = re.findall(r"```python\n(import torch\n.*?)```", prose("tape"), re.S)
    net, x, y = example([5, 4, 3, 2], m=7)
    scope = {"net": net, "x": x, "y": y}
    exec(lines, scope)
    ours, _ = on_tape(net, x, y)
    assert relative_error(scope["gradients"], ours) < 1e-14


def test_the_chain_of_two_neurons():
    """BP2 for one wire: two multiplications, against nudges of the hidden bias."""
    net = Network([1, 1, 1], rng=0)
    net.weights, net.biases = [[[0.8]], [[2.0]]], [[[-0.2]], [[-2.0]]]
    x, y = np.array([[1.5]]), np.array([[1.0]])
    _, nudged = numerical_gradient(net, x, y)
    z2 = 0.8 * 1.5 - 0.2
    predicted = 2.0 * nudged[1] * sigmoid_prime(z2)
    assert relative_error([predicted], [nudged[0]]) < 1e-8
