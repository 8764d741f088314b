"""Stochastic gradient descent, with what chapter 3 adds to it."""

from typing import NamedTuple

import numpy as np

from nndl.support import checks
from nndl.support.exact import PERIOD, State
from nndl.support.progress import Progress
from nndl.support.threads import few_blas_threads


class Score(NamedTuple):
    """How a network does on a data set: its cost, and `correct` of `total` examples."""

    cost: float
    correct: int
    total: int

    @property
    def accuracy(self):
        """Fraction of the examples classified correctly."""
        return self.correct / self.total


class Epoch(NamedTuple):
    """What one pass through the training data led to.

    `number` counts from 1; `correct` of `total` test examples were classified correctly, both
    None where there were none. `eta` was the learning rate, and `monitored` holds a `Score`
    for each data set that was to be monitored.
    """

    number: int
    correct: int | None = None
    total: int | None = None
    eta: float | None = None
    monitored: tuple[Score, ...] = ()

    @property
    def accuracy(self):
        """Fraction of the test examples classified correctly, or None."""
        return None if self.total is None else self.correct / self.total

    def __str__(self):
        score = "" if self.total is None else f": {self.correct} / {self.total}"
        return f"Epoch {self.number}{score}"


def sgd(
    net,
    training,
    epochs,
    batch_size,
    eta,
    test=None,
    *,
    lmbda=0.0,
    l1=0.0,
    momentum=0.0,
    monitor=(),
    schedule=None,
    patience=None,
    verbose=True,
    reproducible=None,
):
    """Learn by mini-batch stochastic gradient descent, eqs. (20) and (21).

    `training` has x (n_in, n) and y (n_out, n), and `test`, if given, has x and labels. Each
    epoch takes the examples in a new random order, `batch_size` at a time, the last batch
    perhaps shorter; eta > 0 is the learning rate. Returns a list of `Epoch`, each printed when
    it ends, with a bar meanwhile where somebody watches, unless `verbose` is off.

    - lmbda >= 0 shrinks all weights by the factor 1 - eta lmbda / n at each step, eq. (93),
      and l1 >= 0 pulls each by eta l1 / n towards 0, eq. (97); n counts the training examples.
    - momentum mu, 0 <= mu < 1, is that of (107) and (108); velocities begin at 0 in each call.
    - monitor: data sets, each with x, y and labels; every `Epoch` has their scores, where the
      cost has the terms of lmbda and l1 in it.
    - schedule(eta, history) is called before each epoch with the last learning rate and the
      epochs so far, and returns the next rate, or None to stop. See `halve_when_stuck`.
    - patience: stop when that many epochs in a row have not bettered the best accuracy on
      `test`, which is then best a part of the data that is used for nothing else.
    - reproducible makes every CPU learn the same weights, to the bit (see
      `nndl.support.exact`). By default it is on in float64, where alone it works.

    Small batches use one BLAS thread (see `nndl.support.threads`). After an interrupt the
    network can be used, and trained on.

    Raises ValueError, naming the argument, for data that does not fit the network or is not
    finite, and for numbers out of range; and DivergenceError, which is a ValueError and a
    FloatingPointError, when a weight or bias is no longer finite: then the network has the
    last good ones.
    """
    checks.require_fields("training", training, "x", "y")
    x, y = checks.as_matching_columns(training.x, training.y, net.sizes, "training.")
    n = x.shape[1]
    epochs = checks.as_count("epochs", epochs, at_least=0)
    batch_size = checks.as_count("batch_size", batch_size, at_least=1, at_most=n)
    eta = checks.as_positive("eta", eta)
    descent = Descent(net, n, lmbda, l1, momentum)
    descent.check_decay(eta)
    exact = checks.as_reproducible(reproducible, net.dtype)
    if test is not None:
        test_x, labels = checks.as_labelled("test", test, net.sizes)
    monitor = [
        checks.as_monitored(f"monitor[{i}]", data, net.sizes)
        for i, data in enumerate(checks.as_list("monitor", monitor))
    ]
    patience = checks.as_patience(patience, test)
    if schedule is not None and not callable(schedule):
        raise ValueError(
            f"schedule is {schedule!r}, expected a function of eta and history"
        )

    history, starts = [], range(0, n, PERIOD * batch_size)
    state = State(net.layers, descent.velocities, exact)
    progress = Progress(epochs * len(starts), verbose)
    largest = max(layer.multiplications for layer in descent.layers)
    with (
        few_blas_threads(batch_size * largest),
        progress,
        np.errstate(over="ignore", invalid="ignore"),
    ):
        for number in range(1, epochs + 1):
            if schedule is not None:
                eta = schedule(eta, tuple(history))
                if eta is None:
                    break
                eta = checks.as_positive("eta returned by schedule", eta)
                descent.check_decay(eta)
            order = net.rng.permutation(n)
            for start in progress.count(starts):
                # Some batches together; examples are rows in memory, fast to gather.
                chosen = order[start : start + PERIOD * batch_size]
                rows = x.T.take(chosen, axis=0).astype(net.dtype)
                targets = y.T.take(chosen, axis=0).astype(net.dtype)
                for i in range(0, len(chosen), batch_size):
                    batch = slice(i, i + batch_size)
                    descent.step(rows[batch].T, targets[batch].T, eta)
                state.settle(number, eta, finish=start == starts[-1])
            score = () if test is None else (net._correct(test_x, labels), len(labels))
            scores = tuple(_score(net, data, lmbda, l1) for data in monitor)
            total = Epoch(number, *(score or (None, None)), eta, scores)
            history.append(total)
            if verbose:
                progress.hide()
                print(total, flush=True)
            if patience is not None and _is_stuck(history, patience):
                break
    return history


class Descent:
    """Steps downhill for all layers with neurons, and what a step needs besides a batch."""

    def __init__(self, net, n, lmbda, l1, momentum):
        self.net, self.n = net, n
        self.lmbda = checks.as_at_least_0("lmbda", lmbda)
        self.l1 = checks.as_at_least_0("l1", l1)
        self.momentum = checks.as_fraction("momentum", momentum)
        self.layers = net._neurons()
        self.velocities = []
        if self.momentum:
            arrays = [(layer.w, layer.b) for layer in self.layers]
            self.velocities = [tuple(map(np.zeros_like, pair)) for pair in arrays]

    def check_decay(self, eta):
        """Raise ValueError where weight decay would not shrink the weights but flip them."""
        decay = eta * self.lmbda / self.n
        if decay >= 1:
            raise ValueError(
                f"eta * lmbda / n is {decay:.4g}, so each step would multiply every weight by "
                f"1 - eta lmbda / n = {1 - decay:.4g}; expected a factor above 0, so that "
                f"eta * lmbda < n = {self.n}"
            )

    def step(self, x, y, eta):
        """One update by the mini-batch x, y: eqs. (20), (21), (93), (97), (107), (108).

        With eta / m drawn into the small errors, a nabla is already the step to be taken.
        """
        self.net.differentiate(x, y, eta / x.shape[1], self.net.rng)
        decay = eta * self.lmbda / self.n
        pull = eta * self.l1 / self.n
        if self.velocities:
            self._roll(decay, pull)
            return
        for layer in self.layers:
            if decay:
                layer.w *= 1 - decay  # (93), keeps all signs
            if pull:
                layer.w -= pull * np.sign(layer.w)  # (97)
            layer.w -= layer.nabla_w  # (20)
            layer.b -= layer.nabla_b  # (21)

    def _roll(self, decay, pull):
        """The step with momentum: the gradient changes the velocity, not the position."""
        for layer, (v_w, v_b) in zip(self.layers, self.velocities, strict=True):
            if pull:
                layer.nabla_w += pull * np.sign(layer.w)
            if decay:
                layer.nabla_w += decay * layer.w
            for v, nabla in (v_w, layer.nabla_w), (v_b, layer.nabla_b):
                v *= self.momentum
                v -= nabla  # (107)
            layer.w += v_w  # (108)
            layer.b += v_b


def halve_when_stuck(patience, stop_below):
    """A schedule: halve eta after `patience` epochs without a better accuracy on `test`.

    It stops training when eta falls below `stop_below`. For `Network.sgd(schedule=...)`.
    """
    patience = checks.as_count("patience", patience, at_least=1)
    stop_below = checks.as_positive("stop_below", stop_below)

    def schedule(eta, history):
        if history and history[-1].correct is None:
            raise ValueError(
                "halve_when_stuck watches the accuracy on `test`: pass one"
            )
        same = [epoch for epoch in history if epoch.eta == eta]
        if len(same) >= patience and _is_stuck(history, patience):
            eta = eta / 2
        return eta if eta >= stop_below else None

    return schedule


def _is_stuck(history, patience):
    """Whether the last `patience` epochs are no better than the best one before them."""
    correct = [epoch.correct for epoch in history]
    before, last = correct[:-patience], correct[-patience:]
    return bool(before) and max(last) <= max(before)


def _score(net, data, lmbda, l1):
    """The `Score` of the network on a data set."""
    x, y, labels = data
    return Score(float(net.cost(x, y, lmbda, l1)), net._correct(x, labels), len(labels))
