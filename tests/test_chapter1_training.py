"""What chapter 1 says about learning: the runs of the lost digits, and the pages' own rules."""

import json
import re

import nbformat
import numpy as np
import pytest
from loading import load
from site_pages import ROOT

from nndl import LogLikelihood, Network, sigmoid, sigmoid_prime

PAGES = [
    "gradient_descent",
    "classifying_digits",
    "lost_digits",
    "exercises",
    "summary",
]
CELLS = {
    (hidden, width, push): f"{hidden}, {width}, {push}"
    for hidden in (30, 100)
    for width in ("narrow", "wide")
    for push in ("weak", "strong")
}


@pytest.fixture(scope="module")
def script():
    """The program as a module, without running it."""
    return load("experiments/lost_digits.py")


@pytest.fixture(scope="module")
def rows(script):
    return json.loads(script.FILE.read_text(encoding="utf-8"))


def failed(rows, group, epoch=5):
    """Runs of the group that have lost a digit after that epoch."""
    return sum(bool(r["lost"][epoch - 1]) for r in rows if r["group"] == group)


def page(name):
    return nbformat.read(ROOT / f"book/chapter1/{name}.ipynb", as_version=4)


def text(name):
    """The Markdown of a page."""
    return "\n".join(c.source for c in page(name).cells if c.cell_type == "markdown")


def test_the_file_holds_the_plan(rows, script):
    keys = ("group", "hidden", "weights_times", "biases_times", "eta", "epochs")
    keys += ("variant", "seed")
    assert [tuple(row[key] for key in keys) for row in rows] == script.plan()
    for row in rows:
        assert len(row["correct"]) == len(row["lost"]) == row["epochs"]
        assert len(row["median"]) == row["epochs"] + 1


@pytest.mark.parametrize("i", range(15))
def test_a_row_of_each_group_begins_the_same_again(rows, script, i):
    *group, _ = script.GROUPS[i]
    seed = 1 + i % 10
    again = script.run(*group[:5], 1, script.GROUPS[i][-1], seed)
    row = next(r for r in rows if r["group"] == group[0] and r["seed"] == seed)
    for key in ("spread", "spread_within", "squared_length"):
        assert again[key] == row[key]
    assert again["median"][0] == row["median"][0]
    if row["variant"] != "rounding off":  # without it, processors differ
        assert again["correct"] == row["correct"][:1]
        assert again["lost"] == row["lost"][:1]


def test_the_cells_differ_in_what_they_say(rows):
    """Narrow and wide in spread, weak and strong in push, and each in nothing else."""

    def mean(group, key):
        return np.mean([r[key] for r in rows if r["group"] == group])

    for (_, width, push), group in CELLS.items():
        assert abs(mean(group, "spread") - {"narrow": 3.7, "wide": 6.8}[width]) < 0.4
        eta = next(r["eta"] for r in rows if r["group"] == group)
        bound = 4 / 27 * eta * (mean(group, "squared_length") + 1)
        assert abs(bound - {"weak": 6.8, "strong": 21.5}[push]) < 1.2


def test_spread_decides_and_neither_push_nor_number_does(rows):
    counts = {key: failed(rows, group) for key, group in CELLS.items()}
    total = {
        word: sum(n for key, n in counts.items() if word in key)
        for word in (30, 100, "narrow", "wide", "weak", "strong")
    }
    assert total["wide"] >= 32 and total["narrow"] <= 8
    assert abs(total["weak"] - total["strong"]) <= 8
    assert abs(total[30] - total[100]) <= 8
    for hidden in (30, 100):
        for push in ("weak", "strong"):
            assert counts[hidden, "wide", push] - counts[hidden, "narrow", push] >= 5


def test_the_controls_of_the_verdict(rows):
    assert failed(rows, "100, wide, weak", 15) >= 8
    assert failed(rows, "100, narrow, weak", 15) <= 2
    for width in ("narrow", "wide"):
        off = failed(rows, f"100, {width}, strong, rounding off")
        assert abs(off - failed(rows, f"100, {width}, strong")) <= 1
    assert failed(rows, "30, wide, centred") >= 8
    assert failed(rows, "100, wide, centred") >= 8
    assert failed(rows, "30, wide by biases") < failed(rows, "30, wide, weak")
    assert failed(rows, "100, wide, fixed") >= 8
    assert failed(rows, "100, narrow, fixed") <= 3


def test_spread_is_the_root_of_the_squared_length_plus_one(rows):
    for group in ("30, narrow, weak", "100, wide, strong"):
        chosen = [r for r in rows if r["group"] == group]
        predicted = np.sqrt(np.mean([r["squared_length"] for r in chosen]) + 1)
        measured = np.sqrt(np.mean([r["spread"] ** 2 for r in chosen]))
        assert abs(measured / predicted - 1) < 0.1


def test_the_mean_pull_is_not_the_pull_at_the_median(script):
    net = script.start(100, 1.0, 1.0, None, 1)
    net.sgd(script.data().train, 1, 10, 3.0, verbose=False)
    z = script.outputs(net, script.hidden_layer(net, script.data().train.x[:, :2000]))
    labels = script.data().train.labels[:2000]
    ratios = []
    for j in range(10):
        own = z[j, labels == j]
        if np.median(own) < -5:
            ratios.append(sigmoid_prime(own).mean() / sigmoid_prime(np.median(own)))
    assert len(ratios) >= 3 and min(ratios) > 2 and max(ratios) > 20


def test_a_linear_network_with_another_cost_fits_the_training_digits_better(mnist):
    quadratic = Network([784, 10], rng=1, scaled=True)
    quadratic.sgd(mnist.train, 3, 10, 0.5, verbose=False)
    softmax = Network([784, 10], rng=1, scaled=True, cost=LogLikelihood())
    softmax.sgd(mnist.train, 3, 10, 0.05, verbose=False)
    assert softmax.accuracy(mnist.train) > quadratic.accuracy(mnist.train) + 0.003


def test_pixels_without_ink_are_white_and_keep_their_weights(mnist):
    white = mnist.train.x.max(axis=1) == 0
    assert np.count_nonzero(white) == 67
    net, start = Network([784, 10], rng=1), Network([784, 10], rng=1)
    net.sgd(mnist.train, 1, 10, 3.0, verbose=False)
    unchanged = (net.weights[0] == start.weights[0]).all(axis=0)
    assert unchanged[white].all() and unchanged[~white].mean() < 0.1
    assert "67 white pixels" in "".join(
        c.source for c in page("classifying_digits").cells
    )


def test_digits_in_numbers_are_separated_by_narrow_spaces():
    for name in PAGES:
        assert not re.findall(r"\d[ \u00a0]\d{3}(?!\d)", text(name)), name


def test_at_most_two_boxes_of_mistakes_a_page():
    for name in PAGES:
        assert text(name).count("A common mistake") <= 2, name


@pytest.mark.parametrize("name", ["fig-gd-bowl", "fig-gd-valley"])
def test_level_lines_are_drawn_with_equal_axes(name):
    cells = [c for c in page("gradient_descent").cells if "mystnb" in c.metadata]
    (cell,) = [c for c in cells if c.metadata["mystnb"]["figure"]["name"] == name]
    assert 'aspect="equal"' in cell.source


def test_no_figure_of_the_lost_digits_draws_a_number_from_nowhere():
    for cell in page("lost_digits").cells:
        for line in re.findall(r"ax[hv]line\((.*?)[,)]", cell.source):
            assert not re.fullmatch(r"-?\d+\.\d+", line), line


def test_every_exercise_is_graded_and_solved():
    source = text("exercises")
    labels = re.findall(r":label: (ex-1-\d+)\n\n\*(Easy|Medium|Hard)\.\*", source)
    assert [label for label, _ in labels] == re.findall(r":label: (ex-1-\d+)", source)
    assert len(labels) >= 18
    for label, _ in labels:
        assert f"{{solution-start}} {label}\n" in source
    assert source.lower().count("predict") >= 4


def test_sigmoid_prime_of_five():
    assert round(float(sigmoid_prime(5.0)), 3) == 0.007
    assert sigmoid(0.0) == 0.5
