"""The sigmoid and its derivative; equation numbers are those of the original."""

import numpy as np


def sigmoid(z):
    """Logistic function, elementwise: 1 / (1 + exp(-z)), eq. (3).

    z is a number or an array of any shape; the result has the same shape and
    lies in [0, 1]. It is exact to 1e-15, and a float32 array stays float32.

    Written with tanh, which saturates silently where exp(-z) would overflow,
    and which rounds alike on every CPU, as exp does not.
    """
    return 0.5 * (1.0 + np.tanh(0.5 * np.asarray(z)))


def sigmoid_prime(z):
    """Slope of the sigmoid, elementwise: sigmoid(z) * (1 - sigmoid(z)).

    z is a number or an array of any shape; the result has the same shape and lies
    in [0, 1/4].
    """
    a = sigmoid(z)
    return a * (1.0 - a)
