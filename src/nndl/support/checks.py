"""What every public call checks at the door, with errors that name the argument."""

from math import prod

import numpy as np

from nndl.activations import softmax


def as_sizes(sizes):
    """Return `sizes` as a list of at least two whole numbers of at least 1."""
    if len(sizes) < 2:
        raise ValueError(
            f"sizes is {sizes}, but a network needs an input and an output layer"
        )
    return [as_count(f"sizes[{i}]", size, at_least=1) for i, size in enumerate(sizes)]


def as_list(name, values):
    """Return `values`, any iterable, as a list."""
    try:
        return list(values)
    except TypeError:
        raise ValueError(
            f"{name} is {values!r}, expected a list, such as [784, 30, 10]"
            if name == "layers"
            else f"{name} is {values!r}, expected a list"
        ) from None


def as_one_of(name, value, kind, example):
    """Return `value` if it is an instance of the class `kind`."""
    if not isinstance(value, kind):
        raise ValueError(
            f"{name} is {value!r}, expected a {kind.__name__}, such as {example}"
        )
    return value


def as_shape(name, value):
    """Return `value`, the number of inputs or the shape of an image, as a tuple (n,) or of 3."""
    shape = value if isinstance(value, tuple | list) else (value,)
    if len(shape) not in (1, 2, 3) or value is None:
        raise ValueError(
            f"{name} is {value!r}, expected the number of inputs, or the shape of an image, "
            "(rows, columns) or (maps, rows, columns)"
        )
    shape = tuple(as_count(name, n, at_least=1) for n in shape)
    return (1, *shape) if len(shape) == 2 else shape


def as_maps(layer, shape, size):
    """Return maps, rows and columns of feature maps that a size x size window fits into."""
    if len(shape) != 3:
        raise ValueError(
            f"{layer} needs feature maps (maps, rows, columns) before it, but gets {shape}; "
            "give the shape of the images, such as inputs=(28, 28), and put it before Dense"
        )
    if min(shape[1:]) < size:
        raise ValueError(
            f"{layer} has size {size}, but the maps before it are only "
            f"{shape[1]} x {shape[2]}"
        )
    return shape


def as_activation(value):
    """Return `value` if it is one of the activation functions, or like them."""
    if not callable(value) or not (hasattr(value, "slope") or value is softmax):
        raise ValueError(
            f"activation is {value!r}, expected sigmoid, tanh, relu, identity or softmax, or a "
            "function decorated by with_slope"
        )
    return value


def as_hidden(activation):
    """Return an activation that a hidden layer can have: one with a slope."""
    if as_activation(activation) is softmax:
        raise ValueError(
            "activation of a hidden layer is softmax, which has no slope of its own; "
            "expected sigmoid, tanh, relu or identity"
        )
    return activation


def as_count(name, value, at_least, at_most=None):
    """Return `value` as an int within the given range."""
    whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    if not whole or value < at_least or (at_most is not None and value > at_most):
        limit = (
            f"of at least {at_least}"
            if at_most is None
            else f"from {at_least} to {at_most}"
        )
        raise ValueError(f"{name} is {value!r}, expected a whole number {limit}")
    return int(value)


def as_positive(name, value, range_="above 0"):
    """Return `value` as a finite float above 0, or complain that it is not in `range_`."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = np.nan
    if not (np.isfinite(number) and number > 0):
        raise ValueError(f"{name} is {value!r}, expected a finite number {range_}")
    return number


def as_at_least_0(name, value):
    """Return `value` as a finite float of at least 0."""
    return (
        0.0
        if _is_number(value) and value == 0
        else as_positive(name, value, "of at least 0")
    )


def as_fraction(name, value):
    """Return `value` as a float from 0 to below 1."""
    if not (_is_number(value) and 0 <= value < 1):
        raise ValueError(f"{name} is {value!r}, expected a number from 0 to below 1")
    return float(value)


def _is_number(value):
    return isinstance(value, int | float | np.number) and not isinstance(value, bool)


def as_reproducible(reproducible, dtype):
    """Return whether to round for the same bits everywhere, which takes float64."""
    if reproducible is None:
        return dtype == np.float64
    if reproducible and dtype != np.float64:
        raise ValueError(f"reproducible is on, but needs float64 in place of {dtype}")
    return bool(reproducible)


def as_patience(patience, test):
    """Return `patience` as a count of epochs or None; it needs something to watch."""
    if patience is None:
        return None
    if test is None:
        raise ValueError(
            f"patience is {patience!r}, but without `test` there is no accuracy to watch"
        )
    return as_count("patience", patience, at_least=1)


def as_monitored(name, data, sizes):
    """Return x, y and labels of a data set, all checked."""
    require_fields(name, data, "x", "y", "labels")
    x, labels = as_labelled(name, data, sizes)
    _, y = as_matching_columns(data.x, data.y, sizes, f"{name}.")
    return x, y, labels


def as_float_type(name, value):
    """Return `value` as the dtype float64 or float32."""
    try:
        dtype = np.dtype(value)
    except TypeError:
        dtype = None
    if dtype not in (np.float32, np.float64):
        raise ValueError(f"{name} is {value!r}, expected float64 or float32")
    return dtype


def as_array(name, values):
    """Return `values` as an array, or say that its rows differ in length."""
    try:
        return np.asarray(values)
    except ValueError:
        raise ValueError(
            f"{name} has rows of different lengths, expected a matrix"
        ) from None


def as_generator(name, value):
    """Return a numpy Generator for a seed, for None, or the one that `value` is."""
    try:
        if isinstance(value, bool):
            raise TypeError
        return np.random.default_rng(value)
    except (TypeError, ValueError):
        raise ValueError(
            f"{name} is {value!r}, expected a whole number of at least 0 as a seed, or "
            "numpy.random.default_rng(seed)"
        ) from None


def as_columns(name, values, rows, layer):
    """Return `values` as a finite matrix with one example per column.

    `rows` is the number of neurons in the network's `layer` ("first" or
    "last").
    """
    values = as_array(name, values)
    if values.dtype.kind not in "biuf":
        raise ValueError(
            f"{name} holds elements of type {values.dtype}, expected real numbers"
        )
    if values.ndim == 1:
        raise ValueError(
            f"{name} is a vector of shape {values.shape}, expected a matrix with one example per "
            f"column, ({rows}, m); {name}.reshape(-1, 1) makes a vector one column"
        )
    if values.ndim != 2 or values.shape[1] == 0:
        hint = ""
        if values.ndim > 2 and prod(values.shape[1:]) == rows:
            hint = f"; {name}.reshape(len({name}), -1).T makes each image a column"
        elif values.ndim > 2 and prod(values.shape[:-1]) == rows:
            hint = f"; {name}.reshape({rows}, -1) makes each image a column"
        raise ValueError(
            f"{name} has shape {values.shape}, expected ({rows}, m) with m >= 1{hint}"
        )
    if values.shape[0] != rows:
        hint = (
            f"; examples are columns, so pass {name}.T"
            if values.shape[1] == rows
            else ""
        )
        raise ValueError(
            f"{name} has {values.shape[0]} rows, "
            f"but the network's {layer} layer has {rows} neurons{hint}"
        )
    if not np.isfinite([values.min(), values.max()]).all():
        raise ValueError(f"{name} holds values that are not finite (NaN or infinity)")
    return values


def as_matching_columns(x, y, sizes, prefix=""):
    """Return inputs x (n_in, m) and targets y (n_out, m), checked against each other too."""
    x = as_columns(f"{prefix}x", x, sizes[0], "first")
    y = as_array(f"{prefix}y", y)
    if y.ndim == 1 and y.size == x.shape[1]:
        raise ValueError(
            f"{prefix}y is a vector of {y.size} labels, "
            f"expected one-hot columns of shape ({sizes[-1]}, {x.shape[1]})"
        )
    y = as_columns(f"{prefix}y", y, sizes[-1], "last")
    if x.shape[1] != y.shape[1]:
        raise ValueError(
            f"{prefix}x has {x.shape[1]} columns, but {prefix}y has {y.shape[1]}; "
            "each is one example"
        )
    return x, y


def as_labelled(name, data, sizes):
    """Return the x (n_in, m) and labels (m,) of `data`, as whole numbers below n_out."""
    require_fields(name, data, "x", "labels")
    x = as_columns(f"{name}.x", data.x, sizes[0], "first")
    labels = np.asarray(data.labels)
    if labels.shape != (x.shape[1],) or not np.issubdtype(labels.dtype, np.integer):
        raise ValueError(
            f"{name}.labels has shape {labels.shape} and type {labels.dtype}, "
            f"expected {x.shape[1]} whole numbers, one per column of {name}.x"
        )
    if labels.min() < 0 or labels.max() >= sizes[-1]:
        raise ValueError(
            f"{name}.labels run from {labels.min()} to {labels.max()}, "
            f"but the network's last layer has the neurons 0 to {sizes[-1] - 1}"
        )
    return x, labels


def require_fields(name, data, *fields):
    """Raise ValueError unless `data` has all these attributes."""
    if not all(hasattr(data, field) for field in fields):
        raise ValueError(
            f"{name} is a {type(data).__name__}, expected an object with "
            f"{' and '.join(fields)}, such as load_mnist().train"
        )
