"""What the pages of chapter 2 on checking say, tested apart from the pages."""

import nbformat
import numpy as np
import pytest
from reference_pages import BOOK

from nndl import Network, load_mnist, relative_error, sigmoid, sigmoid_prime


@pytest.mark.parametrize(("z", "loses"), [(-25, False), (-15, False), (25, True)])
def test_the_slope_by_a_loses_digits_on_the_right_only(z, loses):
    power = np.exp(-abs(z))
    exact = power / (1 + power) ** 2
    a = sigmoid(z)
    assert (abs(a * (1 - a) / exact - 1) > 1e-10) == loses
    assert abs(sigmoid_prime(z) / exact - 1) < 1e-15


def test_a_step_of_sgd_goes_along_the_gradient_of_backprop():
    train = load_mnist().train
    part = type(train)(*(array[..., :10] for array in train))
    net = Network([784, 30, 10], rng=0)
    nabla_w, nabla_b = net.backprop(part.x, part.y)
    before = [p.copy() for p in [*net.weights, *net.biases]]
    net.sgd(part, 1, 10, 0.5, verbose=False)
    steps = [p - q for p, q in zip([*net.weights, *net.biases], before, strict=True)]
    expected = [-0.5 * g for g in nabla_w + nabla_b]
    assert relative_error(steps, expected) < 1e-3
    assert relative_error(steps, [2 * g for g in expected]) > 0.3


def test_the_summary_has_at_most_1200_words():

    cells = nbformat.read(BOOK / "chapter2" / "summary.ipynb", as_version=4).cells
    words = " ".join(c.source for c in cells if c.cell_type == "markdown").split()
    assert 300 < len(words) <= 1200
