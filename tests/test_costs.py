import numpy as np
import pytest

from nndl import (
    CrossEntropy,
    LogLikelihood,
    Quadratic,
    quadratic_cost,
    sigmoid,
    softmax,
    tanh,
)


def test_quadratic_cost_by_hand():
    a = np.array([[1.0, 0.0], [0.0, 3.0]])
    y = np.array([[0.0, 0.0], [2.0, 0.0]])
    # Squared distances 1 + 4 and 9; half of their mean.
    assert quadratic_cost(a, y) == (5 + 9) / 2 / 2


def test_quadratic_cost_is_half_the_outputs_times_numpys_mean(rng):
    a, y = rng.random((10, 7)), rng.random((10, 7))
    assert quadratic_cost(a, y) == pytest.approx(10 / 2 * np.mean((a - y) ** 2))


@pytest.mark.parametrize("shape", [(3,), (3, 1), (1, 4), (4, 3)])
def test_quadratic_cost_never_broadcasts(shape):
    with pytest.raises(ValueError, match=r"a and y have shapes"):
        quadratic_cost(np.zeros((3, 4)), np.zeros(shape))


def test_quadratic_cost_of_nothing_is_refused():
    with pytest.raises(ValueError, match="one column per example"):
        quadratic_cost(np.zeros((3, 0)), np.zeros((3, 0)))


def naive_cross_entropy(z, y):
    a = 1 / (1 + np.exp(-z))
    return -np.sum(y * np.log(a) + (1 - y) * np.log(1 - a)) / z.shape[1]


def test_cross_entropy_and_log_likelihood_are_their_formulas(rng):
    z, y = rng.standard_normal((4, 6)), rng.random((4, 6))
    assert CrossEntropy().value(z, y) == pytest.approx(naive_cross_entropy(z, y), 1e-13)
    a = np.exp(z) / np.exp(z).sum(axis=0)
    expected = -np.sum(y * np.log(a)) / 6
    assert LogLikelihood().value(z, y) == pytest.approx(expected, 1e-13)
    assert Quadratic().value(z, y) == quadratic_cost(sigmoid(z), y)


def test_costs_of_saturated_outputs_neither_overflow_nor_vanish():
    z, right, wrong = np.array([[800.0], [-800.0]]), [[1.0], [0.0]], [[0.0], [1.0]]
    right, wrong = np.array(right), np.array(wrong)
    assert CrossEntropy().value(z, wrong) == 1600
    assert LogLikelihood().value(z, wrong) == 1600
    z = np.array([[40.0], [-40.0]])
    assert CrossEntropy().value(z, right) == pytest.approx(2 * np.exp(-40), rel=1e-12)
    assert LogLikelihood().value(z, right) == pytest.approx(np.exp(-80), rel=1e-12)
    np.testing.assert_array_equal(CrossEntropy().delta(-z, right), [[-1], [1]])


def test_deltas_are_a_minus_y(rng):
    z, y = rng.standard_normal((4, 6)), np.eye(4)[:, [0, 3, 1, 1, 2, 0]]
    np.testing.assert_allclose(CrossEntropy().delta(z, y), sigmoid(z) - y, rtol=1e-15)
    np.testing.assert_allclose(LogLikelihood().delta(z, y), softmax(z) - y, rtol=1e-15)


def test_costs_have_names_without_addresses():
    costs = [Quadratic(), Quadratic(tanh), CrossEntropy(), LogLikelihood()]
    assert (
        str(costs) == "[Quadratic(), Quadratic(tanh), CrossEntropy(), LogLikelihood()]"
    )
