import numpy as np
import pytest

from nndl import quadratic_cost


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
