"""Chapter 4: the stored networks, the bound and the constructions, by other routes."""

import json
import shutil
import subprocess

import numpy as np
import pytest
from loading import load
from site_pages import ROOT

from nndl import Dense, Network, Quadratic, identity, sigmoid

SCRIPT = """
const {{ load }} = require("./scripts/static_figures.js");
const {{ figures }} = load();
const [xs, points] = JSON.parse({data!r});
const at = (name, state) => ({{ ...figures[name].initial, ...state }});
const stairs = at("staircase", {{ stage: "many", w: 60, n: 10 }});
console.log(JSON.stringify({{
  trained: figures.sculpt.network(at("sculpt", {{ mode: "trained" }}), xs),
  parameters: figures.sculpt.TRAINED,
  stairs: figures.staircase.output(stairs, xs),
  heights: stairs.heights,
  tower: figures.tower.value(at("tower", {{ angle: 35 }}), points),
  holes: figures.holes.surface(at("holes", {{ M: 2 }}), xs, xs),
}}));
"""
XS = np.linspace(0, 1, 41)
POINTS = np.random.default_rng(0).random((50, 2))


@pytest.fixture(scope="module")
def chapter():
    """The training program as a module, without running it."""
    return load("experiments/chapter4.py")


@pytest.fixture(scope="module")
def rows(chapter):
    return json.loads(chapter.FILE.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def javascript():
    """What the live figures' own functions give, in Node."""
    if shutil.which("node") is None:
        pytest.skip("no Node")
    data = json.dumps([XS.tolist(), POINTS.tolist()])
    command = ["node", "-e", SCRIPT.format(data=data)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def one_input(w, b, v, c):
    net = Network(
        [Dense(len(w), sigmoid), Dense(1, identity)], inputs=1, cost=Quadratic()
    )
    net.weights = [np.reshape(w, (-1, 1)), np.reshape(v, (1, -1))]
    net.biases = [np.reshape(b, (-1, 1)), np.reshape(c, (1, 1))]
    return net


def test_the_file_holds_every_run(rows, chapter):
    found = {(r["method"], r["start"], r["n"], r["seed"]) for r in rows}
    least = {
        ("lm", t, n, s)
        for t in chapter.STARTS
        for n in chapter.SIZES
        for s in chapter.SEEDS
    }
    sgd = {
        ("sgd", t, n, s)
        for t in chapter.STARTS
        for n in chapter.SGD_SIZES
        for s in chapter.SGD_SEEDS
    }
    assert found == least | sgd


def test_the_stored_parameters_have_the_stored_errors(rows, chapter):
    kept = [row for row in rows if "parameters" in row]
    assert {row["n"] for row in kept} == set(chapter.SIZES)
    for row in kept:
        net = chapter.network(row["n"])
        chapter.put(net, np.array(row["parameters"]))
        assert abs(chapter.error(net) - row["after"]) < 1e-5


def test_the_jacobian_is_that_of_central_differences(chapter):
    net = chapter.network(3, seed=1)
    p, (_, jacobian) = chapter.get(net), chapter.jacobian(net)
    for i in range(len(p)):
        change = 1e-6 * (np.arange(len(p)) == i)
        chapter.put(net, p + change)
        above = net.feedforward(chapter.X)
        chapter.put(net, p - change)
        slope = (above - net.feedforward(chapter.X))[0] / 2e-6
        assert np.abs(slope - jacobian[i]).max() < 1e-8


def test_the_figure_of_the_trained_neurons_agrees(javascript):
    p = javascript["parameters"]
    net = one_input(p["w"], p["b"], p["v"], p["c"])
    assert np.abs(net.feedforward(XS[None])[0] - javascript["trained"]).max() < 1e-9


def test_the_staircase_agrees(javascript):
    heights, s = np.array(javascript["heights"]), np.arange(1, 10) / 10
    net = one_input(np.full(9, 60.0), -60 * s, np.diff(heights), heights[0])
    assert np.abs(net.feedforward(XS[None])[0] - javascript["stairs"]).max() < 1e-9


def test_the_tower_agrees(javascript):
    turn = np.radians(35)
    u = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    net = Network([Dense(4, sigmoid), Dense(1, sigmoid)], inputs=2, cost=Quadratic())
    offsets = (u @ [0.5, 0.5])[:, None] + [[-0.2, 0.2]]
    net.weights = [60 * np.repeat(u, 2, axis=0), np.array([[10.0, -10, 10, -10]])]
    net.biases = [-60 * offsets.reshape(4, 1), np.array([[-15.0]])]
    outputs = [each["output"] for each in javascript["tower"]]
    assert np.abs(net.feedforward(POINTS.T)[0] - outputs).max() < 1e-9


def test_the_holes_agree(javascript):
    total = np.zeros((41, 41))
    for k in range(2):
        cuts = np.array([-1, *[(i + k / 2) / 3 for i in range(3) if i + k], 2])
        steps = sigmoid(60 * (XS - cuts[:, None]))
        slabs = steps[:-1] - steps[1:]
        both = slabs[:, None, :, None] + slabs[None, :, None, :]
        total += sigmoid(10 * (both - 1.5)).sum(axis=(0, 1)) / 2
    assert np.abs(total - javascript["holes"]).max() < 1e-9


def test_the_figure_has_the_best_ten_neurons_of_the_file(rows, javascript):
    ten = [row for row in rows if row["method"] == "lm" and row["n"] == 10]
    best = np.array(min(ten, key=lambda row: row["after"])["parameters"])
    p = javascript["parameters"]
    shown = np.array([*p["w"], *p["b"], *p["v"], p["c"]])
    assert np.allclose(shown, best, rtol=1e-5)
