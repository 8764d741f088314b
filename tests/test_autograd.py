"""Gradients against PyTorch's, where PyTorch is installed: `make bench` runs this first."""

import numpy as np
import pytest

from nndl import (
    Convolution,
    CrossEntropy,
    Dense,
    LogLikelihood,
    MaxPooling,
    Network,
    Quadratic,
    identity,
    relative_error,
    relu,
    sigmoid,
    softmax,
    tanh,
)

torch = pytest.importorskip("torch")

ACTIVATIONS = {
    sigmoid: torch.sigmoid,
    tanh: torch.tanh,
    relu: torch.relu,
    identity: lambda z: z,
}
OUTPUTS = [
    (Quadratic(), sigmoid),
    (Quadratic(), identity),
    (CrossEntropy(), sigmoid),
    (LogLikelihood(), softmax),
]


def cost(z, y, last, kind):
    """The mean cost of outputs (m, n), by PyTorch's own functions."""
    functions = torch.nn.functional
    if isinstance(kind, CrossEntropy):
        return functions.binary_cross_entropy_with_logits(z, y, reduction="sum") / len(
            z
        )
    if isinstance(kind, LogLikelihood):
        return functions.cross_entropy(z, y)
    return ((ACTIVATIONS[last](z) - y) ** 2).sum() / (2 * len(z))


def gradient(net, x, y):
    """nabla_w and nabla_b by autograd, examples first, as PyTorch has them."""
    w = [torch.from_numpy(array.copy()).requires_grad_() for array in net.weights]
    b = [
        torch.from_numpy(array.ravel().copy()).requires_grad_() for array in net.biases
    ]
    a = torch.from_numpy(x.T.copy()).reshape(-1, *net.inputs)
    parameters = iter(zip(w, b, strict=True))
    for layer in net.layers:
        if isinstance(layer, MaxPooling):
            a = torch.nn.functional.max_pool2d(a, layer.size)
            continue
        weights, biases = next(parameters)
        if isinstance(layer, Convolution):
            z = torch.nn.functional.conv2d(a, weights, biases)
        else:
            z = torch.nn.functional.linear(a.flatten(1), weights, biases)
        if layer is not net.layers[-1]:
            a = ACTIVATIONS[layer.activation](z)
    value = cost(z, torch.from_numpy(y.T.copy()), layer.activation, net.cost_function)
    nablas = torch.autograd.grad(value, w + b)
    return [
        n.numpy().reshape(p.shape) for n, p in zip(nablas, w + b, strict=True)
    ], value


@pytest.mark.parametrize("f", ACTIVATIONS, ids=lambda f: f.__name__)
@pytest.mark.parametrize(("kind", "last"), OUTPUTS, ids=lambda v: str(v))
def test_gradients_and_costs_are_those_of_autograd(kind, last, f):
    layers = [
        *(Convolution(4, 3, f), MaxPooling(2), Convolution(5, 2, f), MaxPooling(2)),
        *(Dense(7, f), Dense(3, last)),
    ]
    net = Network(layers, inputs=(2, 12, 11), cost=kind, rng=1)
    rng = np.random.default_rng(2)
    x, y = rng.standard_normal((264, 9)), np.eye(3)[:, rng.integers(3, size=9)]
    expected, value = gradient(net, x, y)
    nabla_w, nabla_b = net.backprop(x, y)
    shaped = [
        nabla.reshape(e.shape)
        for nabla, e in zip(nabla_w + nabla_b, expected, strict=True)
    ]
    assert relative_error(shaped, expected) < 1e-10
    assert net.cost(x, y) == pytest.approx(value.item(), rel=1e-12)
