"""The small operations, timed by pytest-benchmark: a function each, named by its test."""

from types import SimpleNamespace

import numpy as np
import pytest

from nndl import Network, check_gradient, quadratic_cost, sigmoid, sigmoid_prime
from nndl.digits.idx import parse_idx
from nndl.support.exact import State, round_change
from nndl.training import Descent

NET = Network([784, 30, 10], rng=1)
RNG = np.random.default_rng(0)
X, Y = RNG.integers(0, 256, (784, 10)) / 256, np.eye(10)
Z = RNG.standard_normal((30, 10))


@pytest.mark.parametrize("function", [sigmoid, sigmoid_prime], ids=lambda f: f.__name__)
def test_activation_of_30_by_10(benchmark, function):
    benchmark(function, Z)


def test_quadratic_cost_of_10_by_10(benchmark):
    benchmark(quadratic_cost, sigmoid(Z[:10]), Y)


def test_round_change_of_30_by_10(benchmark):
    benchmark(round_change, Z.copy(), 0.5 * Z)


@pytest.mark.parametrize("exact", [False, True], ids=["plain", "reproducible"])
def test_settling_after_ten_steps(benchmark, exact):
    state = State(NET.layers, [], exact)
    benchmark(state.settle, 1, 0.1, True)


@pytest.mark.parametrize("m", [1, 10, 1000])
def test_feedforward_of_images(benchmark, m):
    x = np.repeat(X[:, :1], m, axis=1)
    benchmark(NET.feedforward, x)


def test_backprop_of_10_images(benchmark):
    benchmark(NET.backprop, X, Y)


def test_step_with_10_images(benchmark):
    descent = Descent(Network([784, 30, 10], rng=1), 10, 0.0, 0.0, 0.0)
    benchmark(descent.step, X, Y, 0.1)


def test_entering_sgd_without_an_epoch(benchmark):
    data = SimpleNamespace(x=X, y=Y)
    benchmark(NET.sgd, data, 0, 10, 3.0, verbose=False)


def test_gradient_check_of_a_small_network(benchmark):
    net = Network([4, 3, 2], rng=1)
    benchmark(check_gradient, net, Z[:4, :5], sigmoid(Z[:2, :5]))


def test_parse_idx_of_1000_images(benchmark):
    header = bytes([0, 0, 8, 3]) + b"".join(
        n.to_bytes(4, "big") for n in (1000, 28, 28)
    )
    benchmark(parse_idx, header + bytes(784_000), "digits")
