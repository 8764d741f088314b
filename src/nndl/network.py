"""The feed-forward network of chapters 1 and 2, with its learning rule."""

from typing import NamedTuple

import numpy as np

from nndl import checks, storage
from nndl.activations import sigmoid
from nndl.costs import quadratic_cost
from nndl.exact import round_for_exact_sums
from nndl.progress import Progress
from nndl.threads import few_blas_threads


class Epoch(NamedTuple):
    """What one pass through the training data led to.

    `number` counts from 1; `correct` of `total` test examples were
    classified correctly, both None where there were none.
    """

    number: int
    correct: int | None = None
    total: int | None = None

    @property
    def accuracy(self):
        """Fraction of the test examples classified correctly, or None."""
        return None if self.total is None else self.correct / self.total

    def __str__(self):
        score = "" if self.total is None else f": {self.correct} / {self.total}"
        return f"Epoch {self.number}{score}"


class Network:
    """Layers of sigmoid neurons, each wired to all of the layer before.

    `sizes` counts the neurons of each layer, inputs first. `weights[i]`, of
    shape (sizes[i + 1], sizes[i]), and `biases[i]`, of shape (sizes[i + 1],
    1), lead into layer i + 2 of the text, whose layer 1 is the input. Row j
    of a weight matrix belongs to receiving neuron j, column k to sending
    neuron k. Examples are always the columns of a matrix.
    """

    def __init__(self, sizes, rng=None, scaled=False, dtype=np.float64):
        """Draw all weights and biases from N(0, 1), as the original does.

        rng is a seed or a numpy Generator; it also shuffles in `sgd`, so
        that one seed fixes a whole run. `scaled` divides each layer's
        weights by sqrt(n_in), which keeps its neurons from starting
        saturated. dtype is float64 or float32.

        Raises ValueError for fewer than two layers, an empty layer, or
        another dtype.
        """
        self.sizes = checks.as_sizes(sizes)
        self.dtype = checks.as_float_type("dtype", dtype)
        self.rng = np.random.default_rng(rng)
        self.weights, self.biases = [], []
        for n_in, n_out in zip(self.sizes[:-1], self.sizes[1:], strict=True):
            shrink = np.sqrt(n_in) if scaled else 1
            w = self.rng.standard_normal((n_out, n_in)) / shrink
            b = self.rng.standard_normal((n_out, 1))
            self.weights.append(w.astype(self.dtype))
            self.biases.append(b.astype(self.dtype))

    def feedforward(self, x):
        """Outputs (n_out, m) for the inputs x (n_in, m): eq. (25), layer by layer."""
        return self._activations(checks.as_columns("x", x, self.sizes[0], "first"))[-1]

    def cost(self, x, y):
        """Quadratic cost, eq. (6), of x (n_in, m) against targets y (n_out, m)."""
        x, y = checks.as_matching_columns(x, y, self.sizes)
        return quadratic_cost(self._activations(x)[-1], y)

    def accuracy(self, data):
        """Fraction of the columns of data.x classified as data.labels says."""
        x, labels = checks.as_labelled("data", data, self.sizes)
        return self._correct(x, labels) / len(labels)

    def backprop(self, x, y):
        """Exact gradient of `cost` for x (n_in, m), y (n_out, m), (BP1) to (BP4).

        Returns nabla_w and nabla_b, lists of arrays shaped like `weights`
        and `biases`.
        """
        x, y = checks.as_matching_columns(x, y, self.sizes)
        m = x.shape[1]
        activations = self._activations(x)
        deltas = self._deltas(activations, y)
        nabla_b = [delta.sum(axis=1, keepdims=True) / m for delta in deltas]  # BP3
        layers = zip(deltas, activations[:-1], strict=True)
        nabla_w = [delta @ a.T / m for delta, a in layers]  # BP4
        return nabla_w, nabla_b

    def errors(self, x, y):
        """Errors delta (n_l, m) of layers 2 to L in a list, eqs. (29), (BP1), (BP2).

        Column i holds the derivatives of example i's own cost, not divided
        by m, with respect to the weighted inputs of the layer.
        """
        x, y = checks.as_matching_columns(x, y, self.sizes)
        return self._deltas(self._activations(x), y)

    def sgd(
        self,
        training,
        epochs,
        batch_size,
        eta,
        test=None,
        *,
        verbose=True,
        reproducible=None,
    ):
        """Learn by mini-batch stochastic gradient descent, eqs. (20) and (21).

        `training` has x (n_in, n) and y (n_out, n), and `test`, if given,
        has x and labels. Each epoch takes the examples in a new random
        order, `batch_size` at a time, the last batch perhaps shorter; eta >
        0 is the learning rate. Returns a list of `Epoch`, each printed when
        it ends, with a bar meanwhile where somebody watches, unless `verbose`
        is off. Small batches use one BLAS thread (see `nndl.threads`).

        `reproducible` makes every CPU learn the same weights, to the bit,
        from inputs such as pixels k/256 (see `nndl.exact`). By default it is
        on in float64, where alone it works. After an interrupt the network
        can be used, and trained on.

        Raises ValueError, naming the argument, for data that does not fit
        the network or is not finite, and for numbers out of range.
        """
        checks.require_fields("training", training, "x", "y")
        x, y = checks.as_matching_columns(training.x, training.y, self.sizes)
        n = x.shape[1]
        epochs = checks.as_count("epochs", epochs, at_least=0)
        batch_size = checks.as_count("batch_size", batch_size, at_least=1, at_most=n)
        eta = checks.as_positive("eta", eta)
        exact = self.dtype == np.float64 if reproducible is None else reproducible
        if exact and self.dtype != np.float64:
            raise ValueError(
                f"reproducible is on, but needs float64 in place of {self.dtype}"
            )
        if test is not None:
            test_x, labels = checks.as_labelled("test", test, self.sizes)

        history, starts = [], range(0, n, batch_size)
        progress = Progress(epochs * len(starts), verbose)
        with few_blas_threads(self.sizes, batch_size), progress:
            for number in range(1, epochs + 1):
                order = self.rng.permutation(n)
                for start in progress.count(starts):
                    batch = order[start : start + batch_size]
                    # Examples are rows in memory, and rows are fast to gather.
                    a, target = x.T[batch].T.astype(self.dtype), y.T[batch].T
                    self._step(a, target, eta, exact)
                score = (
                    () if test is None else (self._correct(test_x, labels), len(labels))
                )
                history.append(Epoch(number, *score))
                if verbose:
                    progress.hide()
                    print(history[-1], flush=True)
        return history

    def save(self, path):
        """Write the parameters to `path`, an .npz file, which is never left half."""
        storage.write_arrays(path, self.weights, self.biases)

    @classmethod
    def load(cls, path, rng=None):
        """Read a network that `save` wrote; rng is for shuffling in `sgd`.

        Raises FileNotFoundError, or ValueError for a file that is not a
        saved network.
        """
        weights, biases = storage.read_arrays(path)
        sizes = [weights[0].shape[1], *(len(b) for b in biases)]
        net = cls(sizes, rng, dtype=weights[0].dtype)
        net.weights, net.biases = weights, biases
        return net

    def _activations(self, x):
        """Activations (n_l, m) of all layers in a list, x itself first: eq. (25)."""
        activations = [x]
        for w, b in zip(self.weights, self.biases, strict=True):
            activations.append(sigmoid(w @ activations[-1] + b))
        return activations

    def _deltas(self, activations, y):
        """Errors of layers 2 to L, as `errors` returns them: (BP1) and (BP2)."""
        a = activations[-1]
        deltas = [(a - y) * (a * (1 - a))]  # BP1, with sigma'(z) = a (1 - a)
        for w, a in zip(self.weights[:0:-1], activations[-2:0:-1], strict=True):
            deltas.append((w.T @ deltas[-1]) * (a * (1 - a)))  # BP2
        return deltas[::-1]

    def _step(self, x, y, eta, exact):
        """One update by a mini-batch, with eta / m drawn into the small errors."""
        activations = self._activations(x)
        deltas = [eta / x.shape[1] * delta for delta in self._deltas(activations, y)]
        if exact:
            activations, deltas = round_for_exact_sums(activations, deltas)
        for w, b, delta, a in zip(
            self.weights, self.biases, deltas, activations[:-1], strict=True
        ):
            b -= delta.sum(axis=1, keepdims=True)
            w -= delta @ a.T

    def _correct(self, x, labels):
        """Number of columns of x whose largest output is in row labels[i]."""
        return int(np.count_nonzero(self._activations(x)[-1].argmax(axis=0) == labels))
