"""Activation functions, each beside its slope; equation numbers are those of the original.

An activation is a function f of the weighted inputs z, elementwise and for any shape. Its
attribute `slope` gives f'(z), written in terms of a = f(z), as backpropagation has a at hand:
`sigmoid.slope(a)` is a (1 - a). A function of your own becomes one by the same decorator.
"""

import numpy as np


def with_slope(slope):
    """Decorate an activation f with its `slope`, a function of a = f(z) that returns f'(z)."""

    def attach(f):
        f.slope = slope
        return f

    return attach


@with_slope(lambda a: a * (1 - a))
@np.errstate(over="ignore")  # far on the left exp(-z) is infinite, and 0 is right
def sigmoid(z):
    """Logistic function, elementwise: 1 / (1 + exp(-z)), eq. (3).

    z is a number or an array of any shape; the result has the same shape and lies in [0, 1],
    and a float32 array stays float32. The relative error is a few units in the last place, on
    the left too, until the value is 0 at about z = -709 (float32: -88). On the right it is
    exactly 1 from z = 37 on: compute 1 - a as sigmoid(-z).
    """
    return 1.0 / (1.0 + np.exp(-1.0 * np.asarray(z)))


def sigmoid_prime(z):
    """Slope of the sigmoid, elementwise: sigmoid(z) * sigmoid(-z), which is a * (1 - a).

    z is a number or an array of any shape; the result has the same shape and lies in
    [0, 1/4]. It is accurate on both sides, where a * (1 - a) loses digits on the right: at
    z = 25, the 1 - a that is left of a has 5 digits.
    """
    z = np.asarray(z)
    return sigmoid(z) * sigmoid(-1.0 * z)


@with_slope(lambda a: 1 - a * a)
def tanh(z):
    """Hyperbolic tangent, elementwise, eq. (109): 2 sigmoid(2 z) - 1, between -1 and 1."""
    return np.tanh(z)


@with_slope(lambda a: a > 0)
def relu(z):
    """Rectified linear unit, elementwise: max(0, z). Its slope at the kink is taken as 0."""
    return np.maximum(z, 0)


@with_slope(np.ones_like)
def identity(z):
    """The input z itself: the activation of linear neurons, eqs. (68) to (70)."""
    return z


def softmax(z):
    """Output probabilities exp(z_j) / sum_k exp(z_k) of each column, eq. (78).

    z is (n_out, m); the columns of the result add up to 1. Subtracting the largest of each
    column changes nothing and prevents overflow. Each output depends on all of the column,
    so softmax has no `slope`: it stands in the last layer, under `LogLikelihood`.
    """
    z = np.asarray(z)
    z = z if z.dtype.kind in "fc" else z.astype(float)
    e = np.exp(z - z.max(axis=0))
    return e / e.sum(axis=0)
