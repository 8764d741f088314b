import math
import warnings
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from nndl import sigmoid, sigmoid_prime

finite = st.floats(allow_nan=False, allow_infinity=False)


def exact_sigmoid(z):
    """The definition, in a form that neither overflows nor cancels."""
    return 1 / (1 + math.exp(-z)) if z >= 0 else math.exp(z) / (1 + math.exp(z))


@given(finite)
def test_sigmoid_is_accurate_and_silent_for_any_finite_number(z):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert abs(sigmoid(z) - exact_sigmoid(z)) <= 1e-15 * exact_sigmoid(z) + 1e-307
        slope = exact_sigmoid(z) * exact_sigmoid(-z)
        assert abs(sigmoid_prime(z) - slope) <= 1e-15 * slope + 1e-307


@given(arrays(np.float32, (3, 2), elements=st.floats(width=32, allow_nan=False)))
def test_sigmoid_keeps_float32_and_shape(z):
    with np.errstate(over="raise", divide="raise", invalid="raise"):
        a = sigmoid(z)
    assert a.dtype == np.float32
    assert a.shape == (3, 2)
    assert ((a >= 0) & (a <= 1)).all()


def test_sigmoid_known_values():
    assert sigmoid(0) == 0.5
    assert sigmoid(np.log(3)) == pytest.approx(Fraction(3, 4), abs=1e-15)
    assert sigmoid(1e308) == 1
    assert sigmoid(-1e308) == 0


@given(st.floats(-30, 30))
def test_sigmoid_prime_is_the_slope(z):
    h = 1e-5
    difference = (sigmoid(z + h) - sigmoid(z - h)) / (2 * h)
    assert abs(sigmoid_prime(z) - difference) < 1e-10


def test_sigmoid_prime_is_largest_at_zero():
    assert sigmoid_prime(0) == 0.25
    assert sigmoid_prime(np.array([[1e308, -1e308]])).tolist() == [[0, 0]]
