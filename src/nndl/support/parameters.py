"""The lists that `net.weights` and `net.biases` are."""

import numpy as np


class Parameters(list):
    """The attribute `name` of some layers, in a list. A new entry changes the layer.

    Raises ValueError for an entry of another shape, or that is not finite.
    """

    def __init__(self, layers, name):
        super().__init__(getattr(layer, name) for layer in layers)
        self._layers, self._name = layers, name

    def __setitem__(self, index, value):
        if isinstance(index, slice):
            for i, entry in zip(range(len(self))[index], value, strict=True):
                self[i] = entry
            return
        old = self[index]
        kind = {"w": "weights", "b": "biases"}[self._name]
        new = np.array(value, dtype=old.dtype)
        if new.shape != old.shape:
            raise ValueError(
                f"{kind}[{index}] has shape {new.shape}, but the layer needs {old.shape}"
            )
        if not np.isfinite(new).all():
            raise ValueError(f"{kind}[{index}] holds values that are not finite")
        setattr(self._layers[index], self._name, new)
        super().__setitem__(index, new)

    def replace(self, arrays):
        """Take all entries from a list of the same length."""
        arrays = list(arrays)
        if len(arrays) != len(self):
            raise ValueError(
                f"{len(arrays)} arrays were given, but {len(self)} layers have some"
            )
        self[:] = arrays
