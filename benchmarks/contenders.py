"""Programs that train the same network on the same data, each in its own manner.

Each is a class: `Contender(task)` prepares, `start()` sets the initial parameters,
`epoch()` passes once through the data in a new random order, and `parameters()` returns
weights and biases as nndl keeps them. Only `epoch()` is timed. The data are given to
each in the layout and the type that suit it best.
"""

import random
from dataclasses import dataclass
from itertools import pairwise
from types import SimpleNamespace

import numpy as np

from nndl import Network


@dataclass
class Task:
    """A network, its data (one example per row, as in memory) and how to learn."""

    sizes: list
    batch_size: int
    dtype: type
    x: np.ndarray
    y: np.ndarray
    eta: float = 3.0

    def network(self):
        """The network before training, always the same."""
        return Network(self.sizes, rng=1, dtype=self.dtype)


class Nndl:
    """The package, as a reader calls it."""

    reproducible = None

    def __init__(self, task):
        self.task = task
        self.training = SimpleNamespace(x=task.x.T, y=task.y.T)
        self.start()

    def start(self):
        self.net = self.task.network()

    def epoch(self):
        task = self.task
        self.net.sgd(
            self.training,
            1,
            task.batch_size,
            task.eta,
            verbose=False,
            reproducible=self.reproducible,
        )

    def parameters(self):
        return self.net.weights, self.net.biases


class NndlPlain(Nndl):
    """The package without rounding for exact sums."""

    reproducible = False


class Loop:
    """A loop over the examples, in the manner of the original's program."""

    def __init__(self, task):
        self.task = task
        x, y = task.x.astype(task.dtype), task.y.astype(task.dtype)
        self.examples = [
            (a.reshape(-1, 1), b.reshape(-1, 1)) for a, b in zip(x, y, strict=True)
        ]
        self.start()

    def start(self):
        net = self.task.network()
        self.weights, self.biases = net.weights, net.biases

    def epoch(self):
        random.shuffle(self.examples)
        m = self.task.batch_size
        for i in range(0, len(self.examples), m):
            self.update(self.examples[i : i + m])

    def update(self, batch):
        rate = self.task.eta / len(batch)
        sum_w = [np.zeros_like(w) for w in self.weights]
        sum_b = [np.zeros_like(b) for b in self.biases]
        for x, y in batch:
            nabla_w, nabla_b = self.gradient(x, y)
            sum_w = [s + g for s, g in zip(sum_w, nabla_w, strict=True)]
            sum_b = [s + g for s, g in zip(sum_b, nabla_b, strict=True)]
        self.weights = [w - rate * s for w, s in zip(self.weights, sum_w, strict=True)]
        self.biases = [b - rate * s for b, s in zip(self.biases, sum_b, strict=True)]

    def gradient(self, x, y):
        activations, weighted = [x], []
        for w, b in zip(self.weights, self.biases, strict=True):
            weighted.append(np.dot(w, activations[-1]) + b)
            activations.append(self.sigmoid(weighted[-1]))
        delta = (activations[-1] - y) * self.slope(weighted[-1])
        nabla_w, nabla_b = [np.dot(delta, activations[-2].T)], [delta]
        for layer in range(2, len(self.task.sizes)):
            back = np.dot(self.weights[-layer + 1].T, delta)
            delta = back * self.slope(weighted[-layer])
            nabla_w.insert(0, np.dot(delta, activations[-layer - 1].T))
            nabla_b.insert(0, delta)
        return nabla_w, nabla_b

    @staticmethod
    def sigmoid(z):
        return 1.0 / (1.0 + np.exp(-z))

    def slope(self, z):
        return self.sigmoid(z) * (1 - self.sigmoid(z))

    def parameters(self):
        return self.weights, self.biases


class Preallocated:
    """The yardstick: every array made beforehand, every operation with `out`.

    Rows are examples here, so that each product is of contiguous matrices. What it
    gains over nndl is the price of formulas that can be read.
    """

    def __init__(self, task):
        self.task, self.m = task, task.batch_size
        self.rng = np.random.default_rng(1)
        self.rows = np.empty((self.m, task.sizes[0]), task.x.dtype)
        self.target = np.empty((self.m, task.sizes[-1]), task.y.dtype)
        sizes, empty = task.sizes, lambda *shape: np.empty(shape, task.dtype)
        self.a = [empty(self.m, n) for n in sizes]
        self.slope = [empty(self.m, n) for n in sizes[1:]]
        self.delta = [empty(self.m, n) for n in sizes[1:]]
        self.nabla_w = [empty(n, k) for k, n in pairwise(sizes)]
        self.nabla_b = [empty(n) for n in sizes[1:]]
        self.start()

    def start(self):
        net = self.task.network()
        self.w = net.weights
        self.b = [b.ravel().copy() for b in net.biases]

    def epoch(self):
        order = self.rng.permutation(len(self.task.x))
        for i in range(0, len(order), self.m):
            self.step(order[i : i + self.m])

    def step(self, batch):
        np.take(self.task.x, batch, 0, self.rows, "clip")
        np.take(self.task.y, batch, 0, self.target, "clip")
        np.copyto(self.a[0], self.rows)
        for w, b, a_in, a in zip(self.w, self.b, self.a, self.a[1:], strict=False):
            np.matmul(a_in, w.T, out=a)
            np.add(a, b, out=a)
            np.multiply(a, 0.5, out=a)
            np.tanh(a, out=a)
            np.add(a, 1.0, out=a)
            np.multiply(a, 0.5, out=a)
        rate = self.task.eta / self.m
        delta = self.delta[-1]
        np.subtract(self.a[-1], self.target, out=delta)
        np.multiply(delta, rate, out=delta)
        for layer in reversed(range(len(self.w))):
            a, slope, delta = self.a[layer + 1], self.slope[layer], self.delta[layer]
            np.subtract(1.0, a, out=slope)
            np.multiply(slope, a, out=slope)
            np.multiply(delta, slope, out=delta)
            if layer:
                np.matmul(delta, self.w[layer], out=self.delta[layer - 1])
            np.matmul(delta.T, self.a[layer], out=self.nabla_w[layer])
            np.add.reduce(delta, axis=0, out=self.nabla_b[layer])
            np.subtract(self.w[layer], self.nabla_w[layer], out=self.w[layer])
            np.subtract(self.b[layer], self.nabla_b[layer], out=self.b[layer])

    def parameters(self):
        return self.w, [b.reshape(-1, 1) for b in self.b]


class Torch:
    """PyTorch as it runs without compilation: autograd and a loop written by hand."""

    def __init__(self, task):
        import torch

        torch.set_num_threads(1)
        self.torch, self.task = torch, task
        self.x = torch.from_numpy(task.x.astype(task.dtype))
        self.y = torch.from_numpy(task.y.astype(task.dtype))
        self.start()

    def start(self):
        net = self.task.network()
        self.w = [self.tensor(w) for w in net.weights]
        self.b = [self.tensor(b.ravel()) for b in net.biases]

    def tensor(self, array):
        return self.torch.from_numpy(array.copy()).requires_grad_()

    def cost(self, a, y):
        for w, b in zip(self.w, self.b, strict=True):
            a = self.torch.sigmoid(self.torch.nn.functional.linear(a, w, b))
        return ((a - y) ** 2).sum() / (2 * len(y))

    def epoch(self):
        order, m = self.torch.randperm(len(self.x)), self.task.batch_size
        for batch in order.split(m):
            self.step(self.x[batch], self.y[batch])

    def step(self, x, y):
        parameters = self.w + self.b
        gradient = self.torch.autograd.grad(self.cost(x, y), parameters)
        with self.torch.no_grad():
            for parameter, nabla in zip(parameters, gradient, strict=True):
                parameter.sub_(nabla, alpha=self.task.eta)

    def parameters(self):
        weights = [w.detach().numpy() for w in self.w]
        return weights, [b.detach().numpy().reshape(-1, 1) for b in self.b]


class TorchCompiled(Torch):
    """PyTorch with the whole step, gradient and update, given to `torch.compile`."""

    def start(self):
        super().start()
        for parameter in self.w + self.b:
            parameter.requires_grad_(False)
        if not hasattr(self, "compiled"):
            self.compiled = self.torch.compile(self.pure_step)

    def tensor(self, array):
        return self.torch.from_numpy(array.copy())

    def pure_step(self, w, b, x, y):
        def cost(w, b):
            a = x
            for weights, biases in zip(w, b, strict=True):
                linear = self.torch.nn.functional.linear(a, weights, biases)
                a = self.torch.sigmoid(linear)
            return ((a - y) ** 2).sum() / (2 * len(y))

        for values, nablas in zip(
            (w, b), self.torch.func.grad(cost, (0, 1))(w, b), strict=True
        ):
            for value, nabla in zip(values, nablas, strict=True):
                value.sub_(nabla, alpha=self.task.eta)

    def step(self, x, y):
        self.compiled(self.w, self.b, x, y)


class ScikitLearn:
    """scikit-learn's MLPClassifier: sigmoid neurons, plain gradient descent.

    It has no quadratic cost, so it learns by the cross-entropy, whose first error
    a - y saves the factor a (1 - a). The rest of the work is the same.
    """

    def __init__(self, task):
        from sklearn.neural_network import MLPClassifier

        self.task = task
        self.x, self.y = task.x.astype(task.dtype), task.y.astype(int)
        self.model = MLPClassifier(
            task.sizes[1:-1],
            activation="logistic",
            solver="sgd",
            alpha=0,
            batch_size=task.batch_size,
            learning_rate_init=task.eta,
            momentum=0,
            random_state=1,
        )
        first = slice(task.batch_size)
        classes = range(task.sizes[-1])
        self.model.partial_fit(self.x[first], self.y[first], classes=classes)
        self.start()

    def start(self):
        net = self.task.network()
        for own, w in zip(self.model.coefs_, net.weights, strict=True):
            own[...] = w.T
        for own, b in zip(self.model.intercepts_, net.biases, strict=True):
            own[...] = b.ravel()

    def epoch(self):
        self.model.partial_fit(self.x, self.y)

    def parameters(self):
        biases = [b.reshape(-1, 1) for b in self.model.intercepts_]
        return [w.T for w in self.model.coefs_], biases


class Jax:
    """JAX: an epoch is one compiled function, a scan over the batches."""

    def __init__(self, task):
        import jax

        jax.config.update("jax_enable_x64", True)
        self.jax, self.task = jax, task
        self.x = jax.numpy.asarray(task.x, task.dtype)
        self.y = jax.numpy.asarray(task.y, task.dtype)
        self.key = jax.random.key(1)
        self.compiled = jax.jit(self.pure_epoch)
        self.start()

    def start(self):
        net = self.task.network()
        asarray = self.jax.numpy.asarray
        self.w = [asarray(w) for w in net.weights]
        self.b = [asarray(b.ravel()) for b in net.biases]

    def cost(self, parameters, x, y):
        a = x
        for w, b in zip(*parameters, strict=True):
            a = self.jax.nn.sigmoid(a @ w.T + b)
        return ((a - y) ** 2).sum() / (2 * len(y))

    def pure_epoch(self, parameters, key, x, y):
        def step(parameters, batch):
            gradient = self.jax.grad(self.cost)(parameters, x[batch], y[batch])
            descend = lambda p, nabla: p - self.task.eta * nabla  # noqa: E731
            return self.jax.tree.map(descend, parameters, gradient), None

        key, other = self.jax.random.split(key)
        order = self.jax.random.permutation(other, len(x))
        batches = order.reshape(-1, self.task.batch_size)
        return self.jax.lax.scan(step, parameters, batches)[0], key

    def epoch(self):
        (self.w, self.b), self.key = self.compiled(
            (self.w, self.b), self.key, self.x, self.y
        )
        self.jax.block_until_ready((self.w, self.b))

    def parameters(self):
        weights = [np.asarray(w) for w in self.w]
        return weights, [np.asarray(b).reshape(-1, 1) for b in self.b]


CONTENDERS = {
    "loop over examples": Loop,
    "PyTorch, eager": Torch,
    "PyTorch, compiled": TorchCompiled,
    "scikit-learn": ScikitLearn,
    "JAX, jit and scan": Jax,
    "preallocated NumPy": Preallocated,
    "nndl, plain": NndlPlain,
    "nndl": Nndl,
}
