"""Each technique of chapter 3 against its formula, one step at a time."""

from types import SimpleNamespace

import numpy as np
import pytest

from nndl import (
    CrossEntropy,
    Dense,
    DivergenceError,
    Dropout,
    LogLikelihood,
    Network,
    halve_when_stuck,
    relu,
)
from nndl.support.exact import State

SIZES = [5, 4, 3]


def dataset(n=20, seed=1, sizes=SIZES):
    rng = np.random.default_rng(seed)
    labels = rng.integers(sizes[-1], size=n)
    x = rng.standard_normal((sizes[0], n))
    return SimpleNamespace(x=x, y=np.eye(sizes[-1])[:, labels], labels=labels)


def parameters(net):
    return [array.copy() for array in net.weights + net.biases]


def one_step(data, eta=0.5, **options):
    """The network after one step with the whole data, and the one before."""
    net, before = (Network(SIZES, rng=2, cost=CrossEntropy()) for _ in range(2))
    net.sgd(
        data, 1, len(data.labels), eta, verbose=False, reproducible=False, **options
    )
    return net, before


def test_weight_decay_is_equation_93():
    data, lmbda, eta = dataset(), 4.0, 0.5
    net, before = one_step(data, eta, lmbda=lmbda)
    nabla_w, nabla_b = before.backprop(data.x, data.y)
    for w, old, nabla in zip(net.weights, before.weights, nabla_w, strict=True):
        expected = (1 - eta * lmbda / 20) * old - eta * nabla
        np.testing.assert_allclose(w, expected, rtol=0, atol=1e-15)
    for b, old, nabla in zip(net.biases, before.biases, nabla_b, strict=True):
        np.testing.assert_allclose(b, old - eta * nabla, rtol=0, atol=1e-15)


def test_l1_is_equation_97():
    data, l1, eta = dataset(), 3.0, 0.5
    net, before = one_step(data, eta, l1=l1)
    nabla_w, _ = before.backprop(data.x, data.y)
    for w, old, nabla in zip(net.weights, before.weights, nabla_w, strict=True):
        expected = old - eta * l1 / 20 * np.sign(old) - eta * nabla
        np.testing.assert_allclose(w, expected, rtol=0, atol=1e-15)


def test_regularisation_in_steps_is_that_of_the_cost():
    """What is checked is what trains: a step is eta times the gradient that backprop gives."""
    data, options = dataset(), {"lmbda": 2.0, "l1": 1.5}
    for momentum in (0.0, 0.9):
        net, before = one_step(data, 0.1, momentum=momentum, **options)
        nabla_w, nabla_b = before.backprop(data.x, data.y, **options)
        steps = [
            p - q for p, q in zip(parameters(before), parameters(net), strict=True)
        ]
        for step, nabla in zip(steps, nabla_w + nabla_b, strict=True):
            np.testing.assert_allclose(step, 0.1 * nabla, rtol=0, atol=1e-15)


def test_n_of_the_regularisation_counts_all_training_examples():
    """Batches of 5 of 20 examples, zero gradient: four decays by 1 - eta lmbda / 20."""
    net = Network([3, 2], rng=1, cost=CrossEntropy())
    data = SimpleNamespace(x=np.zeros((3, 20)), y=np.zeros((2, 20)))
    before = net.weights[0].copy()
    net.sgd(data, 1, 5, 0.5, lmbda=8.0, verbose=False, reproducible=False)
    np.testing.assert_allclose(
        net.weights[0], before * (1 - 0.5 * 8 / 20) ** 4, rtol=1e-14
    )


def test_momentum_is_equations_107_and_108():
    data, mu, eta = dataset(), 0.7, 0.2
    net = Network(SIZES, rng=2)
    twin = Network(SIZES, rng=2)
    net.sgd(data, 3, 20, eta, momentum=mu, verbose=False, reproducible=False)
    velocities = [np.zeros_like(p) for p in parameters(twin)]
    for _ in range(3):
        nabla_w, nabla_b = twin.backprop(data.x, data.y)
        for i, nabla in enumerate(nabla_w + nabla_b):
            velocities[i] = mu * velocities[i] - eta * nabla
        twin.weights = [
            w + v for w, v in zip(twin.weights, velocities[:2], strict=True)
        ]
        twin.biases = [b + v for b, v in zip(twin.biases, velocities[2:], strict=True)]
    for one, other in zip(parameters(net), parameters(twin), strict=True):
        np.testing.assert_allclose(one, other, rtol=0, atol=1e-14)


def test_no_momentum_is_plain_descent_to_the_bit():
    nets = []
    for options in ({}, {"momentum": 0.0, "l1": 0.0, "lmbda": 0}):
        nets.append(Network(SIZES, rng=2))
        nets[-1].sgd(dataset(), 2, 7, 0.5, verbose=False, **options)
    for one, other in zip(*map(parameters, nets), strict=True):
        np.testing.assert_array_equal(one, other)


def test_dropout_is_on_while_training_and_draws_from_the_networks_generator():
    def trained(p):
        net = Network([Dropout(p), Dense(3)], inputs=5, rng=2)
        net.sgd(dataset(), 2, 5, 0.5, verbose=False)
        return parameters(net)

    for one, other in zip(trained(0.5), trained(0.5), strict=True):
        np.testing.assert_array_equal(one, other)
    assert not np.array_equal(trained(0.5)[0], trained(0.0)[0])


def test_monitored_data_are_scored_after_every_epoch():
    net, train, other = Network(SIZES, rng=2), dataset(), dataset(11, seed=3)
    options = {"lmbda": 0.5, "l1": 0.25}
    history = net.sgd(
        train, 2, 5, 0.5, monitor=[train, other], verbose=False, **options
    )
    for data, score in zip([train, other], history[-1].monitored, strict=True):
        assert score.cost == net.cost(data.x, data.y, **options)
        assert score.accuracy == net.accuracy(data) == score.correct / score.total
        assert score.total == len(data.labels)
    assert history[0].monitored != history[1].monitored
    assert history[0].correct is None


def test_schedule_sets_the_rate_and_ends_training():
    calls = []

    def schedule(eta, history):
        calls.append((eta, len(history)))
        return None if len(history) == 3 else eta / 2

    net = Network(SIZES, rng=2)
    history = net.sgd(dataset(), 9, 5, 0.8, schedule=schedule, verbose=False)
    assert [epoch.eta for epoch in history] == [0.4, 0.2, 0.1]
    assert calls == [(0.8, 0), (0.4, 1), (0.2, 2), (0.1, 3)]
    twin = Network(SIZES, rng=2)
    for eta in (0.4, 0.2, 0.1):
        twin.sgd(dataset(), 1, 5, eta, verbose=False)
    for one, other in zip(parameters(net), parameters(twin), strict=True):
        np.testing.assert_array_equal(one, other)


def fake_history(correct, eta=0.8):
    return [SimpleNamespace(correct=c, eta=eta) for c in correct]


def test_halve_when_stuck():
    schedule = halve_when_stuck(patience=2, stop_below=0.3)
    assert schedule(0.8, []) == 0.8
    assert schedule(0.8, fake_history([5, 6, 6])) == 0.8
    assert schedule(0.8, fake_history([5, 6, 6, 6])) == 0.4
    assert (
        schedule(0.4, fake_history([5, 6, 6, 6])) == 0.4
    )  # two epochs have to pass first
    assert schedule(0.4, fake_history([5, 6, 6, 6]) + fake_history([6, 5], 0.4)) is None
    with pytest.raises(
        ValueError, match="halve_when_stuck watches the accuracy on `test`"
    ):
        schedule(0.8, fake_history([None]))


def test_patience_ends_training_after_epochs_without_a_better_one(monkeypatch):
    counts = iter([3, 5, 4, 5, 2, 9])
    monkeypatch.setattr(Network, "_correct", lambda *arguments: next(counts))
    history = Network(SIZES, rng=1).sgd(
        dataset(), 6, 5, 0.5, test=dataset(), patience=3, verbose=False
    )
    assert [epoch.correct for epoch in history] == [3, 5, 4, 5, 2]


@pytest.mark.parametrize("reproducible", [True, False])
def test_divergence_stops_with_the_reason_and_keeps_the_last_finite_weights(
    reproducible,
):
    net = Network([5, 40, 3], rng=1, activation=relu, cost=LogLikelihood())
    with pytest.raises(DivergenceError) as info:
        net.sgd(dataset(200), 9, 5, 1e200, verbose=False, reproducible=reproducible)
    message = str(info.value)
    assert isinstance(info.value, ValueError)
    for part in (
        "layer 2",
        "in epoch 1",
        "learning rate",
        "eta is 1e+200",
        "last finite",
    ):
        assert part in message
    assert all(np.isfinite(array).all() for array in net.weights + net.biases)


def test_a_divergence_in_a_later_layer_and_epoch_is_named():
    net = Network(SIZES, rng=1)
    before = parameters(net)
    state = State(net.layers, [], True)
    net.layers[0].b[0] = 3
    net.layers[1].w[0, 0] = np.inf
    with pytest.raises(
        DivergenceError, match=r"layer 3 became .* in epoch 7.*eta is 0\.5,"
    ):
        state.settle(7, 0.5, finish=False)
    for one, other in zip(parameters(net), before, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"lmbda": -1}, "lmbda is -1, expected a finite number of at least 0"),
        ({"l1": np.nan}, "l1 is nan, expected a finite number of at least 0"),
        ({"lmbda": "big"}, "lmbda is 'big'"),
        ({"momentum": 1.0}, "momentum is 1.0, expected a number from 0 to below 1"),
        ({"momentum": -0.1}, "momentum is -0.1"),
        ({"momentum": True}, "momentum is True"),
        (
            {"lmbda": 40.0},
            r"eta \* lmbda / n is 1, .* 1 - eta lmbda / n = 0; .* n = 20",
        ),
        ({"lmbda": 400.0}, r"multiply every weight by 1 - eta lmbda / n = -9"),
        ({"monitor": 3}, "monitor is 3, expected a list"),
        (
            {"monitor": [(1, 2)]},
            r"monitor\[0\] is a tuple, expected .* x and y and labels",
        ),
        ({"patience": 3}, "patience is 3, but without `test`"),
        ({"patience": 0, "test": dataset()}, "patience is 0, expected a whole number"),
        ({"schedule": lambda eta, history: -1}, "eta returned by schedule is -1"),
        ({"schedule": lambda eta, history: 99.0, "lmbda": 1}, "multiply every weight"),
    ],
)
def test_mistakes_get_an_error_that_names_the_argument(options, message):
    with pytest.raises(ValueError, match=message):
        Network(SIZES, rng=1).sgd(dataset(), 1, 5, 0.5, verbose=False, **options)
