"""Layers: what each kind computes, and beside it how it passes errors back.

Examples are always the last axis: activations are (n, m), and feature maps (maps, rows,
columns, m). A layer of your own is a subclass of `Layer` with two methods:

    forward(a, rng=None)         the layer's outputs for its inputs a; what `backward` needs is
                                 kept in attributes. With a generator `rng` the network is in
                                 training, without one it is used (dropout makes a difference).
    backward(grad, first=False)  from grad, the derivatives of the cost with respect to those
                                 outputs, the ones with respect to the inputs. It updates
                                 nothing. With `first`, nobody needs the result: None will do.

and, if its outputs have another shape than its inputs, a third, `connect`. A layer that has
weights and biases is a kind of `Neurons`.
"""

from functools import reduce
from math import prod

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from nndl.activations import identity, relu, sigmoid, tanh
from nndl.support import checks


class Layer:
    """What every layer has: a shape of its outputs, and a name."""

    def connect(self, inputs, draw, dtype):
        """Prepare for inputs of this shape (without m); return the shape of the outputs.

        Layers with parameters draw them here: `draw` is called with the shape of the
        weights, n_in and n_out, and returns weights and biases.
        """
        return inputs

    def settings(self):
        """Arguments that make a layer like this one, in the order of `__init__`."""
        return ()

    def __repr__(self):
        names = (getattr(s, "__name__", repr(s)) for s in self.settings())
        return f"{type(self).__name__}({', '.join(names)})"


class Neurons(Layer):
    """f(z), with z a linear map of the inputs plus a bias: Dense and Convolution.

    They differ in the linear map, each in three methods: `weighted_input` applies it,
    `pull_back` its transpose, and `differentiate` finds the gradients of its weights w and
    biases b, `nabla_w` and `nabla_b`.
    """

    def initialise(self, shape, n_in, n_out, draw, dtype):
        """Draw the weights and biases, and make room for the gradient of the weights."""
        self.w, self.b = (np.array(p, dtype) for p in draw(shape, n_in, n_out))
        if self.w.shape != shape or self.b.shape != (shape[0], 1):
            raise ValueError(
                f"start returned weights {self.w.shape} and biases {self.b.shape}, "
                f"expected {shape} and {(shape[0], 1)}"
            )
        self.nabla_w = np.empty_like(self.w)
        self.multiplications = self.w.size

    def forward(self, a, rng=None):
        """Activations for the inputs a: f(w a + b), eq. (25)."""
        self.a = self.activation(self.weighted_input(a))
        return self.a

    def backward(self, grad, first=False):
        """From dC/da of the outputs, dC/da of the inputs: (BP2), cut at its product sign.

        `grad` is w^T delta of the layer above. Times the slope it is this layer's own error
        delta, whose own w^T delta goes on to the layer below.
        """
        return self.backward_error(grad * self.activation.slope(self.a), first)

    def backward_error(self, delta, first=False):
        """Go on from the error delta, where the cost gives it at once: the last layer."""
        self.delta = delta
        self.differentiate(delta)
        return None if first else self.pull_back(delta)


class Dense(Neurons):
    """n_out neurons, each wired to all inputs: weights (n_out, n_in), biases (n_out, 1).

    Row j of the weights belongs to receiving neuron j, column k to sending neuron k. Feature
    maps count as one long column.
    """

    def __init__(self, n_out, activation=sigmoid):
        """Raises ValueError, naming the argument, for what is no count or no activation."""
        self.n_out = checks.as_count("n_out", n_out, at_least=1)
        self.activation = checks.as_activation(activation)

    def settings(self):
        return self.n_out, self.activation

    def connect(self, inputs, draw, dtype):
        self.shape_before = inputs
        n_in = prod(inputs)
        self.initialise((self.n_out, n_in), n_in, self.n_out, draw, dtype)
        return (self.n_out,)

    def weighted_input(self, a):
        """Weighted inputs z = w a + b (n_out, m) of the neurons, eq. (25)."""
        self.inputs = a.reshape(-1, a.shape[-1])
        return self.w @ self.inputs + self.b

    def differentiate(self, delta):
        """Gradients from the error: nabla_b is its sum (BP3), nabla_w its product with a (BP4)."""
        self.nabla_b = delta.sum(axis=1, keepdims=True)  # BP3
        np.matmul(delta, self.inputs.T, out=self.nabla_w)  # BP4

    def pull_back(self, delta):
        """Derivatives with respect to the inputs: w^T delta, the left half of (BP2)."""
        return (self.w.T @ delta).reshape(*self.shape_before, -1)  # BP2


class Convolution(Neurons):
    """Feature maps: neurons that share a kernel, each at its own place, eq. (125).

    Weights are (maps, maps before, size, size), biases (maps, 1). The neuron of map i in row
    r, column c sees the size x size window of all maps before whose upper left corner is
    there; there are size - 1 rows and columns fewer than before.
    """

    def __init__(self, maps, size, activation=sigmoid):
        """Raises ValueError, naming the argument, for what is no count or no activation."""
        self.maps = checks.as_count("maps", maps, at_least=1)
        self.size = checks.as_count("size", size, at_least=1)
        self.activation = checks.as_activation(activation)

    def settings(self):
        return self.maps, self.size, self.activation

    def connect(self, inputs, draw, dtype):
        maps_before, rows, columns = checks.as_maps("Convolution", inputs, self.size)
        self.shape_before = inputs
        self.places = rows - self.size + 1, columns - self.size + 1
        shape = self.maps, maps_before, self.size, self.size
        window = self.size**2
        self.initialise(shape, maps_before * window, self.maps * window, draw, dtype)
        self.multiplications = self.w.size * prod(self.places)
        return self.maps, *self.places

    def weighted_input(self, a):
        """Weighted inputs z (maps, rows, columns, m): w a + b at each place, eq. (125).

        A row of `patches` holds what one weight of the kernel sees, a column what one neuron
        sees: so the sum over the window is a product of matrices.
        """
        a = np.ascontiguousarray(a)  # examples side by side, so that windows copy fast
        windows = sliding_window_view(a, (self.size, self.size), axis=(1, 2))
        rows = np.prod(self.w.shape[1:])
        self.patches = windows.transpose(0, 4, 5, 1, 2, 3).reshape(rows, -1)
        z = self.w.reshape(self.maps, -1) @ self.patches
        z += self.b
        return z.reshape(self.maps, *self.places, -1)

    def differentiate(self, delta):
        """(BP3) and (BP4) as in Dense, but each weight and bias is used at every place:

        nabla_b sums delta over places and examples, nabla_w its products with what stood
        below the weight there.
        """
        delta = delta.reshape(self.maps, -1)
        self.nabla_b = delta.sum(axis=1, keepdims=True)  # BP3
        kernels = (self.patches @ delta.T).T  # BP4; in this order BLAS is quicker
        self.nabla_w[...] = kernels.reshape(self.w.shape)

    def pull_back(self, delta):
        """w^T delta of (BP2), for each window; an input gets the sum over its windows."""
        kernels = self.w.reshape(self.maps, -1)
        windows = kernels.T @ delta.reshape(self.maps, -1)  # BP2
        (maps, rows, columns), (r, c) = self.shape_before, self.places
        windows = windows.reshape(maps, self.size, self.size, r, c, -1)
        wide = np.zeros((maps, self.size, r, columns, delta.shape[-1]), delta.dtype)
        for j in range(self.size):
            wide[:, :, :, j : j + c] += windows[:, :, j]
        grad = np.zeros((maps, rows, columns, delta.shape[-1]), delta.dtype)
        for i in range(self.size):
            grad[:, i : i + r] += wide[:, i]
        return grad


class Pooled(Layer):
    """A convolution and the max-pooling after it as one, which is quicker: f comes last.

    As f never decreases, the largest f(z) is f of the largest z, at a fraction of the work.
    `Network` joins such layers by itself.
    """

    def __init__(self, convolution, pooling):
        self.convolution, self.pooling = convolution, pooling

    def forward(self, a, rng=None):
        """f(largest z) of each block."""
        z = self.convolution.weighted_input(a)
        self.a = self.convolution.activation(self.pooling.forward(z))
        return self.a

    def backward(self, grad, first=False):
        """The slope first, as f came last; then the error goes to the winners."""
        error = grad * self.convolution.activation.slope(self.a)
        return self.convolution.backward_error(self.pooling.backward(error), first)


class MaxPooling(Layer):
    """The largest of each block of size x size neurons of a feature map.

    Rows and columns at the lower and right edge that fill no block are left out.
    """

    def __init__(self, size):
        """Raises ValueError if size is no count."""
        self.size = checks.as_count("size", size, at_least=1)

    def settings(self):
        return (self.size,)

    def connect(self, inputs, draw, dtype):
        maps, rows, columns = checks.as_maps("MaxPooling", inputs, self.size)
        self.shape_before = inputs
        return maps, rows // self.size, columns // self.size

    def forward(self, a, rng=None):
        """First the largest of the rows of each block, then of the columns of that."""
        rows, columns = (self.size * (n // self.size) for n in a.shape[1:3])
        self.rows = [a[:, i : rows : self.size, :columns] for i in range(self.size)]
        self.tallest = reduce(np.maximum, self.rows)
        self.columns = [self.tallest[:, :, i :: self.size] for i in range(self.size)]
        self.largest = reduce(np.maximum, self.columns)
        return self.largest

    def backward(self, grad, first=False):
        """A block's derivative goes to its largest neuron, of equals to the first, whole.

        For a small change of any other neuron of the block changes nothing.
        """
        maps, rows, columns, m = grad.shape
        wide = np.empty((maps, rows, columns * self.size, m), grad.dtype)
        places = [wide[:, :, i :: self.size] for i in range(self.size)]
        give_to_first(grad, self.columns, self.largest, places)
        rows, columns = rows * self.size, columns * self.size
        new = np.empty if (rows, columns) == self.shape_before[1:] else np.zeros
        full = new((*self.shape_before, m), grad.dtype)
        places = [full[:, i : rows : self.size, :columns] for i in range(self.size)]
        give_to_first(wide, self.rows, self.tallest, places)
        return full


def give_to_first(grad, candidates, largest, places):
    """Write grad into the place of the first candidate that is the largest, 0 into others."""
    for candidate, place in zip(candidates[:-1], places[:-1], strict=True):
        np.multiply(grad, candidate == largest, out=place)
        grad = grad - place  # what is left for the others
    places[-1][...] = grad


class Dropout(Layer):
    """Silence each input with probability p while training, and scale the others up.

    The others are divided by 1 - p, so that the mean stays and evaluation needs nothing.
    """

    def __init__(self, p):
        """Raises ValueError unless 0 <= p < 1."""
        self.p = checks.as_fraction("p", p)

    def settings(self):
        return (self.p,)

    def forward(self, a, rng=None):
        """The inputs, times 0 or 1 / (1 - p) in training; the mask comes from `rng`."""
        if rng is None:
            self.factor = 1.0
            return a
        kept = rng.random(a.shape, np.float32) >= self.p
        self.factor = kept * a.real.dtype.type(1 / (1 - self.p))
        return a * self.factor

    def backward(self, grad, first=False):
        """The same factors: what was silenced has no influence on the cost."""
        return grad * self.factor


def join_pooling(layers):
    """The layers, with each max-pooling joined to the convolution before it.

    Only where f is known never to decrease, and no subclass may do otherwise.
    """
    joined = []
    for layer in layers:
        before = joined[-1] if joined else None
        pooled = type(layer) is MaxPooling and type(before) is Convolution
        if pooled and before.activation in (sigmoid, tanh, relu, identity):
            joined[-1] = Pooled(before, layer)
            continue
        joined.append(layer)
    return joined
