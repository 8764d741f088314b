"""The cost that learning makes small."""

import numpy as np


def quadratic_cost(a, y):
    """Half the mean squared distance of columns: sum ||y - a||^2 / (2m), eq. (6).

    a and y are the outputs and the targets, both of shape (n_out, m). The
    norm sums over the n_out rows, so the result is n_out / 2 times NumPy's
    `np.mean((y - a) ** 2)`.

    Raises ValueError where the shapes differ, for nothing may be broadcast
    here.
    """
    a, y = np.asarray(a), np.asarray(y)
    if a.ndim != 2 or a.shape != y.shape or a.shape[1] == 0:
        raise ValueError(
            f"a and y have shapes {a.shape} and {y.shape}, "
            "but both must be (n_out, m), one column per example"
        )
    return np.sum((y - a) ** 2) / (2 * a.shape[1])
