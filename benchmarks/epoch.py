"""Seconds of an epoch and of loading, and the memory of both: python
benchmarks/epoch.py."""

import platform
import resource
import statistics
import time

import numpy as np

from nndl import Network, load_mnist


def seconds(action):
    """Wall-clock seconds of one call."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def epoch_seconds(mnist, hidden, repeats=5, **options):
    """Median seconds of one epoch of [784, hidden, 10], batch 10, eta 3."""
    net = Network([784, hidden, 10], rng=1, dtype=options.pop("dtype", np.float64))
    return statistics.median(
        seconds(lambda: net.sgd(mnist.train, 1, 10, 3.0, verbose=False, **options))
        for _ in range(repeats)
    )


if __name__ == "__main__":
    print(
        f"Python {platform.python_version()}, NumPy {np.__version__}, {platform.machine()}"
    )
    print(f"load_mnist: {seconds(load_mnist):.2f} s")
    mnist = load_mnist()
    for hidden in (30, 100):
        for name, options in {
            "float64, reproducible": {},
            "float64, plain": {"reproducible": False},
            "float32": {"dtype": np.float32},
        }.items():
            print(
                f"[784, {hidden}, 10] {name}: {epoch_seconds(mnist, hidden, **options):.3f} s"
            )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak resident memory: {peak:.0f} MiB")
