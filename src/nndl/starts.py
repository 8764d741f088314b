"""Starts: how the weights and biases of a layer are drawn before it learns.

A start is a function of a generator, the shape of the weights, and of how many inputs a
neuron has (n_in) and how many neurons an input reaches (n_out). It returns the weights, and
the biases as a column. For a convolution of k x k places, n_in is (maps before) k^2 and n_out
is (maps) k^2.
"""

import numpy as np


def standard_normal(rng, shape, n_in, n_out):
    """Weights and biases from N(0, 1), as chapters 1 and 2 of the original start."""
    return rng.standard_normal(shape), rng.standard_normal((shape[0], 1))


def scaled_normal(rng, shape, n_in, n_out):
    """Weights from N(0, 1 / n_in), biases from N(0, 1): the start of chapter 3.

    Neurons with many inputs then do not begin saturated. The numbers are those of
    `standard_normal`, divided.
    """
    w, b = standard_normal(rng, shape, n_in, n_out)
    return w / np.sqrt(n_in), b


def glorot(rng, shape, n_in, n_out):
    """Weights from N(0, 2 / (n_in + n_out)), biases 0, by Glorot and Bengio (2010).

    A compromise between keeping the spread of the activations, 1 / n_in, and that of the
    errors, 1 / n_out, from layer to layer, for neurons of slope 1 at 0, such as tanh.
    """
    w = rng.standard_normal(shape) * np.sqrt(2 / (n_in + n_out))
    return w, np.zeros((shape[0], 1))


def he(rng, shape, n_in, n_out):
    """Weights from N(0, 2 / n_in), biases 0, by He and others (2015), for ReLU.

    The 2 makes up for the half of the weighted inputs that ReLU sets to 0.
    """
    return rng.standard_normal(shape) * np.sqrt(2 / n_in), np.zeros((shape[0], 1))
