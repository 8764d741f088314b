"""Training that comes out the same to the bit on every CPU that was tried.

Machines add the terms of a sum in different orders, and each order rounds differently: in the
16th digit. Training can let such a difference grow until the answers differ. Here it is taken
away while it is small: every few steps the *change* of each array since the last time is
rounded to a coarse grid, far coarser than the differences and far finer than the change, and
from there all machines go on from the same numbers. No layer knows of it.
"""

from math import frexp, sqrt

import numpy as np

PERIOD = 10  # steps from one rounding to the next

# The grid is 2**-BITS of the power of two below the root mean square of the change. A rounding
# error is uniform over a grid, so the change stays right to about 2**-BITS / sqrt(12), 4e-5, in
# relative norm, and in no case is it worse than 2**-(BITS + 1), 6e-5.
BITS = 13

# Errors a - y of outputs come with a noise of 2**-53. Where ten steps moved no output bias by
# more than this fraction of eta, the noise is not far below them: then rounding waits.
QUIET = 2.0**-12


class DivergenceError(FloatingPointError, ValueError):
    """A weight or bias is not finite any more."""


class State:
    """All arrays that training changes, and how they were when they were last rounded.

    `settle` is to be called every PERIOD steps and at the end of an epoch. The change
    stays right to a relative error of 4e-5 in each array, whatever its size. A value that lies
    within the machines' noise of the boundary between two multiples can still go either way.
    Two emulated processors would round 8e-5 to 4e-4 entries apart in an epoch of 5000 steps,
    measured for six kinds of networks, the ten-layer and the convolutional one among them
    (`experiments/rounding_risk.py`). Counts of right answers can differ without that, where
    two outputs of a network tie in their last digit.
    """

    def __init__(self, layers, velocities, exact):
        neurons = [
            (i, layer) for i, layer in enumerate(layers, 2) if hasattr(layer, "w")
        ]
        self._numbers = [number for number, _ in neurons for _ in "wb"]
        self._arrays = [array for _, layer in neurons for array in (layer.w, layer.b)]
        self._last_biases = len(self._arrays) - 1
        self._arrays += [v for pair in velocities for v in pair]
        self._before = [array.copy() for array in self._arrays]
        self._exact = exact

    def settle(self, epoch, eta, finish):
        """Round the change of every array, and start the next one from there.

        Without `exact` nothing is rounded. Raises DivergenceError, with all arrays as they were
        at the last call, if one has an entry that is not finite.
        """
        for number, array in zip(self._numbers, self._arrays, strict=False):
            if not np.isfinite(mean_square(array)):
                self._restore()
                raise DivergenceError(
                    f"a weight or bias of layer {number} became infinite or NaN in epoch "
                    f"{epoch}. The likely cause is a learning rate that is too large: eta is "
                    f"{eta:g}, try a tenth. The network has its last finite weights"
                )
        if self._exact and not finish and self._is_quiet(eta):
            return
        for array, before in zip(self._arrays, self._before, strict=True):
            if self._exact:
                round_change(array, before)
            before[...] = array

    def _is_quiet(self, eta):
        """Whether the outputs' biases moved so little that noise may show."""
        i = self._last_biases
        return np.abs(self._arrays[i] - self._before[i]).max() < QUIET * eta

    def _restore(self):
        for array, before in zip(self._arrays, self._before, strict=True):
            array[...] = before


def round_change(array, before):
    """Round array - before to BITS bits below its root mean square, in place in `array`.

    Adding 1.5 * 2**52 grids moves a number to where neighbouring floats are one grid apart, so
    that the addition itself rounds; subtracting it again is exact.
    """
    array -= before
    size = sqrt(mean_square(array))
    if size:
        power = frexp(size)[1] - 1
        shift = 1.5 * 2.0 ** (52 + power - BITS)
        array += shift
        array -= shift
    array += before


def mean_square(array):
    """Mean of the squares of all entries, by one product: infinite or NaN if one of them is."""
    entries = array.ravel()
    return float(entries @ entries) / entries.size
