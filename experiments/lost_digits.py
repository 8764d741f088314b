"""Train the runs that chapter 1's page on lost digits shows: python experiments/lost_digits.py

Writes book/chapter1/lost_digits.json, one row per run, only when all runs are done. About 15
minutes of one core. The rows of the group "rounding off" may come out otherwise on another
processor, the others not.
"""

import multiprocessing
import os
from pathlib import Path
from types import SimpleNamespace

import numpy as np
from shared import data, write

from nndl import Network, sigmoid

FILE = Path(__file__).parent.parent / "book" / "chapter1" / "lost_digits.json"
BATCH_SIZE = 10
SEEDS = range(1, 11)
PROBE = 2000  # the first training images, on which z and its spread are looked at
LOST = 0.1  # a digit is lost if a smaller share of its test images is recognised

# What the output layer's weights and biases, drawn from N(0, 1), are multiplied by. With 1.9 and
# 30 hidden neurons they spread the outputs' z like 100 neurons do, with 0.53 the other way round.
GROUPS = [
    # group, hidden, weights times, biases times, eta, epochs, variant
    ("30, narrow, weak", 30, 1.0, 1.0, 3.0, 5, None),
    ("30, narrow, strong", 30, 1.0, 1.0, 10.0, 5, None),
    ("30, wide, weak", 30, 1.9, 1.0, 3.0, 5, None),
    ("30, wide, strong", 30, 1.9, 1.0, 10.0, 5, None),
    ("100, narrow, weak", 100, 0.53, 1.0, 1.0, 15, None),
    ("100, narrow, strong", 100, 0.53, 1.0, 3.0, 5, None),
    ("100, wide, weak", 100, 1.0, 1.0, 1.0, 15, None),
    ("100, wide, strong", 100, 1.0, 1.0, 3.0, 5, None),
    ("30, wide by biases", 30, 1.0, 6.0, 3.0, 5, None),
    ("30, wide, centred", 30, 1.9, 1.0, 3.0, 5, "centred"),
    ("100, wide, centred", 100, 1.0, 1.0, 3.0, 5, "centred"),
    ("100, narrow, fixed", 100, 0.53, 1.0, 3.0, 5, "hidden layer fixed"),
    ("100, wide, fixed", 100, 1.0, 1.0, 3.0, 5, "hidden layer fixed"),
    ("100, narrow, strong, rounding off", 100, 0.53, 1.0, 3.0, 5, "rounding off"),
    ("100, wide, strong, rounding off", 100, 1.0, 1.0, 3.0, 5, "rounding off"),
]


def plan():
    """List all runs, in the file's order: a group and a seed."""
    return [(*group, seed) for group in GROUPS for seed in SEEDS]


def start(hidden, weights_times, biases_times, variant, seed):
    """The network of one run before it learns.

    "centred" sets the biases of the outputs so that each output's z has the mean 0.
    """
    net = Network([784, hidden, 10], rng=seed)
    net.weights[-1] = weights_times * net.weights[-1]
    net.biases[-1] = biases_times * net.biases[-1]
    if variant == "centred":
        z = outputs(net, hidden_layer(net, data().train.x[:, :PROBE]))
        net.biases[-1] = net.biases[-1] - z.mean(axis=1, keepdims=True)
    return net


def run(group, hidden, weights_times, biases_times, eta, epochs, variant, seed):
    """Train one network; return its row of the file, with what it had lost after each epoch.

    "hidden layer fixed" trains the output layer alone, on what the hidden layer says.
    """
    train, _, test = data()
    net = start(hidden, weights_times, biases_times, variant, seed)
    front = hidden_layer(net, train.x[:, :PROBE])
    z = outputs(net, front)
    row = {
        "group": group,
        "hidden": hidden,
        "weights_times": weights_times,
        "biases_times": biases_times,
        "eta": eta,
        "epochs": epochs,
        "variant": variant,
        "seed": seed,
        "spread": round(float(np.sqrt(np.mean(z**2))), 2),
        "spread_within": round(float(np.sqrt(np.mean(np.var(z, axis=1)))), 2),
        "squared_length": round(float(np.mean(np.sum(front**2, axis=0))), 1),
        "correct": [],
        "lost": [],
        "median": [own_medians(z)],
    }
    learner = net
    if variant == "hidden layer fixed":
        train, test = (
            SimpleNamespace(x=hidden_layer(net, d.x), y=d.y, labels=d.labels)
            for d in (train, test)
        )
        learner = Network([hidden, 10], rng=seed)
        learner.weights, learner.biases = [net.weights[-1]], [net.biases[-1]]
    rounding = variant != "rounding off"
    for _ in range(epochs):
        learner.sgd(train, 1, BATCH_SIZE, eta, reproducible=rounding, verbose=False)
        right = learner.feedforward(test.x).argmax(axis=0) == test.labels
        row["correct"].append(int(np.count_nonzero(right)))
        row["lost"].append(lost(right, test.labels))
        if learner is net:
            front = hidden_layer(net, train.x[:, :PROBE])
        row["median"].append(own_medians(outputs(learner, front)))
    return row


def hidden_layer(net, x):
    """Activations of the hidden layer, each example contiguous in memory."""
    # Piece by piece, since float64 makes the images twice as large.
    parts = [
        x[:, i : i + PROBE].astype(np.float64) for i in range(0, x.shape[1], PROBE)
    ]
    front = [sigmoid(net.weights[0] @ part + net.biases[0]).T for part in parts]
    return np.ascontiguousarray(np.concatenate(front)).T


def outputs(net, front):
    """Weighted inputs z of the output layer, from the activations in front of it."""
    return net.weights[-1] @ front + net.biases[-1]


def own_medians(z):
    """For each digit j, the median of z_j over the images of j, to one decimal."""
    labels = data().train.labels[:PROBE]
    return [round(float(np.median(z[j, labels == j])), 1) for j in range(10)]


def lost(right, labels):
    """Digits of which fewer than LOST of the images are right."""
    recall = np.bincount(labels[right], minlength=10) / np.bincount(labels)
    return np.flatnonzero(recall < LOST).tolist()


def main(processes=None):
    """Run the plan, one run per core at a time."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    rows = []
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        for result in [pool.apply_async(run, job) for job in plan()]:
            rows.append(result.get())
            row = rows[-1]
            print(
                row["group"],
                row["seed"],
                row["correct"][-1],
                row["lost"][-1],
                flush=True,
            )
    write(FILE, rows)


if __name__ == "__main__":
    main()
