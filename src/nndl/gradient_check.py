"""Backpropagation against the definition of the derivative."""

import copy
from typing import NamedTuple

import numpy as np

STEPS = {"central": 1e-5, "complex": 1e-30}


class LayerError(NamedTuple):
    """Relative errors of one layer's gradients; `layer` counts from 2, after the inputs."""

    layer: int
    weights: float
    biases: float


def check_gradient(
    net, x, y, h=None, method="central", per_layer=False, lmbda=0.0, l1=0.0, rng=None
):
    """Relative error of `net.backprop` against differences of `net.cost`, 0 to 1.

    x is (n_in, m) and y is (n_out, m); lmbda and l1 are the regularisation, and with rng, a
    seed, dropout is on, with the same mask in every call. With g the gradient that backprop
    returns, all its entries in one vector, and d its estimate, the result is
    ||g - d|| / (||g|| + ||d||). Each entry of d is, for one weight or bias p,

    - "central": (C(p + h) - C(p - h)) / (2h), with h = 1e-5 unless given;
    - "complex": Im C(p + ih) / h, with h = 1e-30 unless given, which subtracts nothing and so
      loses nothing to cancellation.

    Where no neuron is saturated, a correct gradient gives about 1e-11 to 1e-8 (central) and
    1e-16 to 1e-14 (complex). It gives more, and is still correct, where digits are lost on the
    way: with outputs right to within rounding, the 1 - a of saturated neurons has few digits
    left; and a kink, of ReLU, of max-pooling or of l1 at 0, that lies within h of p makes a
    central difference wrong. A wrong gradient gives whatever the mistake leaves: 1e-3 to 1 for
    the common ones.

    With `per_layer` it returns a list of `LayerError` instead. The network is unchanged.

    Raises ValueError for another method, h <= 0, a network that is not float64, or x and y that
    `net.backprop` refuses.
    """
    if isinstance(rng, np.random.Generator):
        raise ValueError(
            "rng is a Generator, which gives another mask in every call; pass a seed"
        )
    if net.dtype != np.float64:
        raise ValueError(f"net computes in {net.dtype}, but a check needs float64")
    given = {"lmbda": lmbda or None, "l1": l1 or None, "rng": rng}
    options = {name: value for name, value in given.items() if value is not None}
    numerical_w, numerical_b = numerical_gradient(net, x, y, h, method, **options)
    nabla_w, nabla_b = net.backprop(x, y, **options)
    if per_layer:
        numbers = [i for i, layer in enumerate(net.layers, 2) if hasattr(layer, "w")]
        layers = zip(numbers, nabla_w, numerical_w, nabla_b, numerical_b, strict=True)
        return [
            LayerError(layer, relative_error([gw], [dw]), relative_error([gb], [db]))
            for layer, gw, dw, gb, db in layers
        ]
    return relative_error(nabla_w + nabla_b, numerical_w + numerical_b)


def relative_error(gradient, estimate):
    """||g - d|| / (||g|| + ||d||) over all entries of two lists of arrays; 0 for 0 and 0.

    Raises ValueError for lists or arrays of different shapes.
    """
    shapes = [[np.shape(array) for array in arrays] for arrays in (gradient, estimate)]
    if shapes[0] != shapes[1]:
        raise ValueError(
            f"gradient and estimate have shapes {shapes[0]} and {shapes[1]}"
        )
    g = np.concatenate([np.ravel(array) for array in gradient])
    d = np.concatenate([np.ravel(array) for array in estimate])
    size = np.linalg.norm(g) + np.linalg.norm(d)
    return float(np.linalg.norm(g - d) / size) if size else 0.0


def numerical_gradient(net, x, y, h=None, method="central", **options):
    """Gradient of `net.cost` by differences, one weight and bias after the other.

    Returns nabla_w and nabla_b, as `backprop` does. The arguments are those of
    `check_gradient`, and `options` go to `net.cost`.
    """
    if method not in STEPS:
        raise ValueError(f"method is {method!r}, expected 'central' or 'complex'")
    h = STEPS[method] if h is None else h
    if not h > 0:
        raise ValueError(f"h is {h}, but a difference needs a step above 0")
    probe = copy.deepcopy(net)
    neurons = [layer for layer in probe.layers if hasattr(layer, "w")]
    for layer in neurons if method == "complex" else ():
        layer.w, layer.b = layer.w.astype(complex), layer.b.astype(complex)

    def cost_with(parameter, index, value):
        original = parameter[index]
        parameter[index] = value
        cost = probe.cost(x, y, **options)
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

    return [slopes(layer.w) for layer in neurons], [
        slopes(layer.b) for layer in neurons
    ]
