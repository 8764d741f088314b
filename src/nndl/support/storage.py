"""Networks in files: plain arrays and a description in an .npz archive, never pickled objects."""

import json
import os
import tempfile
import zipfile
import zlib
from pathlib import Path

import numpy as np

from nndl.activations import identity, relu, sigmoid, softmax, tanh
from nndl.costs import CrossEntropy, LogLikelihood, Quadratic
from nndl.layers import Convolution, Dense, Dropout, Layer, MaxPooling

FORMAT_1, FORMAT = "nndl network 1", "nndl network 2"
ACTIVATIONS = {f.__name__: f for f in (sigmoid, tanh, relu, identity, softmax)}
LAYERS = {kind.__name__: kind for kind in (Dense, Convolution, MaxPooling, Dropout)}
COSTS = {kind.__name__: kind for kind in (Quadratic, CrossEntropy, LogLikelihood)}


def write_network(path, net):
    """Write a network to `path`, under a temporary name first, so that no half file is left.

    Raises ValueError for what `read_network` would refuse.
    """
    path = Path(path)
    arrays = {"format": np.array(FORMAT), "network": np.array(_describe(net))}
    for i, (w, b) in enumerate(zip(net.weights, net.biases, strict=True)):
        arrays[f"weights_{i}"], arrays[f"biases_{i}"] = w, b
    try:
        _build(arrays)
    except ValueError as error:
        raise ValueError(f"the network cannot be saved: {error}") from error
    descriptor, temporary = tempfile.mkstemp(
        dir=path.parent, prefix=path.name, suffix=".tmp"
    )
    try:
        with os.fdopen(descriptor, "wb") as file:
            np.savez(file, **arrays)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def read_network(path):
    """Return what `write_network` wrote: layers, options of `Network`, weights and biases.

    Files of format 1, of networks of sigmoid neurons with the quadratic cost, are read too.
    Raises FileNotFoundError, IsADirectoryError, or ValueError for any other file.
    """
    path = Path(path)
    if path.is_dir():
        raise IsADirectoryError(f"{path} is a directory, but a file was expected")
    if not path.exists():
        raise FileNotFoundError(f"{path}: there is no such file")
    if not zipfile.is_zipfile(path):
        raise ValueError(f"{path}: not a saved nndl network (not an .npz archive)")
    try:
        with np.load(path, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
        if arrays["format"] == FORMAT_1:
            arrays["network"] = _describe_format_1(arrays)
        elif arrays["format"] != FORMAT:
            raise ValueError(f"its format is {arrays['format']}")
        return _build(arrays)
    except (
        *(ValueError, KeyError, TypeError, OSError, EOFError, NotImplementedError),
        *(RuntimeError, zipfile.BadZipFile, zlib.error),
    ) as error:
        raise ValueError(f"{path}: not a saved nndl network ({error})") from error


def _describe(net):
    """The layers, cost, inputs and type of a network as JSON."""
    layers = [[type(layer).__name__, *_names(layer.settings())] for layer in net.layers]
    cost = net.cost_function
    for part in (*net.layers, cost):
        own = type(part) not in (*LAYERS.values(), *COSTS.values())
        own = own or any(
            callable(s) and ACTIVATIONS.get(s.__name__) is not s
            for s in _settings(part)
        )
        if own:
            raise ValueError(f"the network cannot be saved: {part!r} is of your own")
    return json.dumps(
        {
            "layers": layers,
            "cost": [type(cost).__name__, cost.activation.__name__],
            "inputs": net.inputs,
            "dtype": net.dtype.name,
        }
    )


def _settings(part):
    return part.settings() if isinstance(part, Layer) else (part.activation,)


def _names(settings):
    return [getattr(s, "__name__", s) for s in settings]


def _describe_format_1(arrays):
    """The same for a file of format 1, which has weights and biases only."""
    count = sum(name.startswith("weights_") for name in arrays)
    if count == 0:
        raise ValueError("it holds no layer")
    sizes = [len(arrays[f"weights_{i}"]) for i in range(count)]
    return json.dumps(
        {
            "layers": [["Dense", n, "sigmoid"] for n in sizes],
            "cost": ["Quadratic", "sigmoid"],
            "inputs": arrays["weights_0"].shape[1:],
            "dtype": arrays["weights_0"].dtype.name,
        }
    )


def _build(arrays):
    """Layers, options of `Network`, weights and biases, checked against each other."""
    network = json.loads(str(arrays["network"]))
    if set(network) != {"layers", "cost", "inputs", "dtype"}:
        raise ValueError(f"its description has {sorted(network)}")
    layers = [
        _find(LAYERS, "layer", kind)(*(_setting(s) for s in settings))
        for kind, *settings in network["layers"]
    ]
    kind, activation = network["cost"]
    cost = _find(COSTS, "cost", kind)(_setting(activation))
    inputs, dtype = tuple(network["inputs"]), network["dtype"]
    if len(inputs) not in (1, 3) or 0 in inputs:
        raise ValueError(f"it has no inputs, or of a strange shape: {inputs}")
    if dtype not in ("float32", "float64"):
        raise ValueError(f"its type is {dtype}")
    weights, biases = [], []
    shape = inputs
    for number, layer in enumerate(layers, start=2):

        def take(w_shape, n_in, n_out, number=number):
            w = arrays[f"weights_{len(weights)}"]
            b = arrays[f"biases_{len(weights)}"]
            _check_arrays(number, w, b, w_shape, dtype)
            weights.append(w)
            biases.append(b)
            return w, b

        shape = layer.connect(shape, take, np.dtype(dtype))
    if len(arrays) != 2 + 2 * len(weights) or not weights:
        raise ValueError(f"it holds {len(arrays)} arrays for {len(layers)} layers")
    options = {"inputs": inputs, "cost": cost, "dtype": np.dtype(dtype)}
    return layers, options, weights, biases


def _check_arrays(number, w, b, shape, dtype):
    """Raise ValueError unless w and b are weights and biases of a layer of this shape."""
    if w.shape != shape or b.shape != (shape[0], 1):
        raise ValueError(
            f"layer {number} has weights {w.shape} and biases {b.shape}, expected "
            f"{shape} and {(shape[0], 1)}"
        )
    if {w.dtype, b.dtype} != {np.dtype(dtype)}:
        raise ValueError(
            f"layer {number} has weights and biases of types {w.dtype} and {b.dtype}"
        )
    if not (np.isfinite(w).all() and np.isfinite(b).all()):
        raise ValueError(f"layer {number} holds values that are not finite")


def _setting(setting):
    """A count or fraction as it is, the name of an activation as the function."""
    return (
        _find(ACTIVATIONS, "activation", setting)
        if isinstance(setting, str)
        else setting
    )


def _find(choices, what, name):
    """Look a name up, or say which names there are."""
    if name not in choices:
        raise ValueError(f"its {what} is {name}, expected one of {', '.join(choices)}")
    return choices[name]
