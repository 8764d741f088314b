"""Networks in files: plain arrays in an .npz archive, never pickled objects."""

import os
import tempfile
import zipfile
from pathlib import Path

import numpy as np

FORMAT = "nndl network 1"


def write_arrays(path, weights, biases):
    """Write the arrays to `path`, under a temporary name first, so that no half file is left."""
    path = Path(path)
    arrays = {"format": np.array(FORMAT)}
    for i, (w, b) in enumerate(zip(weights, biases, strict=True)):
        arrays[f"weights_{i}"], arrays[f"biases_{i}"] = w, b
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


def read_arrays(path):
    """Return the weights and biases that `write_arrays` wrote, two lists of arrays.

    Raises FileNotFoundError, IsADirectoryError, or ValueError for any other
    file.
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
        if arrays["format"] != FORMAT:
            raise ValueError(f"its format is {arrays['format']}")
        layers = (len(arrays) - 1) // 2
        weights = [arrays[f"weights_{i}"] for i in range(layers)]
        biases = [arrays[f"biases_{i}"] for i in range(layers)]
        _check_layers(weights, biases)
    except (ValueError, KeyError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise ValueError(f"{path}: not a saved nndl network ({error})") from error
    return weights, biases


def _check_layers(weights, biases):
    """Raise ValueError unless the arrays are the layers of one network."""
    if not weights:
        raise ValueError("it holds no layer")
    dtype, n_in = weights[0].dtype, None
    for w, b in zip(weights, biases, strict=True):
        if w.ndim != 2 or 0 in w.shape or b.shape != (w.shape[0], 1):
            raise ValueError(f"weights {w.shape} and biases {b.shape} are no layer")
        if n_in not in (None, w.shape[1]):
            raise ValueError(f"weights {w.shape} do not follow {n_in} neurons")
        if dtype not in (np.float32, np.float64) or {w.dtype, b.dtype} != {dtype}:
            raise ValueError(f"weights and biases are of types {w.dtype} and {b.dtype}")
        if not (np.isfinite(w).all() and np.isfinite(b).all()):
            raise ValueError("it holds values that are not finite")
        n_in = w.shape[0]
