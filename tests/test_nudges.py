"""Steps of the derivations, each against a nudge of the thing that it speaks of.

The ledger of equations names these tests. Nothing here asks the package for a derivative: the
network is run again with one number changed.
"""

import numpy as np
import pytest

from nndl import Network, quadratic_cost, relative_error, sigmoid, sigmoid_prime

H = 1e-5
LAYER = 2  # whose weights are nudged; layers 1 to 4 are [3, 4, 3, 2]


@pytest.fixture
def net():
    return Network([3, 4, 3, 2], rng=1)


@pytest.fixture
def example(rng):
    return rng.random((3, 1)), rng.random((2, 1))


def onwards(net, layer, a):
    """Weighted inputs and activations of the later layers from the activations of `layer`."""
    zs, activations = {}, {layer: a}
    for i in range(layer - 1, len(net.weights)):
        zs[i + 2] = net.weights[i] @ activations[i + 1] + net.biases[i]
        activations[i + 2] = sigmoid(zs[i + 2])
    return zs, activations


def central(f, values, index):
    """Central difference of f as one entry of an array moves."""
    step = np.zeros_like(values)
    step[index] = H
    return (f(values + step) - f(values - step)) / (2 * H)


def slopes(f, values):
    """All central differences of a number f, in the shape of the values."""
    entries = [central(f, values, index) for index in np.ndindex(values.shape)]
    return np.reshape(entries, values.shape)


def with_weight(net, w, layer=LAYER):
    """The same network with another weight matrix into a layer."""
    other = Network(net.sizes, rng=1)
    other.weights[layer - 2] = w
    return other


def test_bp1a_from_measured_slopes_is_the_measured_error(net, example):
    x, y = example
    zs, activations = onwards(net, 1, x)
    nabla_a = slopes(lambda a: quadratic_cost(a, y), activations[4])
    measured = slopes(lambda z: quadratic_cost(sigmoid(z), y), zs[4])
    bp1a = nabla_a * sigmoid_prime(zs[4])
    assert relative_error([bp1a], [measured]) < 1e-8
    assert relative_error([net.errors(x, y)[-1]], [measured]) < 1e-8
    assert relative_error([nabla_a], [measured]) > 0.1  # without the slope


def test_a_nudged_weight_moves_one_activation_of_its_layer(net, example):
    x, _ = example
    w, (j, k) = net.weights[LAYER - 2], (1, 2)
    zs, activations = onwards(net, 1, x)
    moved = central(
        lambda w: onwards(with_weight(net, w), 1, x)[1][LAYER], w.copy(), (j, k)
    )
    rate = sigmoid_prime(zs[LAYER][j]) * activations[LAYER - 1][k]
    assert moved[j] == pytest.approx(rate, rel=1e-8)
    assert np.array_equal(np.delete(moved, j), np.zeros(3))
    swapped = sigmoid_prime(zs[LAYER][k]) * activations[LAYER - 1][j]
    assert moved[j] != pytest.approx(swapped, rel=0.01)


def test_a_nudged_activation_moves_each_neuron_of_the_next_layer(net, example):
    x, _ = example
    zs, activations = onwards(net, 1, x)
    for j in range(4):
        moved = central(
            lambda a: onwards(net, LAYER, a)[1][LAYER + 1], activations[LAYER], (j, 0)
        )
        rates = sigmoid_prime(zs[LAYER + 1]) * net.weights[LAYER - 1][:, [j]]
        assert relative_error([moved], [rates]) < 1e-8
        slope_of_the_sender = (
            sigmoid_prime(zs[LAYER][j]) * net.weights[LAYER - 1][:, [j]]
        )
        assert relative_error([moved], [slope_of_the_sender]) > 0.001


def test_a_nudged_weight_moves_the_next_layer_by_the_product_of_both(net, example):
    x, _ = example
    w, (j, k) = net.weights[LAYER - 2], (1, 2)
    zs, activations = onwards(net, 1, x)
    moved = central(
        lambda w: onwards(with_weight(net, w), 1, x)[1][LAYER + 1], w.copy(), (j, k)
    )
    first = sigmoid_prime(zs[LAYER][j]) * activations[LAYER - 1][k]
    then = sigmoid_prime(zs[LAYER + 1]) * net.weights[LAYER - 1][:, [j]]
    assert relative_error([moved], [then * first]) < 1e-8
    assert relative_error([moved], [then + first]) > 0.1


def test_no_step_of_the_same_length_lowers_the_cost_more_than_against_the_gradient(
    net, example, rng
):
    """The actual costs after a step, not a bound that holds for any two vectors."""
    x, y = example

    def cost_after(step):
        other, at = Network(net.sizes, rng=1), 0
        for arrays in (other.weights, other.biases):
            for i, array in enumerate(list(arrays)):
                arrays[i] = array + step[at : at + array.size].reshape(array.shape)
                at += array.size
        return other.cost(x, y)

    g = np.concatenate([p.ravel() for nabla in net.backprop(x, y) for p in nabla])
    length = 1e-3 / np.linalg.norm(g)
    down = cost_after(-length * g)
    assert down < net.cost(x, y) < cost_after(length * g)
    for _ in range(200):
        # Near the gradient, too, where a rival comes close.
        rival = g + rng.choice([0.1, 10]) * np.linalg.norm(g) * rng.standard_normal(
            g.size
        )
        rival *= length * np.linalg.norm(g) / np.linalg.norm(rival)
        assert cost_after(-rival) > down
