"""The data file of chapter 1: complete, plausible, and what the package computes today."""

import json

import numpy as np
import pytest
from loading import load

from nndl import Network


@pytest.fixture(scope="module")
def experiments():
    """The script as a module, without running it."""
    return load("experiments/chapter1.py")


@pytest.fixture(scope="module")
def rows(experiments):
    return json.loads(experiments.FILE.read_text())


def percent(rows, name):
    """Test accuracy in percent, an array (seeds, epochs)."""
    return np.array([row["correct"] for row in rows if row["name"] == name]) / 100


def test_the_file_holds_the_plan(rows, experiments):
    keys = ("name", "sizes", "scaled", "eta", "epochs", "seed")
    assert [tuple(row[key] for key in keys) for row in rows] == experiments.plan()


def test_every_row_has_a_count_per_epoch(rows, mnist):
    per_digit = np.bincount(mnist.test.labels)
    for row in rows:
        assert len(row["correct"]) == len(row["correct_validation"]) == row["epochs"]
        assert len(row["correct_per_digit"]) == 10
        assert all(np.array(row["correct_per_digit"]) <= per_digit)
        assert sum(row["correct_per_digit"]) == row["correct"][-1]


@pytest.mark.parametrize("name", ["30 hidden", "100 hidden", "no hidden, scaled"])
def test_two_epochs_come_out_the_same_again(rows, mnist, name):
    row = next(row for row in rows if row["name"] == name)
    net = Network(row["sizes"], rng=row["seed"], scaled=row["scaled"])
    history = net.sgd(
        mnist.train, 2, row["batch_size"], row["eta"], mnist.test, verbose=False
    )
    assert [epoch.correct for epoch in history] == row["correct"][:2]
    validation = round(net.accuracy(mnist.validation) * 10_000)
    assert validation == row["correct_validation"][1]


def test_the_script_makes_the_same_rows_again(rows, experiments):
    row = next(row for row in rows if row["name"] == "30 hidden, binary code")
    arguments = [row[key] for key in ("name", "sizes", "scaled", "eta")]
    again = experiments.run(*arguments, epochs=1, seed=row["seed"])
    assert again["correct"] == row["correct"][:1]
    assert again["correct_validation"] == row["correct_validation"][:1]


def test_healthy_networks_learn_as_well_as_the_original_says(rows):
    best = percent(rows, "30 hidden").max(axis=1)
    assert len(best) == 20
    assert np.count_nonzero(best < 90) == 1  # one network of 20 loses a digit
    best = best[best > 90]
    assert best.min() > 94.4 and best.max() < 95.6
    assert np.mean(best >= 95.42) > 0.1  # the original's best of three
    assert percent(rows, "30 hidden, scaled")[:, -1].min() > 95.4
    assert percent(rows, "100 hidden, scaled")[:, -1].min() > 97.5
    linear = percent(rows, "no hidden, scaled")[:, -1]
    assert linear.min() > 91.9 and linear.max() < 92.4
    assert percent(rows, "30 hidden, binary code").max() < 93.2


def test_failures_fail_as_the_page_says(rows, mnist):
    for name, failed, seeds in [
        ("100 hidden", 8, 10),
        ("100 hidden, more seeds", 4, 6),
        ("no hidden", 8, 9),
    ]:
        per_digit = [r["correct_per_digit"] for r in rows if r["name"] == name]
        recall = np.array(per_digit) / np.bincount(mnist.test.labels)
        assert len(recall) == seeds
        assert np.count_nonzero((recall < 0.1).any(axis=1)) == failed
    creeping = percent(rows, "100 hidden, eta 0.001")
    assert creeping.max() < 31 and (np.diff(creeping[:, 10:]) > 0).mean() > 0.9
    assert percent(rows, "30 hidden, eta 100")[:, -1].max() < 12
