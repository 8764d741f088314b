"""What every public call checks at the door, with errors that name the argument."""

import numpy as np


def as_sizes(sizes):
    """Return `sizes` as a list of at least two whole numbers of at least 1."""
    sizes = list(sizes)
    if len(sizes) < 2:
        raise ValueError(
            f"sizes is {sizes}, but a network needs an input and an output layer"
        )
    return [as_count(f"sizes[{i}]", size, at_least=1) for i, size in enumerate(sizes)]


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


def as_positive(name, value):
    """Return `value` as a finite float above 0."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = np.nan
    if not (np.isfinite(number) and number > 0):
        raise ValueError(f"{name} is {value!r}, expected a finite number above 0")
    return number


def as_float_type(name, value):
    """Return `value` as the dtype float64 or float32."""
    try:
        dtype = np.dtype(value)
    except TypeError:
        dtype = None
    if dtype not in (np.float32, np.float64):
        raise ValueError(f"{name} is {value!r}, expected float64 or float32")
    return dtype


def as_columns(name, values, rows, layer):
    """Return `values` as a finite matrix with one example per column.

    `rows` is the number of neurons in the network's `layer` ("first" or
    "last").
    """
    values = np.asarray(values)
    if not (np.issubdtype(values.dtype, np.number) or values.dtype == bool):
        raise ValueError(
            f"{name} holds elements of type {values.dtype}, expected numbers"
        )
    if values.ndim == 1:
        raise ValueError(
            f"{name} is a vector of shape {values.shape}, expected a matrix with one example per "
            f"column, ({rows}, m); {name}.reshape(-1, 1) makes a vector one column"
        )
    if values.ndim != 2 or values.shape[1] == 0:
        raise ValueError(
            f"{name} has shape {values.shape}, expected ({rows}, m) with m >= 1"
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


def as_matching_columns(x, y, sizes):
    """Return inputs x (n_in, m) and targets y (n_out, m), checked against each other too."""
    x = as_columns("x", x, sizes[0], "first")
    if np.ndim(y) == 1 and np.size(y) == x.shape[1]:
        raise ValueError(
            f"y is a vector of {np.size(y)} labels, "
            f"expected one-hot columns of shape ({sizes[-1]}, {x.shape[1]})"
        )
    y = as_columns("y", y, sizes[-1], "last")
    if x.shape[1] != y.shape[1]:
        raise ValueError(
            f"x has {x.shape[1]} columns, but y has {y.shape[1]}; each is one example"
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
