import inspect
from types import SimpleNamespace

import numpy as np
import pytest

from nndl import Network, check_gradient, quadratic_cost, sigmoid
from nndl.training import Descent

SHAPES = [[4, 3], [5, 4, 3], [4, 4, 4], [6, 5, 5, 3], [3, 3, 3, 3, 3], [5, 4, 3, 2, 3]]


def examples(sizes, m, seed=1):
    """Random inputs and targets, neither pixels nor one-hot."""
    rng = np.random.default_rng(seed)
    return rng.standard_normal((sizes[0], m)), rng.random((sizes[-1], m))


def dataset(sizes, n, seed=1):
    """A training set of its own for small networks; inputs are multiples of 1/256."""
    x, y = examples(sizes, n, seed)
    return SimpleNamespace(x=np.round(x * 256) / 256, y=y, labels=y.argmax(axis=0))


@pytest.mark.parametrize("sizes", SHAPES, ids=str)
@pytest.mark.parametrize("m", [1, 7, 64])
def test_backprop_against_central_differences(sizes, m):
    assert check_gradient(Network(sizes, rng=2), *examples(sizes, m)) < 1e-7


@pytest.mark.parametrize("sizes", SHAPES, ids=str)
def test_backprop_against_the_complex_step(sizes):
    assert (
        check_gradient(Network(sizes, rng=2), *examples(sizes, 7), method="complex")
        < 1e-14
    )


@pytest.mark.parametrize("sizes", SHAPES, ids=str)
def test_matrix_form_is_the_mean_of_single_examples(sizes):
    net, (x, y) = Network(sizes, rng=2), examples(sizes, 7)
    together = net.backprop(x, y)
    singles = [net.backprop(x[:, [i]], y[:, [i]]) for i in range(7)]
    for kind in (0, 1):
        for layer, gradient in enumerate(together[kind]):
            mean = np.mean([single[kind][layer] for single in singles], axis=0)
            np.testing.assert_allclose(gradient, mean, rtol=0, atol=1e-12)


def test_gradients_are_shaped_like_the_parameters():
    net = Network([5, 4, 3], rng=2)
    nabla_w, nabla_b = net.backprop(*examples([5, 4, 3], 7))
    assert (
        [w.shape for w in nabla_w] == [w.shape for w in net.weights] == [(4, 5), (3, 4)]
    )
    assert (
        [b.shape for b in nabla_b] == [b.shape for b in net.biases] == [(4, 1), (3, 1)]
    )


def test_errors_are_per_example_derivatives_by_the_weighted_input():
    """A bias is added to its neuron's weighted input, so each column is a gradient by biases."""
    net, (x, y) = Network([5, 4, 3, 2], rng=2), examples([5, 4, 3, 2], 6)
    errors = net.errors(x, y)
    assert [delta.shape for delta in errors] == [(4, 6), (3, 6), (2, 6)]
    for i in range(6):
        _, nabla_b = net.backprop(x[:, [i]], y[:, [i]])
        for delta, expected in zip(errors, nabla_b, strict=True):
            np.testing.assert_allclose(delta[:, [i]], expected, rtol=0, atol=1e-15)


def test_feedforward_is_the_formula_for_any_number_of_columns():
    net, (x, _) = Network([5, 4, 3], rng=2), examples([5, 4, 3], 9)
    a = net.feedforward(x)
    assert a.shape == (3, 9)
    for i in range(9):
        hidden = sigmoid(net.weights[0] @ x[:, [i]] + net.biases[0])
        output = sigmoid(net.weights[1] @ hidden + net.biases[1])
        np.testing.assert_allclose(a[:, [i]], output, rtol=0, atol=1e-15)


def test_cost_is_the_quadratic_cost_of_the_outputs():
    net, (x, y) = Network([5, 4, 3], rng=2), examples([5, 4, 3], 9)
    assert net.cost(x, y) == quadratic_cost(net.feedforward(x), y)


def test_accuracy_is_the_fraction_of_largest_outputs_in_the_right_row():
    net, data = Network([5, 4, 3], rng=2), dataset([5, 4, 3], 200)
    guesses = net.feedforward(data.x).argmax(axis=0)
    assert net.accuracy(data) == np.mean(guesses == data.labels)
    assert net.accuracy(SimpleNamespace(x=data.x, labels=guesses)) == 1


def test_initial_parameters_are_standard_normal_or_scaled():
    plain, scaled = (
        Network([400, 300, 10], rng=5),
        Network([400, 300, 10], rng=5, scaled=True),
    )
    assert abs(plain.weights[0].std() - 1) < 0.01
    assert abs(plain.weights[0].mean()) < 0.01
    assert abs(plain.biases[0].std() - 1) < 0.1
    for n_in, w, divided in zip([400, 300], plain.weights, scaled.weights, strict=True):
        np.testing.assert_allclose(divided, w / np.sqrt(n_in), rtol=1e-15)
    for b, same in zip(plain.biases, scaled.biases, strict=True):
        np.testing.assert_array_equal(same, b)


def parameters(net):
    """All of a network's numbers in one vector."""
    return np.concatenate([array.ravel() for array in net.weights + net.biases])


@pytest.mark.parametrize("make_rng", [lambda: 3, lambda: np.random.default_rng(3)])
def test_one_seed_fixes_the_whole_run(make_rng):
    data, runs = dataset([5, 4, 3], 50), []
    for _ in range(2):
        net = Network([5, 4, 3], rng=make_rng())
        runs.append(
            (net.sgd(data, 3, 7, 0.5, test=data, verbose=False), parameters(net))
        )
    assert runs[0][0] == runs[1][0]
    np.testing.assert_array_equal(runs[0][1], runs[1][1])
    other = Network([5, 4, 3], rng=4)
    assert not np.array_equal(parameters(other), parameters(Network([5, 4, 3], rng=3)))


def test_a_step_is_eta_times_the_mean_gradient():
    net, data = Network([5, 4, 3], rng=2), dataset([5, 4, 3], 8)
    nabla_w, nabla_b = net.backprop(data.x, data.y)
    expected = [
        p - 0.7 * g
        for p, g in zip(net.weights + net.biases, nabla_w + nabla_b, strict=True)
    ]
    net.sgd(data, epochs=1, batch_size=8, eta=0.7, verbose=False, reproducible=False)
    for parameter, value in zip(net.weights + net.biases, expected, strict=True):
        np.testing.assert_allclose(parameter, value, rtol=0, atol=1e-15)


def test_an_epoch_takes_every_example_once_and_the_short_batch_last(monkeypatch):
    """Each input is its own number, and a spy on the step sees which batches come."""
    n, batches = 23, []
    numbered = SimpleNamespace(x=np.arange(n)[np.newaxis] / 256, y=np.zeros((1, n)))
    monkeypatch.setattr(
        Descent, "step", lambda self, x, y, eta: batches.append((x * 256).ravel())
    )
    Network([1, 1], rng=0).sgd(numbered, epochs=2, batch_size=2, eta=1, verbose=False)
    assert [len(batch) for batch in batches] == ([2] * 11 + [1]) * 2
    first, second = np.concatenate(batches[:12]), np.concatenate(batches[12:])
    assert sorted(first) == sorted(second) == list(range(n))
    assert list(first) != list(range(n))
    assert list(first) != list(second)


def test_a_short_last_batch_is_averaged_over_its_own_size():
    """Two batches, of 4 and 1 examples, done by hand in the order the seed gives."""
    net, data = Network([3, 2], rng=6), dataset([3, 2], 5)
    twin = Network([3, 2], rng=6)
    order = twin.rng.permutation(5)
    for batch in (order[:4], order[4:]):
        (nabla_w,), (nabla_b,) = twin.backprop(data.x[:, batch], data.y[:, batch])
        twin.weights[0] -= 0.5 * nabla_w
        twin.biases[0] -= 0.5 * nabla_b
    net.sgd(data, 1, 4, 0.5, verbose=False, reproducible=False)
    np.testing.assert_allclose(parameters(net), parameters(twin), rtol=0, atol=1e-15)


def test_rounding_changes_a_run_very_little():
    data, nets = dataset([5, 4, 3], 50), []
    for reproducible in (True, False):
        nets.append(Network([5, 4, 3], rng=2))
        nets[-1].sgd(data, 3, 7, 0.5, verbose=False, reproducible=reproducible)
    difference = np.abs(parameters(nets[0]) - parameters(nets[1])).max()
    assert 0 < difference < 1e-4


def test_reproducible_is_the_default_in_float64_and_impossible_in_float32():
    data, nets = dataset([5, 4, 3], 50), []
    for options in ({}, {"reproducible": True}):
        nets.append(Network([5, 4, 3], rng=2))
        nets[-1].sgd(data, 2, 7, 0.5, verbose=False, **options)
    np.testing.assert_array_equal(parameters(nets[0]), parameters(nets[1]))
    with pytest.raises(ValueError, match="reproducible is on, but needs float64"):
        Network([5, 4, 3], rng=2, dtype=np.float32).sgd(
            data, 1, 5, 1.0, reproducible=True
        )


def test_float32_stays_float32():
    net, data = Network([5, 4, 3], rng=2, dtype=np.float32), dataset([5, 4, 3], 50)
    net.sgd(data, 2, 7, 0.5, verbose=False)
    assert {array.dtype for array in net.weights + net.biases} == {np.dtype(np.float32)}
    assert net.feedforward(data.x.astype(np.float32)).dtype == np.float32


def test_sgd_leaves_the_data_alone(mnist):
    data = dataset([5, 4, 3], 50)
    x, y = data.x.copy(), data.y.copy()
    Network([5, 4, 3], rng=2).sgd(data, 2, 7, 0.5, test=data, verbose=False)
    np.testing.assert_array_equal(data.x, x)
    np.testing.assert_array_equal(data.y, y)


def test_history_and_report(capsys):
    net, data = Network([5, 4, 3], rng=2), dataset([5, 4, 3], 50)
    history = net.sgd(data, 2, 10, 0.5, test=data)
    assert [epoch.number for epoch in history] == [1, 2]
    assert history[-1].accuracy == history[-1].correct / 50 == net.accuracy(data)
    assert capsys.readouterr().out == "".join(
        f"Epoch {e.number}: {e.correct} / 50\n" for e in history
    )
    assert net.sgd(data, 1, 10, 0.5)[0].accuracy is None
    assert capsys.readouterr().out == "Epoch 1\n"
    net.sgd(data, 1, 10, 0.5, test=data, verbose=False)
    assert capsys.readouterr().out == ""


def test_no_epochs_change_nothing():
    net, data = Network([5, 4, 3], rng=2), dataset([5, 4, 3], 50)
    before = parameters(net)
    assert net.sgd(data, 0, 10, 0.5) == []
    np.testing.assert_array_equal(parameters(net), before)


def test_an_interrupt_leaves_a_usable_network(monkeypatch):
    net, data, steps = Network([5, 4, 3], rng=2), dataset([5, 4, 3], 50), []
    before, differentiate = parameters(net), Network.differentiate

    def interrupt_the_third_step(*arguments):
        steps.append(1)
        if len(steps) == 3:
            raise KeyboardInterrupt
        differentiate(*arguments)

    monkeypatch.setattr(Network, "differentiate", interrupt_the_third_step)
    with pytest.raises(KeyboardInterrupt):
        net.sgd(data, 5, 10, 0.5, test=data, verbose=False)
    assert not np.array_equal(parameters(net), before)
    assert np.isfinite(net.feedforward(data.x)).all()
    assert len(net.sgd(data, 1, 10, 0.5, verbose=False)) == 1


def test_it_learns_the_digits(mnist):
    """After one epoch of the original's settings; many seeds gave 82 to 91 per cent."""
    net = Network([784, 30, 10], rng=1)
    (epoch,) = net.sgd(mnist.train, 1, 10, 3.0, test=mnist.test, verbose=False)
    assert (epoch.correct, epoch.total) == (9051, 10_000)
    assert net.accuracy(mnist.validation) > 0.89


def test_the_class_can_be_read_in_one_sitting():
    assert len(inspect.getsource(Network).splitlines()) < 240


X, Y = examples([3, 4, 2], 5)
LABELS = np.array([0, 1, 1, 0, 1])


def net():
    """A small network for the errors below."""
    return Network([3, 4, 2], rng=1)


def train(**changes):
    """Call sgd with one argument changed for the worse."""
    data = SimpleNamespace(x=changes.pop("x", X), y=changes.pop("y", Y))
    arguments = {
        "training": data,
        "epochs": 1,
        "batch_size": 2,
        "eta": 1.0,
        "verbose": False,
    }
    net().sgd(**(arguments | changes))


def with_value(array, value):
    """A copy of the array with one entry replaced."""
    array = array.copy()
    array[1, 1] = value
    return array


def data(x=X, labels=LABELS):
    """Labelled examples."""
    return SimpleNamespace(x=x, labels=labels)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: net().feedforward(X[:, 0]),
            r"x is a vector of shape \(3,\).*\(3, m\)",
        ),
        (lambda: net().feedforward(X.T), "x has 5 rows, .* has 3 neurons.*so pass x.T"),
        (
            lambda: net().feedforward(X[:2]),
            "x has 2 rows, but the network's first layer has 3",
        ),
        (lambda: net().feedforward(X[:, :0]), r"x has shape \(3, 0\)"),
        (lambda: net().feedforward(X[None]), r"x has shape \(1, 3, 5\)"),
        (lambda: net().feedforward(3.0), r"x has shape \(\)"),
        (
            lambda: net().feedforward([["1"], ["2"], ["3"]]),
            "x holds elements of type <U1",
        ),
        (
            lambda: net().feedforward(with_value(X, np.nan)),
            "x holds values that are not finite",
        ),
        (
            lambda: net().feedforward(with_value(X, np.inf)),
            "x holds values that are not finite",
        ),
        (
            lambda: net().feedforward(with_value(X, -np.inf)),
            "x holds values that are not finite",
        ),
        (
            lambda: net().cost(X, LABELS),
            r"y is a vector of 5 labels.*one-hot.*\(2, 5\)",
        ),
        (lambda: net().cost(X, Y[:, 0]), r"y is a vector of shape \(2,\).*\(2, m\)"),
        (
            lambda: net().backprop(X, Y.T),
            "y has 5 rows.*last layer has 2 neurons.*pass y.T",
        ),
        (lambda: net().backprop(X, Y[:, :4]), "x has 5 columns, but y has 4"),
        (
            lambda: net().backprop(X, with_value(Y, np.nan)),
            "y holds values that are not finite",
        ),
        (lambda: net().errors(X, LABELS), "y is a vector of 5 labels"),
        (lambda: net().accuracy(data(labels=Y)), r"data.labels has shape \(2, 5\)"),
        (
            lambda: net().accuracy(data(labels=LABELS[:4])),
            r"data.labels has shape \(4,\)",
        ),
        (
            lambda: net().accuracy(data(labels=LABELS * 0.5)),
            "type float64, expected 5 whole",
        ),
        (
            lambda: net().accuracy(data(labels=LABELS + 1)),
            "data.labels run from 1 to 2",
        ),
        (
            lambda: net().accuracy(data(labels=LABELS - 1)),
            "data.labels run from -1 to 0",
        ),
        (
            lambda: net().accuracy((X, LABELS)),
            "data is a tuple, expected .* x and labels",
        ),
        (lambda: train(x=X.T), "x has 5 rows"),
        (lambda: train(y=LABELS), "y is a vector of 5 labels"),
        (lambda: train(x=with_value(X, np.nan)), "x holds values that are not finite"),
        (lambda: train(training=(X, Y)), "training is a tuple, expected .* x and y"),
        (lambda: train(test=data(labels=Y)), "test.labels has shape"),
        (lambda: train(test=data(x=X.T)), "test.x has 5 rows"),
        (
            lambda: train(epochs=-1),
            "epochs is -1, expected a whole number of at least 0",
        ),
        (lambda: train(epochs=1.5), "epochs is 1.5, expected a whole number"),
        (lambda: train(epochs=True), "epochs is True, expected a whole number"),
        (
            lambda: train(batch_size=0),
            "batch_size is 0, expected a whole number from 1 to 5",
        ),
        (
            lambda: train(batch_size=6),
            "batch_size is 6, expected a whole number from 1 to 5",
        ),
        (lambda: train(eta=0), "eta is 0, expected a finite number above 0"),
        (lambda: train(eta=-1.0), "eta is -1.0, expected a finite number above 0"),
        (lambda: train(eta=np.nan), "eta is nan, expected"),
        (lambda: train(eta=np.inf), "eta is inf, expected"),
        (lambda: train(eta="fast"), "eta is 'fast', expected"),
        (lambda: Network([784]), "sizes is .784., but a network needs"),
        (
            lambda: Network([784, 0, 10]),
            r"sizes\[1\] is 0, expected a whole number of at least 1",
        ),
        (lambda: Network([784, 30.0, 10]), r"sizes\[1\] is 30.0"),
        (
            lambda: Network([3, 2], dtype=int),
            "dtype is <class 'int'>, expected float64 or float32",
        ),
        (
            lambda: Network([3, 2], dtype="nonsense"),
            "dtype is 'nonsense', expected float64",
        ),
    ],
)
def test_mistakes_get_an_error_that_names_the_argument(call, message):
    with pytest.raises(ValueError, match=message):
        call()
