"""Train the sweeps over many seeds that chapter 1 shows: python experiments/chapter1.py

Writes book/chapter1/experiments.json, one row per run, only when all runs are done. About
20 minutes on two cores. Training is in float64, and so the same file comes out on every
machine.
"""

import multiprocessing
import os
from pathlib import Path
from types import SimpleNamespace

import numpy as np
from shared import data, write

from nndl import Network

FILE = Path(__file__).parent.parent / "book" / "chapter1" / "experiments.json"
BATCH_SIZE = 10
RATES = [0.001, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0]

# The binary code of each digit as a column, the most significant bit first: shape (4, 10).
CODES = np.array([[digit >> bit & 1 for digit in range(10)] for bit in (3, 2, 1, 0)])


def plan():
    """List all runs as (name, sizes, scaled, eta, epochs, seed), in the file's order."""
    sweeps = [
        ("100 hidden", [784, 100, 10], False, 3.0, 30, range(1, 11)),
        ("100 hidden, scaled", [784, 100, 10], True, 3.0, 30, range(1, 6)),
        ("100 hidden, eta 0.001", [784, 100, 10], False, 0.001, 30, range(1, 4)),
        ("30 hidden", [784, 30, 10], False, 3.0, 30, range(1, 21)),
        ("30 hidden, scaled", [784, 30, 10], True, 3.0, 30, range(1, 6)),
        ("30 hidden, eta 100", [784, 30, 10], False, 100.0, 30, range(1, 4)),
        ("30 hidden, binary code", [784, 30, 4], False, 3.0, 30, range(1, 4)),
        ("no hidden", [784, 10], False, 3.0, 30, range(1, 10)),
        ("no hidden, scaled", [784, 10], True, 0.5, 30, range(1, 4)),
    ]
    sweeps += [
        ("learning rates", [784, 30, 10], False, eta, 10, range(1, 3)) for eta in RATES
    ]
    sweeps.append(
        ("100 hidden, more seeds", [784, 100, 10], False, 3.0, 30, range(11, 17))
    )
    return [(*sweep, seed) for *sweep, seeds in sweeps for seed in seeds]


def run(name, sizes, scaled, eta, epochs, seed):
    """Train one network; return its row of the file, with its counts after every epoch."""
    mnist = data()
    training = mnist.train
    if sizes[-1] == 4:
        training = SimpleNamespace(x=training.x, y=CODES[:, training.labels])
    net = Network(sizes, rng=seed, scaled=scaled)
    test, validation = [], []
    for _ in range(epochs):
        net.sgd(training, 1, BATCH_SIZE, eta, verbose=False)
        test.append(count_correct(net, mnist.test))
        validation.append(count_correct(net, mnist.validation))
    right = classify(net, mnist.test.x) == mnist.test.labels
    return {
        "name": name,
        "sizes": sizes,
        "scaled": scaled,
        "eta": eta,
        "batch_size": BATCH_SIZE,
        "epochs": epochs,
        "seed": seed,
        "correct": test,
        "correct_validation": validation,
        "correct_per_digit": np.bincount(
            mnist.test.labels[right], minlength=10
        ).tolist(),
    }


def classify(net, x):
    """Digits (m,) for the inputs x: the largest of ten outputs, or the nearest of the codes."""
    a = net.feedforward(x)
    if len(a) == 10:
        return a.argmax(axis=0)
    return ((a[:, None, :] - CODES[:, :, None]) ** 2).sum(axis=0).argmin(axis=0)


def count_correct(net, dataset):
    """Number of the examples of `dataset` that the network classifies correctly."""
    return int(np.count_nonzero(classify(net, dataset.x) == dataset.labels))


def main():
    """Run the plan, one run per core at a time."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    rows = []
    with multiprocessing.get_context("spawn").Pool() as pool:
        for result in [pool.apply_async(run, job) for job in plan()]:
            rows.append(result.get())
            row = rows[-1]
            print(row["name"], row["eta"], row["seed"], row["correct"][-1], flush=True)
    write(FILE, rows)


if __name__ == "__main__":
    main()
