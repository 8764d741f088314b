"""Each contender must compute the gradient that nndl computes, before it is timed."""

from dataclasses import replace

import numpy as np
from contenders import ScikitLearn

from nndl import CrossEntropy, Network, relative_error

TOLERANCE = {np.float64: 1e-11, np.float32: 1e-5}
ROUNDED = 1e-4  # where the change of the weights is rounded


def cross_entropy_gradient(net, x, y):
    """Gradient of the mean cross-entropy: the first error is a - y."""
    twin = Network(net.sizes, cost=CrossEntropy(), rng=0)
    twin.weights, twin.biases = net.weights, net.biases
    return twin.backprop(x, y)


def gradient_error(contender, task):
    """Relative error of the gradient by which a contender's first step descends.

    The gradient is found from one epoch that has one batch. In float32 the step is
    rounded to the weights' last digit, so eta is large there.
    """
    rows = task.batch_size
    eta = 1.0 if task.dtype == np.float64 else 64.0
    one = replace(task, x=task.x[:rows], y=task.y[:rows], eta=eta)
    net = one.network()
    x, y = one.x.T.astype(np.float64), one.y.T.astype(np.float64)
    truth = (
        cross_entropy_gradient(net, x, y)
        if contender is ScikitLearn
        else net.backprop(x, y)
    )
    runner = contender(one)
    runner.start()
    runner.epoch()
    weights, biases = runner.parameters()
    before, after = net.weights + net.biases, [*weights, *biases]
    steps = [
        (p.astype(np.float64) - q) / eta for p, q in zip(before, after, strict=True)
    ]
    return relative_error(steps, truth[0] + truth[1])
