"""One BLAS thread where several would only wait for each other, and all cores where it pays."""

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from functools import cache
from threading import Lock

# Multiplications of a batch with the largest weight matrix, up to which one thread
# is used. Below it, several threads were seen to save a third of the time at most on
# a quiet machine, and to take a multiple on a busy one. `make bench` measures both.
SMALL = 2**25

_lock, _inside = Lock(), []


@contextmanager
def few_blas_threads(multiplications):
    """Compute with one BLAS thread inside the `with` block, if batches are small.

    `multiplications` counts those of a batch with the largest weights. NumPy's BLAS shares a
    product out to all cores, and its threads spin while they wait for each other. A small
    product gains little by that; and where another program keeps the cores busy, spinning can
    make an epoch many times slower. Leaving the block, by an exception too, restores the
    number of threads. Blocks may overlap in threads of Python: the last to leave restores.

    It needs threadpoolctl, which this package's extra "threads" and the
    book's environment bring. Without it all works and nothing is limited;
    the environment variable OPENBLAS_NUM_THREADS=1 then does the same for
    the whole program.
    """
    blas = _find_blas() if multiplications <= SMALL else None
    if blas is None:
        yield
        return
    with _lock:
        limit = _inside[0] if _inside else blas.limit(limits=1, user_api="blas")
        _inside.append(limit)
    try:
        yield
    finally:
        with _lock:
            _inside.pop()
            if not _inside:
                limit.restore_original_limits()


@cache
def _find_blas():
    """Find the BLAS libraries of this process, once, as it takes milliseconds.

    Returns None without threadpoolctl.
    """
    try:
        from threadpoolctl import ThreadpoolController
    except ImportError:
        return None
    return ThreadpoolController().select(user_api="blas")


def map_on_all_cores(function, items):
    """List of function(item), computed in one thread per core, each with one BLAS thread.

    NumPy lets other threads run while it computes. In a browser there are no threads.
    """
    if len(items) == 1 or sys.platform == "emscripten":
        return [function(item) for item in items]
    # Each thread is to ignore what the caller ignores (np.errstate).
    jobs = [(copy_context(), item) for item in items]
    with few_blas_threads(0), ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(lambda job: job[0].run(function, job[1]), jobs))
