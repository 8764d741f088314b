"""A network: layers in a row, with a cost at the end. Equation numbers are the original's."""

import copy
from math import prod

import numpy as np

from nndl import training
from nndl.activations import relu, sigmoid
from nndl.costs import Cost, Quadratic
from nndl.layers import Dense, Layer, Neurons, join_pooling
from nndl.starts import he, scaled_normal, standard_normal
from nndl.support import checks, storage
from nndl.support.parameters import Parameters
from nndl.support.threads import map_on_all_cores

COLUMNS_AT_ONCE = 500  # examples whose activations are in memory together


class Network:
    """Layers, each fed by the one before, and a cost of the outputs of the last.

    Examples are always the columns of a matrix, images too. `layers[i]` is layer i + 2 of the
    text, whose layer 1 is the input. `weights` and `biases` list the parameters of the layers
    that have them: for a dense layer (n_out, n_in) and (n_out, 1), where row j belongs to
    receiving neuron j and column k to sending neuron k.
    """

    def __init__(
        self,
        layers,
        rng=None,
        scaled=False,
        dtype=np.float64,
        *,
        cost=None,
        activation=None,
        start=None,
        inputs=None,
    ):
        """Wire the layers, and draw their weights and biases.

        `layers` is a list of sizes, inputs first, such as [784, 30, 10]: then all layers are
        dense, hidden ones with the given `activation` (sigmoid if None), the last with that of
        its cost, and all weights and biases come from N(0, 1), as in the original. Or it is a
        list of layers, such as [Dense(30), Dense(10)], with `inputs` the number of inputs or the
        shape (rows, columns) or (maps, rows, columns) of an image; the layers are copied, and
        start by `he` before ReLU, by `scaled_normal` else.

        `start`, from `nndl.starts`, draws all of them in another way, and `scaled` is short
        for `start=scaled_normal`. `cost` is `Quadratic()` unless given. rng is a seed or a
        numpy Generator; it also shuffles in `sgd`, so that one seed fixes a whole run. dtype
        is float64 or float32.

        Raises ValueError, naming the argument, for what does not fit together.
        """
        self.dtype = checks.as_float_type("dtype", dtype)
        self.rng = checks.as_generator("rng", rng)
        cost = Quadratic() if cost is None else cost
        cost = checks.as_one_of("cost", cost, Cost, "CrossEntropy()")
        if start is not None and not callable(start):
            raise ValueError(f"start is {start!r}, expected a function such as he")
        if scaled and start is not None:
            raise ValueError("scaled and start are both given, but exclude each other")
        start = scaled_normal if scaled else start
        layers = checks.as_list("layers", layers)
        if layers and isinstance(layers[0], Layer):
            if activation is not None:
                raise ValueError(
                    "activation is given, but each of the layers has its own, "
                    "such as Dense(30, relu)"
                )
            self.inputs = checks.as_shape("inputs", inputs)
            self.layers = [
                copy.deepcopy(
                    checks.as_one_of(f"layers[{i}]", layer, Layer, "Dense(30)")
                )
                for i, layer in enumerate(layers)
            ]
            last = checks.as_one_of("layers[-1]", self.layers[-1], Dense, "Dense(10)")
            self.cost_function = cost.over(last.activation)
        else:
            if inputs is not None:
                raise ValueError(
                    f"inputs is {inputs!r}, but the first of the sizes says it already"
                )
            n_in, *hidden, n_out = checks.as_sizes(layers)
            self.inputs, self.cost_function = (n_in,), cost
            activation = checks.as_hidden(sigmoid if activation is None else activation)
            self.layers = [Dense(n, activation) for n in hidden]
            self.layers.append(Dense(n_out, cost.activation))
            start = start or standard_normal
        self._connect(start)

    def _connect(self, start):
        """Tell each layer the shape of its inputs, and draw its parameters."""
        shape, self.sizes = self.inputs, [prod(self.inputs)]
        for layer in self.layers:

            def draw(*shapes, layer=layer):
                natural = he if layer.activation is relu else scaled_normal
                return (start or natural)(self.rng, *shapes)

            shape = layer.connect(shape, draw, self.dtype)
            self.sizes.append(prod(shape))
        for layer in self.layers[:-1]:
            if isinstance(layer, Neurons):
                checks.as_hidden(layer.activation)
        self._steps = join_pooling(self.layers)

    @property
    def weights(self):
        """Weights of the layers that have them, in a list whose entries can be replaced."""
        return Parameters(self._neurons(), "w")

    @weights.setter
    def weights(self, arrays):
        self.weights.replace(arrays)

    @property
    def biases(self):
        """Biases of the layers that have them, in a list whose entries can be replaced."""
        return Parameters(self._neurons(), "b")

    @biases.setter
    def biases(self, arrays):
        self.biases.replace(arrays)

    def feedforward(self, x):
        """Outputs (n_out, m) for the inputs x (n_in, m): eq. (25), layer by layer."""
        x = checks.as_columns("x", x, self.sizes[0], "first")
        return self.cost_function.activation(self._weighted_outputs(x))

    def cost(self, x, y, lmbda=0.0, l1=0.0, rng=None):
        """Mean cost of x (n_in, m) against targets y (n_out, m), by the network's cost.

        lmbda and l1 >= 0 add lmbda / (2m) times the sum of the squared weights, eq. (87),
        and l1 / m times that of their absolute values, eq. (95). With rng, a seed or a
        generator, dropout is on.
        """
        x, y = checks.as_matching_columns(x, y, self.sizes)
        lmbda, l1 = checks.as_at_least_0("lmbda", lmbda), checks.as_at_least_0("l1", l1)
        cost = self.cost_function.value(self._weighted_outputs(x, rng), y)
        for w in self.weights if lmbda or l1 else ():
            absolute = w * np.sign(np.real(w))  # |w|, also for a complex step
            cost += (lmbda / 2 * np.sum(w * w) + l1 * np.sum(absolute)) / x.shape[1]
        return cost

    def accuracy(self, data):
        """Fraction of the columns of data.x classified as data.labels says."""
        x, labels = checks.as_labelled("data", data, self.sizes)
        return self._correct(x, labels) / len(labels)

    def backprop(self, x, y, lmbda=0.0, l1=0.0, rng=None):
        """Exact gradient of `cost`, with the same arguments, by (BP1) to (BP4).

        Returns nabla_w and nabla_b, lists of arrays shaped like `weights` and `biases`. The
        regularisation adds lmbda / m w, eq. (88), and l1 / m sgn(w), eq. (96), to nabla_w.
        """
        x, y = checks.as_matching_columns(x, y, self.sizes)
        lmbda, l1 = checks.as_at_least_0("lmbda", lmbda), checks.as_at_least_0("l1", l1)
        m = x.shape[1]
        self.differentiate(x.astype(self.dtype), y.astype(self.dtype), 1 / m, rng)
        nabla_w, nabla_b = [], []
        for layer in self._neurons():
            nabla_w.append(
                layer.nabla_w + lmbda / m * layer.w + l1 / m * np.sign(layer.w)
            )
            nabla_b.append(layer.nabla_b.copy())
        return nabla_w, nabla_b

    def errors(self, x, y):
        """Errors delta (n_l, m) of the layers with neurons in a list, (29), (BP1), (BP2).

        Column i holds the derivatives of example i's own cost, not divided by m, with
        respect to the weighted inputs of the layer. In a network of dense layers these are
        layers 2 to L.
        """
        x, y = checks.as_matching_columns(x, y, self.sizes)
        self.differentiate(x.astype(self.dtype), y.astype(self.dtype), 1.0)
        return [layer.delta.reshape(-1, x.shape[1]) for layer in self._neurons()]

    def differentiate(self, x, y, scale, rng=None):
        """One pass forward and one backward: `backprop` and `sgd` both go this way.

        Leaves scale times the gradient of the summed cost of the columns in the layers'
        `nabla_w` and `nabla_b`. x and y are of the network's type and are not checked.
        """
        z = self._forward(x, None if rng is None else checks.as_generator("rng", rng))
        delta = self.cost_function.delta(z, y)  # BP1
        delta *= scale
        first, last = self._steps[0], self._steps[-1]
        grad = last.backward_error(delta, last is first)
        for layer in self._steps[-2::-1]:
            grad = layer.backward(grad, layer is first)

    sgd = training.sgd

    def save(self, path):
        """Write the network to `path`, an .npz file, which is never left half.

        Raises ValueError for what `load` would refuse: a layer or cost of your own, or a
        parameter that is not finite.
        """
        storage.write_network(path, self)

    @classmethod
    def load(cls, path, rng=None):
        """Read a network that `save` wrote; rng is for `sgd`, and nothing is drawn from it.

        Raises FileNotFoundError, or ValueError for a file that is not a saved network.
        """
        layers, options, weights, biases = storage.read_network(path)
        net = cls(layers, rng=0, **options)
        net.weights, net.biases = weights, biases
        net.rng = checks.as_generator("rng", rng)
        return net

    def __repr__(self):
        inputs = self.inputs[0] if len(self.inputs) == 1 else self.inputs
        return f"Network({self.layers}, inputs={inputs}, cost={self.cost_function})"

    def _neurons(self):
        """The layers with weights and biases."""
        return [layer for layer in self.layers if isinstance(layer, Neurons)]

    def _forward(self, x, rng=None):
        """Weighted inputs z (n_out, m) of the last layer for x (n_in, m): eq. (25)."""
        a = x.reshape(*self.inputs, x.shape[1])
        for layer in self._steps[:-1]:
            a = layer.forward(a, rng)
        return self._steps[-1].weighted_input(a)

    def _weighted_outputs(self, x, rng=None):
        """Weighted outputs for any number of columns, some at a time."""
        if rng is not None:
            rng = checks.as_generator("rng", rng)
            return self._forward(x.astype(self.dtype), rng)

        def forward(i):
            part = x[:, i : i + COLUMNS_AT_ONCE].astype(self.dtype)
            return self._twin()._forward(part)

        parts = map_on_all_cores(forward, range(0, x.shape[1], COLUMNS_AT_ONCE))
        return parts[0] if len(parts) == 1 else np.concatenate(parts, axis=1)

    def _twin(self):
        """A network with the same parameters whose layers remember their own inputs."""
        twin = copy.copy(self)
        twin.layers = [copy.copy(layer) for layer in self.layers]
        twin._steps = join_pooling(twin.layers)
        return twin

    def _correct(self, x, labels):
        """Number of columns of x whose largest output is in row labels[i]."""
        answers = self._weighted_outputs(x).argmax(axis=0)
        return int(np.count_nonzero(answers == labels))
