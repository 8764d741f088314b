import numpy as np
import pytest

from nndl import Network, check_gradient
from nndl.gradient_check import relative_error

SIZES = [5, 4, 3]


@pytest.fixture
def example(rng):
    return rng.standard_normal((5, 6)), rng.random((3, 6))


class Sabotaged(Network):
    """Backpropagation with its gradient changed by a given function."""

    def __init__(self, change):
        super().__init__(SIZES, rng=1)
        self.change = change

    def backprop(self, x, y):
        return self.change(*super().backprop(x, y))


def test_a_wrong_gradient_is_seen(example):
    wrong = {
        "sign": lambda w, b: ([-g for g in w], [-g for g in b]),
        "factor": lambda w, b: ([6 * g for g in w], [6 * g for g in b]),
        "one bias": lambda w, b: (w, [b[0], b[1] * [[1], [1], [0]]]),
    }
    for change in wrong.values():
        for method in ("central", "complex"):
            assert check_gradient(Sabotaged(change), *example, method=method) > 1e-2
    assert check_gradient(Sabotaged(wrong["sign"]), *example) == pytest.approx(1)
    assert check_gradient(Sabotaged(wrong["factor"]), *example) == pytest.approx(5 / 7)


def test_per_layer_figures_say_where(example):
    net = Sabotaged(lambda w, b: ([w[0], 2 * w[1]], b))
    second, third = check_gradient(net, *example, per_layer=True)
    assert (second.layer, third.layer) == (2, 3)
    assert max(second.weights, second.biases, third.biases) < 1e-7
    assert third.weights == pytest.approx(1 / 3)


def test_the_network_is_unchanged(example):
    net = Network(SIZES, rng=1)
    before = [array.copy() for array in net.weights + net.biases]
    for method in ("central", "complex"):
        check_gradient(net, *example, method=method)
    for array, old in zip(net.weights + net.biases, before, strict=True):
        assert array.dtype == float
        np.testing.assert_array_equal(array, old)


def test_a_coarser_step_gives_a_coarser_estimate(example):
    net = Network(SIZES, rng=1)
    assert check_gradient(net, *example, h=1e-1) > 100 * check_gradient(
        net, *example, h=1e-3
    )


def test_relative_error_of_known_vectors():
    assert relative_error([np.array([3.0])], [np.array([1.0])]) == 0.5
    assert (
        relative_error(
            [np.array([[3.0, 0]]), np.array([4.0])], [np.zeros((1, 2)), np.zeros(1)]
        )
        == 1
    )
    assert relative_error([np.zeros(2)], [np.zeros(2)]) == 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"h": 0}, "h is 0, but a difference needs a step above 0"),
        ({"h": -1e-5}, "h is -1e-05"),
        ({"method": "forward"}, "method is 'forward', expected 'central' or 'complex'"),
    ],
)
def test_bad_options(example, options, message):
    with pytest.raises(ValueError, match=message):
        check_gradient(Network(SIZES, rng=1), *example, **options)


def test_float32_is_refused(example):
    with pytest.raises(
        ValueError, match="net computes in float32, but a check needs float64"
    ):
        check_gradient(Network(SIZES, rng=1, dtype=np.float32), *example)
