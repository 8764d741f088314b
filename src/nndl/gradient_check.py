"""Backpropagation against the definition of the derivative."""

import copy
from typing import NamedTuple

import numpy as np

STEPS = {"central": 1e-5, "complex": 1e-30}


class LayerError(NamedTuple):
    """Relative errors of one layer's gradients; `layer` runs from 2 to L."""

    layer: int
    weights: float
    biases: float


def check_gradient(net, x, y, h=None, method="central", per_layer=False):
    """Relative error of `net.backprop` against differences of `net.cost`, 0 to 1.

    x is (n_in, m) and y is (n_out, m). With g the gradient that backprop
    returns, all its entries in one vector, and d its estimate, the result is
    ||g - d|| / (||g|| + ||d||). Each entry of d is, for one weight or bias
    p,

    - "central": (C(p + h) - C(p - h)) / (2h), with h = 1e-5 unless given: a
      correct gradient gives 1e-11 to 1e-8, a wrong one 1e-2 or more;
    - "complex": Im C(p + ih) / h, with h = 1e-30 unless given, which
      subtracts nothing and so loses nothing: a correct gradient gives 1e-16
      to 1e-15.

    With `per_layer` it returns a list of `LayerError` instead. The network
    is unchanged.

    Raises ValueError for another method, h <= 0, a network that is not
    float64, or x and y that `net.backprop` refuses.
    """
    if method not in STEPS:
        raise ValueError(f"method is {method!r}, expected 'central' or 'complex'")
    h = STEPS[method] if h is None else h
    if not h > 0:
        raise ValueError(f"h is {h}, but a difference needs a step above 0")
    if net.dtype != np.float64:
        raise ValueError(f"net computes in {net.dtype}, but a check needs float64")
    nabla_w, nabla_b = net.backprop(x, y)
    numerical_w, numerical_b = numerical_gradient(net, x, y, h, method)
    if per_layer:
        layers = zip(nabla_w, numerical_w, nabla_b, numerical_b, strict=True)
        return [
            LayerError(layer, relative_error([gw], [dw]), relative_error([gb], [db]))
            for layer, (gw, dw, gb, db) in enumerate(layers, start=2)
        ]
    return relative_error(nabla_w + nabla_b, numerical_w + numerical_b)


def relative_error(gradient, estimate):
    """||g - d|| / (||g|| + ||d||) over all entries of two lists; 0 for 0 and 0."""
    g = np.concatenate([array.ravel() for array in gradient])
    d = np.concatenate([array.ravel() for array in estimate])
    size = np.linalg.norm(g) + np.linalg.norm(d)
    return float(np.linalg.norm(g - d) / size) if size else 0.0


def numerical_gradient(net, x, y, h, method):
    """Gradient of `net.cost`, parameter by parameter, as `backprop` returns it."""
    probe = copy.copy(net)
    kind = complex if method == "complex" else float
    probe.weights = [w.astype(kind) for w in net.weights]
    probe.biases = [b.astype(kind) for b in net.biases]

    def cost_with(parameter, index, value):
        original = parameter[index]
        parameter[index] = value
        cost = probe.cost(x, y)
        parameter[index] = original
        return cost

    def slope(parameter, index):
        p = parameter[index]
        if method == "complex":
            return cost_with(parameter, index, p + 1j * h).imag / h
        above, below = (cost_with(parameter, index, p + step) for step in (h, -h))
        return (above - below) / (2 * h)

    def slopes(parameter):
        entries = [slope(parameter, index) for index in np.ndindex(parameter.shape)]
        return np.reshape(entries, parameter.shape)

    return [slopes(w) for w in probe.weights], [slopes(b) for b in probe.biases]
