"""How far two processors drift apart while they learn alike: python experiments/butterfly.py

Trains the same network on two emulated x86 processors, which add the terms of a sum in
different orders, and writes book/butterfly.json: after so many steps, the largest
difference of any weight or bias. The page "How fast, and how sure" draws it. Takes about
a minute on two cores.
"""

import json
import os
import subprocess
import sys
import tempfile
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import numpy as np

from nndl import Network, load_mnist

FILE = Path(__file__).parent.parent / "book" / "butterfly.json"
BATCH_SIZE = 10
EPOCH = 5000  # steps
STEPS = [0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 3000, 4000, EPOCH]
STEPS += [*range(6000, 3 * EPOCH + 1, 1000)]

# OpenBLAS's kernel and the vector instructions of NumPy, of 2004 and of 2013.
CPUS = {
    "2004": {
        "OPENBLAS_CORETYPE": "Prescott",
        "NPY_DISABLE_CPU_FEATURES": "X86_V3 X86_V4 AVX512_ICL AVX512_SPR",
    },
    "2013": {
        "OPENBLAS_CORETYPE": "Haswell",
        "NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512_ICL AVX512_SPR",
    },
}
RUNS = {
    "plain": {"eta": 3.0, "scaled": False, "reproducible": False},
    "plain, gentle": {"eta": 0.5, "scaled": True, "reproducible": False},
    "exact sums": {"eta": 3.0, "scaled": False, "reproducible": True},
}


def train(eta, scaled, reproducible, steps=STEPS):
    """Train [784, 30, 10] on this processor, with stops.

    Returns all weights and biases at each stop, (stops, parameters), and how many test
    images are right after each epoch.
    """
    mnist = load_mnist()
    net = Network([784, 30, 10], rng=1, scaled=scaled)
    epochs = [np.random.default_rng(e).permutation(50_000) for e in range(3)]
    order = np.concatenate(epochs)
    found, correct = [parameters(net)], []
    for start, stop in pairwise(steps):
        examples = order[start * BATCH_SIZE : stop * BATCH_SIZE]
        part = SimpleNamespace(
            x=mnist.train.x[:, examples], y=mnist.train.y[:, examples]
        )
        net.sgd(part, 1, BATCH_SIZE, eta, verbose=False, reproducible=reproducible)
        found.append(parameters(net))
        if stop % EPOCH == 0:
            correct.append(round(net.accuracy(mnist.test) * 10_000))
    return np.array(found), np.array(correct)


def parameters(net):
    """All weights and biases in one vector."""
    return np.concatenate([p.ravel() for p in net.weights + net.biases])


def train_on(cpu, run, steps=STEPS):
    """What `train` returns, from a process that believes to be on another processor."""
    clean = {
        k: v for k, v in os.environ.items() if not k.startswith(("OPENBLAS", "NPY_"))
    }
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "run.npz"
        job = json.dumps({"path": str(path), "steps": steps, **RUNS[run]})
        subprocess.run(
            [sys.executable, "-W", "ignore", __file__, job],
            env=clean | CPUS[cpu] | {"OPENBLAS_NUM_THREADS": "1"},
            check=True,
        )
        with np.load(path) as arrays:
            return arrays["found"], arrays["correct"]


def compare(run, steps=STEPS):
    """One row of the file: both processors, step by step."""
    results = {cpu: train_on(cpu, run, steps) for cpu in CPUS}
    first, second = (found for found, _ in results.values())
    difference = np.abs(first - second).max(axis=1)
    return {
        "run": run,
        **RUNS[run],
        "steps": list(steps),
        "difference": [float(f"{d:.3g}") for d in difference],
        "correct": {cpu: correct.tolist() for cpu, (_, correct) in results.items()},
    }


def main(arguments):
    """Do one run, as a process of `train_on`, or all of them and write the file."""
    if arguments:
        job = json.loads(arguments[0])
        path = job.pop("path")
        found, correct = train(**job)
        np.savez(path, found=found, correct=correct)
        return
    lines = ",\n".join(json.dumps(compare(run)) for run in RUNS)
    temporary = FILE.with_suffix(".tmp")
    temporary.write_text(f"[\n{lines}\n]\n")
    os.replace(temporary, FILE)


if __name__ == "__main__":
    main(sys.argv[1:])
