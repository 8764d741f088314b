"""How likely two processors round a weight apart: python experiments/rounding_risk.py

Both train the same network, and as the rounding makes them agree, every twentieth time both
keep the change of all weights and biases just before it is rounded. Where the two differ by d
on a grid of width g, a boundary lies between them with probability d / g. The sum over all
entries, times 20, is the expected number of such entries in an epoch of 5000 steps; it is
written to book/rounding_risk.json. Half a minute on one core.
"""

import json
import os
import subprocess
import sys
import tempfile
from math import frexp
from pathlib import Path
from types import SimpleNamespace

import numpy as np
from butterfly import CPUS

from nndl import (
    Convolution,
    CrossEntropy,
    Dense,
    LogLikelihood,
    MaxPooling,
    Network,
    load_mnist,
    relu,
    softmax,
)
from nndl.support import exact

FILE = Path(__file__).parent.parent / "book" / "rounding_risk.json"
EVERY = 20  # roundings
EPOCH = 50_000  # examples
GENTLE = {"cost": CrossEntropy(), "scaled": True}


def networks():
    """Name: network, examples, eta, options of sgd."""
    images = [
        Convolution(5, 5, relu),
        MaxPooling(2),
        Dense(30, relu),
        Dense(10, softmax),
    ]
    return {
        "30 hidden, eta 3": (Network([784, 30, 10], rng=1), EPOCH, 3.0, {}),
        "100 hidden, eta 3": (Network([784, 100, 10], rng=1), EPOCH, 3.0, {}),
        "cross-entropy, L2, momentum": (
            Network([784, 30, 10], rng=1, **GENTLE),
            EPOCH,
            0.05,
            {"lmbda": 5.0, "momentum": 0.9},
        ),
        "ten sigmoid layers": (
            Network([784, *[30] * 10, 10], rng=1, **GENTLE),
            EPOCH,
            0.5,
            {},
        ),
        "ReLU from N(0, 1)": (
            Network([784, 30, 10], rng=1, activation=relu, cost=LogLikelihood()),
            EPOCH,
            0.1,
            {},
        ),
        "convolution": (
            Network(images, inputs=(28, 28), cost=LogLikelihood(), rng=1),
            10_000,
            0.03,
            {},
        ),
    }


def changes(name):
    """All changes before every twentieth rounding of a run, a list of vectors."""
    net, n, eta, options = networks()[name]
    found, calls, round_change = [], [], exact.round_change

    def spy(array, before):
        if len(calls) // arrays % EVERY == 0:
            found.append((array - before).ravel())
        calls.append(1)
        round_change(array, before)

    arrays = 2 * len(net.weights) * (2 if options.get("momentum") else 1)
    exact.round_change = spy
    train = load_mnist().train
    part = SimpleNamespace(x=train.x[:, :n], y=train.y[:, :n])
    net.sgd(part, 1, 10, eta, verbose=False, **options)
    exact.round_change = round_change
    return found


def changes_on(cpu, name):
    """What `changes` finds in a process that believes to be on another processor."""
    clean = {
        k: v for k, v in os.environ.items() if not k.startswith(("OPENBLAS", "NPY_"))
    }
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "changes.npz"
        subprocess.run(
            [sys.executable, "-W", "ignore", __file__, name, path],
            env=clean | CPUS[cpu] | {"OPENBLAS_NUM_THREADS": "1"},
            check=True,
        )
        with np.load(path) as arrays:
            return [arrays[key] for key in arrays.files]


def risk(name):
    """Expected entries per epoch of 50 000 examples that are rounded apart."""
    total = 0.0
    pairs = zip(*(changes_on(cpu, name) for cpu in CPUS), strict=True)
    for one, other in pairs:
        size = np.sqrt(np.mean(one**2))
        if size:
            grid = 2.0 ** (frexp(size)[1] - 1 - exact.BITS)
            total += np.abs(one - other).sum() / grid
    return total * EVERY * EPOCH / networks()[name][1]


def main(arguments):
    """Do one run, as a process of `changes_on`, or all of them and write the file."""
    if arguments:
        name, path = arguments
        np.savez(path, *changes(name))
        return
    rows = {}
    for name in networks():
        rows[name] = float(f"{risk(name):.1g}")
        print(name, rows[name], flush=True)
    temporary = FILE.with_suffix(".tmp")
    temporary.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    os.replace(temporary, FILE)


if __name__ == "__main__":
    main(sys.argv[1:])
