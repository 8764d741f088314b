"""Convolutional networks that learn the same in nndl, PyTorch and JAX.

Each contender is `Contender(net, x, labels, batch_size)`: it starts from the parameters of the
nndl network `net`, and `epoch()` passes once through x (n, 784) in a random order, with ReLU,
softmax, the log-likelihood cost and weight decay. `weights()` are for the check that all take
the same step.
"""

from types import SimpleNamespace

import numpy as np

from nndl import Convolution, Dense, LogLikelihood, MaxPooling, Network, relu, softmax

ETA, LMBDA = 0.03, 0.1
FIRST = [Convolution(20, 5, relu), MaxPooling(2)]
SECOND = [Convolution(40, 5, relu), MaxPooling(2)]
END = [Dense(100, relu), Dense(10, softmax)]
NETWORKS = {
    "20 maps, 100 neurons": [*FIRST, *END],
    "20 maps, 40 maps, 100 neurons": [*FIRST, *SECOND, *END],
}


def network(name, dtype):
    """One of NETWORKS, always with the same parameters."""
    options = {"inputs": (28, 28), "cost": LogLikelihood(), "rng": 1, "dtype": dtype}
    return Network(NETWORKS[name], **options)


class Nndl:
    """The package, as a reader calls it."""

    def __init__(self, net, x, labels, batch_size):
        self.net, self.batch_size = net, batch_size
        y = np.eye(10, dtype=np.float32)[labels]
        self.training = SimpleNamespace(x=x.T, y=y.T)

    def epoch(self):
        options = {"lmbda": LMBDA, "verbose": False}
        self.net.sgd(self.training, 1, self.batch_size, ETA, **options)

    def weights(self):
        return self.net.weights


class Torch:
    """PyTorch as it runs without compilation; a subclass changes the order in memory."""

    channels_last = False

    def __init__(self, net, x, labels, batch_size):
        import torch

        torch.set_num_threads(1)
        self.torch, self.batch_size = torch, batch_size
        self.decay = ETA * LMBDA / len(labels)
        x = np.array(x, net.dtype).reshape(-1, 1, 28, 28)
        self.x, self.labels = torch.from_numpy(x), torch.from_numpy(labels.copy())
        self.w = [torch.from_numpy(w.copy()) for w in net.weights]
        self.b = [torch.from_numpy(b.ravel().copy()) for b in net.biases]
        if self.channels_last:
            last = {"memory_format": torch.channels_last}
            self.x = self.x.to(**last)
            self.w = [w.to(**last) if w.ndim == 4 else w for w in self.w]
        for parameter in self.w + self.b:
            parameter.requires_grad_()

    def cost(self, x, labels):
        f = self.torch.nn.functional
        a = x
        for w, b in zip(self.w[:-1], self.b[:-1], strict=True):
            if w.ndim == 4:
                a = f.max_pool2d(f.relu(f.conv2d(a, w, b)), 2)
            else:
                a = f.relu(f.linear(a.flatten(1), w, b))
        return f.cross_entropy(f.linear(a, self.w[-1], self.b[-1]), labels)

    def epoch(self):
        for batch in self.torch.randperm(len(self.x)).split(self.batch_size):
            self.step(self.x[batch], self.labels[batch])

    def step(self, x, labels):
        parameters = self.w + self.b
        nablas = self.torch.autograd.grad(self.cost(x, labels), parameters)
        with self.torch.no_grad():
            for w in self.w:
                w.mul_(1 - self.decay)
            for parameter, nabla in zip(parameters, nablas, strict=True):
                parameter.sub_(nabla, alpha=ETA)

    def weights(self):
        return [w.detach().contiguous().numpy() for w in self.w]


class TorchChannelsLast(Torch):
    """The same with the maps of a place side by side in memory."""

    channels_last = True


class TorchCompiled(Torch):
    """The same with the cost, and so its gradient, given to `torch.compile`."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.cost = self.torch.compile(self.cost)


class Jax:
    """JAX: a compiled step, and a loop over the batches."""

    def __init__(self, net, x, labels, batch_size):
        import jax

        self.jax, self.batch_size = jax, batch_size
        self.decay = ETA * LMBDA / len(labels)
        self.x, self.labels = np.array(x, net.dtype).reshape(-1, 1, 28, 28), labels
        self.w = [jax.numpy.asarray(w) for w in net.weights]
        self.b = [jax.numpy.asarray(b.ravel()) for b in net.biases]
        self.rng = np.random.default_rng(1)
        self.step = jax.jit(self.pure_step)

    def cost(self, parameters, x, labels):
        jax, a = self.jax, x
        layers = list(zip(*parameters, strict=True))
        for w, b in layers[:-1]:
            if w.ndim == 4:
                z = jax.lax.conv(a, w, (1, 1), "VALID") + b[:, None, None]
                window = (1, 1, 2, 2)
                a = jax.lax.reduce_window(
                    jax.nn.relu(z), -np.inf, jax.lax.max, window, window, "VALID"
                )
            else:
                a = jax.nn.relu(a.reshape(len(a), -1) @ w.T + b)
        w, b = layers[-1]
        logs = jax.nn.log_softmax(a @ w.T + b)
        return -jax.numpy.take_along_axis(logs, labels[:, None], 1).mean()

    def pure_step(self, w, b, x, labels):
        nabla_w, nabla_b = self.jax.grad(self.cost)((w, b), x, labels)
        w = [
            (1 - self.decay) * p - ETA * nabla
            for p, nabla in zip(w, nabla_w, strict=True)
        ]
        return w, [p - ETA * nabla for p, nabla in zip(b, nabla_b, strict=True)]

    def epoch(self):
        order, m = self.rng.permutation(len(self.x)), self.batch_size
        for i in range(0, len(order), m):
            batch = order[i : i + m]
            self.w, self.b = self.step(
                self.w, self.b, self.x[batch], self.labels[batch]
            )
        self.jax.block_until_ready(self.w)

    def weights(self):
        return [np.asarray(w) for w in self.w]


CONTENDERS = {
    "PyTorch, eager": Torch,
    "PyTorch, channels last": TorchChannelsLast,
    "PyTorch, compiled": TorchCompiled,
    "JAX, jit": Jax,
    "nndl": Nndl,
}
