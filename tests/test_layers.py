"""Every kind of layer, activation and cost: values by hand, and gradients by differences."""

import numpy as np
import pytest

from nndl import (
    Convolution,
    CrossEntropy,
    Dense,
    Dropout,
    Layer,
    LogLikelihood,
    MaxPooling,
    Network,
    Quadratic,
    check_gradient,
    glorot,
    he,
    identity,
    numerical_gradient,
    relu,
    scaled_normal,
    sigmoid,
    softmax,
    standard_normal,
    tanh,
)

OUTPUTS = [
    (Quadratic(), sigmoid),
    (Quadratic(), tanh),
    (Quadratic(), relu),
    (Quadratic(), identity),
    (CrossEntropy(), sigmoid),
    (LogLikelihood(), softmax),
]


def examples(inputs, classes, m, seed=1):
    """Random inputs and one-hot targets."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((int(np.prod(inputs)), m))
    return x, np.eye(classes)[:, rng.integers(classes, size=m)]


def stack(name, f):
    """Hidden layers with the activation f, and the shape of their inputs."""
    return {
        "dense": ([Dense(5, f)], 6),
        "eight dense": ([Dense(4, f) for _ in range(7)], 4),
        "convolution": ([Convolution(2, 3, f)], (1, 5, 5)),
        "several maps before": ([Convolution(3, 2, f)], (2, 5, 4)),
        "pooling, odd sizes": ([Convolution(2, 2, f), MaxPooling(2)], (2, 6, 8)),
        "two convolutions": (
            [
                *(Convolution(2, 3, f), MaxPooling(2)),
                *(Convolution(3, 2, f), MaxPooling(2), Dense(4, f)),
            ],
            (1, 9, 10),
        ),
        "pooling by three, and first": (
            [MaxPooling(3), Convolution(2, 2, f), Dense(3, f)],
            (1, 10, 9),
        ),
        "dropout": (
            [
                *(Dropout(0.2), Convolution(2, 3, f), MaxPooling(2), Dropout(0.4)),
                *(Dense(6, f), Dropout(0.5)),
            ],
            (2, 7, 7),
        ),
    }[name]


STACKS = [
    *("dense", "eight dense", "convolution", "several maps before"),
    *(
        "pooling, odd sizes",
        "two convolutions",
        "pooling by three, and first",
        "dropout",
    ),
]


@pytest.mark.parametrize("f", [sigmoid, tanh, relu, identity], ids=lambda f: f.__name__)
@pytest.mark.parametrize("name", STACKS)
def test_gradients_of_every_stack_and_activation(name, f):
    layers, inputs = stack(name, f)
    last = Dense(3, softmax)
    # Biases from N(0, 1): with zeros, neurons behind silent ones sit on the kink of ReLU.
    options = {"cost": LogLikelihood(), "start": scaled_normal, "rng": 4}
    net = Network([*layers, last], inputs=inputs, **options)
    x, y = examples(inputs, 3, 7)
    options = {"lmbda": 0.3, "l1": 0.2, "rng": 5}
    assert check_gradient(net, x, y, **options) < 1e-8
    assert check_gradient(net, x, y, method="complex", **options) < 1e-13


@pytest.mark.parametrize(
    "cost, f", OUTPUTS, ids=lambda v: getattr(v, "__name__", str(v))
)
@pytest.mark.parametrize("m", [1, 64])
def test_gradients_of_every_cost_and_output(cost, f, m):
    net = Network([Dense(5, tanh), Dense(4, f)], inputs=6, cost=cost, rng=3)
    x, y = examples(6, 4, m)
    assert check_gradient(net, x, y) < 1e-8
    assert check_gradient(net, x, y, method="complex") < 1e-13
    assert check_gradient(net, x, np.random.default_rng(0).random(y.shape)) < 1e-8


def test_a_square_convolution_has_its_kernel_the_right_way_round():
    """Of a wrong transposition nothing else would tell: maps, maps before and size agree."""
    net = Network([Convolution(3, 3), Dense(2)], inputs=(3, 5, 5), rng=1)
    assert check_gradient(net, *examples((3, 5, 5), 2, 4)) < 1e-8


def test_equal_patches_tie_and_the_gradient_is_still_right():
    """Blank paper: all patches are equal, so whoever wins moves like the others."""
    layers = [Convolution(2, 3, sigmoid), MaxPooling(2), Dense(2)]
    net = Network(layers, inputs=(6, 6), rng=1)
    x, y = np.full((36, 3), 0.25), np.eye(2)[:, [0, 1, 0]]
    assert check_gradient(net, x, y) < 1e-8


def test_a_convolution_by_hand():
    """Weighted inputs are sums over windows, eq. (125), written as four loops."""
    net = Network([Convolution(2, 3), Dense(2)], inputs=(2, 5, 6), rng=1)
    layer, x = net.layers[0], examples((2, 5, 6), 2, 4)[0].reshape(2, 5, 6, 4)
    z = layer.weighted_input(x)
    assert z.shape == (2, 3, 4, 4)
    for i, r, c, e in [(0, 0, 0, 0), (1, 2, 3, 3), (1, 0, 2, 1)]:
        expected = layer.b[i, 0] + sum(
            layer.w[i, k, j, h] * x[k, r + j, c + h, e]
            for k in range(2)
            for j in range(3)
            for h in range(3)
        )
        assert z[i, r, c, e] == pytest.approx(expected, abs=1e-13)


def test_sizes_are_counted_as_in_the_text():
    layers = [Convolution(20, 5, relu), MaxPooling(2), Dense(100), Dense(10)]
    net = Network(layers, inputs=(28, 28), rng=1)
    assert net.sizes == [784, 20 * 24 * 24, 20 * 12 * 12, 100, 10]
    assert net.weights[0].size + net.biases[0].size == 520
    assert [w.shape for w in net.weights] == [(20, 1, 5, 5), (100, 2880), (10, 100)]
    assert [b.shape for b in net.biases] == [(20, 1), (100, 1), (10, 1)]


def test_max_pooling_by_hand_first_of_equals():
    pool = MaxPooling(2)
    pool.connect((1, 3, 5), None, float)
    a = np.array([[1, 5, 2, 2, 9], [5, 0, 2, 2, 9], [8, 8, 8, 8, 8.0]]).reshape(
        1, 3, 5, 1
    )
    np.testing.assert_array_equal(pool.forward(a)[0, :, :, 0], [[5, 2]])
    grad = pool.backward(np.array([10.0, 20.0]).reshape(1, 1, 2, 1))[0, :, :, 0]
    # Of the 5s the first row's column 1 or row 1's column 0 may win, but only one, and whole.
    assert sorted(grad.ravel()[grad.ravel() != 0]) == [10, 20]
    assert grad[0, 2] == 20 and (grad[0, 1] == 10 or grad[1, 0] == 10)
    right = np.array([[1.0, 7], [3, 4]]).reshape(1, 2, 2, 1)
    pool.connect((1, 2, 2), None, float)
    assert pool.forward(right).item() == 7
    whole = MaxPooling(1)
    whole.connect((1, 2, 2), None, float)
    same = np.arange(4.0).reshape(1, 2, 2, 1)
    np.testing.assert_array_equal(whole.forward(same), same)
    np.testing.assert_array_equal(whole.backward(same), same)


def test_dropout_silences_a_fraction_and_keeps_the_mean():
    dropout = Dropout(0.3)
    a = np.ones((100, 1000))
    kept = dropout.forward(a, np.random.default_rng(1))
    assert set(np.unique(kept)) == {0, np.float64(1 / 0.7)}
    assert kept.mean() == pytest.approx(1, abs=0.01)
    np.testing.assert_array_equal(dropout.backward(a), kept)
    np.testing.assert_array_equal(dropout.forward(a), a)


def test_dropout_is_off_in_evaluation_and_on_in_training():
    net = Network([Dropout(0.5), Dense(3)], inputs=40, rng=1)
    x, y = examples(40, 3, 5)
    assert net.cost(x, y) == net.cost(x, y) != net.cost(x, y, rng=1)
    assert net.cost(x, y, rng=1) == net.cost(x, y, rng=1) != net.cost(x, y, rng=2)


class Doubled(Layer):
    """A layer of one's own: two methods."""

    def forward(self, a, rng=None):
        return 2 * a

    def backward(self, grad, first=False):
        return 2 * grad


def test_a_layer_of_ones_own_needs_two_methods():
    layers = [Doubled(), Dense(4, tanh), Doubled(), Dense(3)]
    net = Network(layers, inputs=5, rng=1)
    x, y = examples(5, 3, 6)
    assert check_gradient(net, x, y) < 1e-8
    net.sgd(Data(x, y), 1, 3, 0.1, verbose=False)
    assert repr(net) == (
        "Network([Doubled(), Dense(4, tanh), Doubled(), Dense(3, sigmoid)], "
        "inputs=5, cost=Quadratic())"
    )


class Data:
    """Examples as a training set."""

    def __init__(self, x, y):
        self.x, self.y, self.labels = x, y, y.argmax(axis=0)


def test_joined_pooling_computes_what_the_two_layers_do():
    """An activation of one's own is not joined, so it takes the other way."""

    def own(z):
        return sigmoid(z)

    own.slope = sigmoid.slope
    x, y = examples((1, 8, 8), 3, 5)
    nets = [
        Network([Convolution(2, 3, f), MaxPooling(2), Dense(3)], inputs=(8, 8), rng=1)
        for f in (sigmoid, own)
    ]
    np.testing.assert_array_equal(*(net.feedforward(x) for net in nets))
    for one, other in zip(*(net.errors(x, y) for net in nets), strict=True):
        np.testing.assert_allclose(one, other, rtol=0, atol=1e-16)


class OwnPooling(MaxPooling):
    """The mean in place of the largest: a subclass, not to be joined."""

    def forward(self, a, rng=None):
        return super().forward(a, rng) * 0.5


def test_subclasses_compute_what_they_say():
    x, _ = examples((1, 8, 8), 3, 5)
    nets = [
        Network([Convolution(2, 3), pooling(2), Dense(3)], inputs=(8, 8), rng=1)
        for pooling in (MaxPooling, OwnPooling)
    ]
    assert not np.array_equal(*(net.feedforward(x) for net in nets))


@pytest.mark.parametrize("layers", [[784, 30, 10], [Dense(30), Dense(10)]])
def test_layers_are_copied_so_that_networks_share_nothing(layers):
    nets = [
        Network(layers, inputs=None if layers[0] == 784 else 784, rng=s) for s in (1, 1)
    ]
    nets[0].weights[0][...] = 0
    assert nets[1].weights[0].any()


def test_assigning_to_the_lists_changes_the_network():
    net, (x, _) = Network([4, 3, 2], rng=1), examples(4, 2, 3)
    before = net.feedforward(x)
    net.weights[1] *= 2
    doubled = net.feedforward(x)
    net.weights[1] = np.ones((2, 3))
    net.biases[:] = [np.zeros((3, 1)), np.ones((2, 1))]
    hidden = sigmoid(net.weights[0] @ x)
    np.testing.assert_allclose(
        net.feedforward(x), sigmoid(np.ones((2, 3)) @ hidden + 1), rtol=1e-15
    )
    assert not np.array_equal(before, doubled)
    for bad, message in [
        (
            np.ones((3, 2)),
            r"weights\[1\] has shape \(3, 2\), but the layer needs \(2, 3\)",
        ),
        (np.full((2, 3), np.nan), r"weights\[1\] holds values that are not finite"),
    ]:
        with pytest.raises(ValueError, match=message):
            net.weights[1] = bad
    with pytest.raises(ValueError, match="1 arrays were given, but 2 layers"):
        net.biases = [np.zeros((3, 1))]


@pytest.mark.parametrize(
    ("start", "variance", "bias"),
    [
        (standard_normal, 1, True),
        (scaled_normal, 1 / 300, True),
        (glorot, 2 / 500, False),
        (he, 2 / 300, False),
    ],
)
def test_starts(start, variance, bias):
    net = Network([300, 200, 10], start=start, rng=2)
    assert net.weights[0].var() == pytest.approx(variance, rel=0.02)
    assert net.biases[0].any() == bias
    layers = [Convolution(40, 5, relu), Dense(10)]
    conv = Network(layers, inputs=(3, 8, 8), start=start, rng=2).weights[0]
    expected = {scaled_normal: 1 / 75, glorot: 2 / (75 + 1000), he: 2 / 75}
    assert conv.var() == pytest.approx(expected.get(start, 1), rel=0.06)


def test_layers_start_by_he_before_relu_and_scaled_else():
    net = Network([Dense(400, relu), Dense(300, tanh), Dense(10)], inputs=200, rng=1)
    assert net.weights[0].var() == pytest.approx(2 / 200, rel=0.03)
    assert net.weights[1].var() == pytest.approx(1 / 400, rel=0.03)
    assert not net.biases[0].any() and net.biases[1].any()


def test_softmax_adds_up_and_does_not_overflow():
    z = np.array([[1000.0, -1000.0], [999.0, -1000.0], [-5.0, -1000.0]])
    a = softmax(z)
    np.testing.assert_allclose(a.sum(axis=0), 1, rtol=1e-15)
    assert a[0, 0] / a[1, 0] == pytest.approx(np.e)
    np.testing.assert_allclose(a[:, 1], 1 / 3)


def test_softmax_slopes_against_differences():
    """Its matrix of slopes is a_j ([j = k] - a_k), symmetric."""
    z = np.array([[0.3], [-1.2], [2.0]])
    a, h = softmax(z), 1e-6
    for k in range(3):
        e = h * np.eye(3)[:, [k]]
        difference = (softmax(z + e) - softmax(z - e)) / (2 * h)
        np.testing.assert_allclose(
            difference, a * (np.eye(3)[:, [k]] - a[k]), atol=1e-9
        )


@pytest.mark.parametrize("f", [sigmoid, tanh, relu, identity], ids=lambda f: f.__name__)
def test_slope_is_the_derivative(f):
    z, h = np.array([-3.0, -0.7, 0.4, 2.0]), 1e-6
    difference = (f(z + h) - f(z - h)) / (2 * h)
    np.testing.assert_allclose(f.slope(f(z)), difference, atol=1e-9)


def test_weights_of_a_numerical_gradient_are_those_of_the_network():
    net = Network([Convolution(2, 2), Dense(3)], inputs=(4, 4), rng=1)
    nabla_w, nabla_b = numerical_gradient(net, *examples(16, 3, 2))
    assert [w.shape for w in nabla_w] == [w.shape for w in net.weights]
    assert [b.shape for b in nabla_b] == [b.shape for b in net.biases]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Dense(0), "n_out is 0, expected a whole number of at least 1"),
        (
            lambda: Dense(3, "relu"),
            "activation is 'relu', expected sigmoid, tanh, relu,",
        ),
        (
            lambda: Dense(3, np.sin),
            "activation is <ufunc 'sin'>, expected .*with_slope",
        ),
        (lambda: Convolution(2.5, 5), "maps is 2.5"),
        (lambda: Convolution(2, 0), "size is 0"),
        (lambda: MaxPooling(0), "size is 0"),
        (lambda: Dropout(1.0), "p is 1.0, expected a number from 0 to below 1"),
        (lambda: Dropout(-0.1), "p is -0.1"),
        (
            lambda: CrossEntropy(relu),
            "last layer is relu, but CrossEntropy takes sigmoid",
        ),
        (lambda: Quadratic(softmax), "softmax, but Quadratic takes sigmoid or tanh or"),
        (lambda: Network(784), "layers is 784, expected a list, such as .784, 30, 10."),
        (lambda: Network([Dense(3)]), "inputs is None, expected the number of inputs"),
        (lambda: Network([Dense(3)], inputs=(1, 2, 3, 4)), r"inputs is \(1, 2, 3, 4\)"),
        (lambda: Network([3, 2], inputs=3), "inputs is 3, but the first of the sizes"),
        (
            lambda: Network([Dense(3), 2], inputs=3),
            r"layers\[1\] is 2, expected a Layer",
        ),
        (
            lambda: Network([Dense(3), Dropout(0.5)], inputs=3),
            r"layers\[-1\] is Dropout\(0.5\), expected a Dense",
        ),
        (
            lambda: Network([Dense(3, softmax), Dense(2)], inputs=3),
            "activation of a hidden layer is softmax",
        ),
        (
            lambda: Network([4, 3, 2], activation=softmax),
            "activation of a hidden layer",
        ),
        (
            lambda: Network([Dense(3), Convolution(2, 2), Dense(2)], inputs=9),
            r"Convolution needs feature maps .* but gets \(3,\)",
        ),
        (
            lambda: Network([Convolution(2, 5), Dense(2)], inputs=(4, 9)),
            "Convolution has size 5, but the maps before it are only 4 x 9",
        ),
        (
            lambda: Network([Dense(2, relu)], inputs=3, cost=CrossEntropy()),
            "last layer is relu, but CrossEntropy takes sigmoid",
        ),
        (
            lambda: Network([Dense(2, relu)], inputs=3, cost=Quadratic(tanh)),
            r"last layer's activation is relu, but the cost is Quadratic\(tanh\)",
        ),
        (
            lambda: Network([3, 2], cost="cross-entropy"),
            "cost is 'cross-entropy', expected",
        ),
        (
            lambda: Network([3, 2], cost=CrossEntropy),
            "expected a Cost, such as CrossEntropy",
        ),
        (lambda: Network([3, 2], start="he"), "start is 'he', expected a function"),
        (
            lambda: Network(
                [3, 2], start=lambda rng, shape, n, m: (np.ones(shape), [1, 2])
            ),
            r"start returned weights \(2, 3\) and biases \(2,\), expected .* \(2, 1\)",
        ),
        (
            lambda: Network([Dense(2)], inputs=3, activation=relu),
            "activation is given, but each of the layers has its own",
        ),
        (lambda: Network([3, 2], rng="abc"), "rng is 'abc', expected a whole number"),
        (lambda: Network([3, 2], rng=-1), "rng is -1, expected a whole number"),
        (
            lambda: Network([4, 2]).feedforward(np.ones((3, 2, 2))),
            r"x has shape \(3, 2, 2\).*x.reshape\(len\(x\), -1\).T makes each image",
        ),
        (
            lambda: Network([4, 2]).feedforward(np.ones((4, 1)) * 1j),
            "x holds elements of type complex128, expected real numbers",
        ),
        (
            lambda: Network([3, 2], scaled=True, start=he),
            "scaled and start are both given",
        ),
    ],
)
def test_mistakes_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
