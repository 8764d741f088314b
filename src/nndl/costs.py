"""Costs: what is to become small, and the error of the output layer that follows from it.

A cost has output neurons of its own, `activation`, and is given their weighted inputs z
(n_out, m), not their activations: so it stays finite and keeps its digits where outputs
saturate. `value` is the mean over the m columns; `delta` holds, for each column, the
derivatives of that column's own cost with respect to z: (BP1).
"""

import numpy as np

from nndl.activations import identity, relu, sigmoid, softmax, tanh


def quadratic_cost(a, y):
    """Half the mean squared distance of columns: sum ||y - a||^2 / (2m), eq. (6).

    a and y are the outputs and the targets, both of shape (n_out, m). The norm sums over
    the n_out rows, so the result is n_out / 2 times NumPy's `np.mean((y - a) ** 2)`.

    Raises ValueError where the shapes differ, for nothing may be broadcast here.
    """
    a, y = np.asarray(a), np.asarray(y)
    if a.ndim != 2 or a.shape != y.shape or a.shape[1] == 0:
        raise ValueError(
            f"a and y have shapes {a.shape} and {y.shape}, "
            "but both must be (n_out, m), one column per example"
        )
    return np.sum((y - a) ** 2) / (2 * a.shape[1])


class Cost:
    """What the three costs share: their output neurons, and a name without an address."""

    choices = ()

    def __init__(self, activation=None):
        """Take one of `choices` as output neurons, by default the first.

        Raises ValueError for another activation.
        """
        self.activation = self.choices[0] if activation is None else activation
        if self.activation not in self.choices:
            names = " or ".join(choice.__name__ for choice in self.choices)
            given = getattr(activation, "__name__", repr(activation))
            raise ValueError(
                f"activation of the last layer is {given}, "
                f"but {type(self).__name__} takes {names}"
            )

    def over(self, activation):
        """Return this cost over output neurons with another activation.

        Raises ValueError if the cost was made for, or can only have, others.
        """
        if self.activation not in (activation, self.choices[0]):
            raise ValueError(
                f"the last layer's activation is {activation.__name__}, "
                f"but the cost is {self!r}"
            )
        return type(self)(activation)

    def __repr__(self):
        default = self.activation is self.choices[0]
        return f"{type(self).__name__}({'' if default else self.activation.__name__})"


class Quadratic(Cost):
    """Quadratic cost, eq. (6), over sigmoid neurons or, if given, tanh, ReLU or linear ones."""

    choices = (sigmoid, tanh, relu, identity)

    def value(self, z, y):
        """Mean of ||a - y||^2 / 2 over the columns, eq. (6), with a = activation(z)."""
        return quadratic_cost(self.activation(z), y)

    def delta(self, z, y):
        """(a - y) * f'(z): small where a neuron saturates, be it right or wrong (BP1)."""
        a = self.activation(z)
        return (a - y) * self.activation.slope(a)


class CrossEntropy(Cost):
    """Cross-entropy of sigmoid neurons, eq. (63), whose error is a - y alone."""

    choices = (sigmoid,)

    def value(self, z, y):
        """Mean of -sum_j [y_j ln a_j + (1 - y_j) ln(1 - a_j)], eq. (63).

        With a = sigmoid(z), -ln a is ln(1 + exp(-z)), and -ln(1 - a) is ln(1 + exp(z)).
        """
        return np.sum(y * softplus(-z) + (1 - y) * softplus(z)) / z.shape[1]

    def delta(self, z, y):
        """Error a - y, as the slope of the sigmoid cancels: eqs. (61) and (66)."""
        return sigmoid(z) - y


class LogLikelihood(Cost):
    """Log-likelihood of softmax neurons, eq. (80), whose error is a - y alone."""

    choices = (softmax,)

    def value(self, z, y):
        """Mean of -sum_j y_j ln a_j, eq. (80), which is -ln a of the right class.

        -ln a_j is ln sum_k exp(z_k - z_j). Of the sum, the term of the largest z_k is taken
        out first; log1p keeps the digits of the others beside it.
        """
        top = z.argmax(axis=0), np.arange(z.shape[1])
        below = z - z[top]
        others = np.exp(below)
        others[top] = 0
        return np.sum(y * (np.log1p(others.sum(axis=0)) - below)) / z.shape[1]

    def delta(self, z, y):
        """Error a - y, eq. (84), where the targets of a column add up to 1, as one-hot ones do."""
        return softmax(z) * y.sum(axis=0) - y


def softplus(z):
    """ln(1 + exp(z)), elementwise, finite and with all digits for any z."""
    positive = np.real(z) > 0
    return np.where(positive, z, 0) + np.log1p(np.exp(np.where(positive, -z, z)))
