"""Train the runs that chapter 1's page on lost digits shows: python experiments/lost_digits.py

Writes book/chapter1/lost_digits.json, one row per run, only when all runs are done. About 15
minutes of one core. The rows of the group "rounding off" may come out otherwise on another
processor, the others not.
"""

import json
import multiprocessing
import os
from functools import cache
from pathlib import Path

import numpy as np

from nndl import Network, load_mnist, sigmoid

FILE = Path(__file__).parent.parent / "book" / "chapter1" / "lost_digits.json"
BATCH_SIZE = 10
SEEDS = range(1, 11)
PROBE = 2000  # the first training images, on which z and its spread are looked at
LOST = 0.1  # a digit is lost if a smaller share of its test images is recognised

# What the output layer's weights and biases, drawn from N(0, 1), are multiplied by. With 1.9 and
# 30 hidden neurons they spread the outputs' z like 100 neurons do, with 0.53 the other way round.
GROUPS = [
    # group, hidden, weights times, biases times, eta, epochs, rounding
    ("30, narrow, weak", 30, 1.0, 1.0, 3.0, 5, True),
    ("30, narrow, strong", 30, 1.0, 1.0, 10.0, 5, True),
    ("30, wide, weak", 30, 1.9, 1.0, 3.0, 5, True),
    ("30, wide, strong", 30, 1.9, 1.0, 10.0, 5, True),
    ("100, narrow, weak", 100, 0.53, 1.0, 1.0, 15, True),
    ("100, narrow, strong", 100, 0.53, 1.0, 3.0, 5, True),
    ("100, wide, weak", 100, 1.0, 1.0, 1.0, 15, True),
    ("100, wide, strong", 100, 1.0, 1.0, 3.0, 5, True),
    ("30, wide by biases", 30, 1.0, 6.0, 3.0, 5, True),
    ("100, narrow, strong, rounding off", 100, 0.53, 1.0, 3.0, 5, False),
    ("100, wide, strong, rounding off", 100, 1.0, 1.0, 3.0, 5, False),
]


def plan():
    """List all runs, in the file's order: a group and a seed."""
    return [(*group, seed) for group in GROUPS for seed in SEEDS]


def start(hidden, weights_times, biases_times, seed):
    """The network of one run before it learns."""
    net = Network([784, hidden, 10], rng=seed)
    net.weights[-1] = weights_times * net.weights[-1]
    net.biases[-1] = biases_times * net.biases[-1]
    return net


def run(group, hidden, weights_times, biases_times, eta, epochs, rounding, seed):
    """Train one network; return its row of the file, with what it had lost after each epoch."""
    mnist = data()
    net = start(hidden, weights_times, biases_times, seed)
    a, z = output_layer(net)
    row = {
        "group": group,
        "hidden": hidden,
        "weights_times": weights_times,
        "biases_times": biases_times,
        "eta": eta,
        "epochs": epochs,
        "rounding": rounding,
        "seed": seed,
        "spread": round(float(np.sqrt(np.mean(z**2))), 2),
        "squared_length": round(float(np.mean(np.sum(a**2, axis=0))), 1),
        "correct": [],
        "lost": [],
        "median": [own_medians(z)],
    }
    for _ in range(epochs):
        net.sgd(mnist.train, 1, BATCH_SIZE, eta, reproducible=rounding, verbose=False)
        answers = net.feedforward(mnist.test.x).argmax(axis=0)
        right = answers == mnist.test.labels
        row["correct"].append(int(np.count_nonzero(right)))
        row["lost"].append(lost(right, mnist.test.labels))
        row["median"].append(own_medians(output_layer(net)[1]))
    return row


def output_layer(net):
    """Activations in front of the output layer, and its z, for the first training images."""
    x = data().train.x[:, :PROBE].astype(np.float64)
    a = sigmoid(net.weights[0] @ x + net.biases[0])
    return a, net.weights[1] @ a + net.biases[1]


def own_medians(z):
    """For each digit j, the median of z_j over the images of j, to one decimal."""
    labels = data().train.labels[:PROBE]
    return [round(float(np.median(z[j, labels == j])), 1) for j in range(10)]


def lost(right, labels):
    """Digits of which fewer than LOST of the images are right."""
    recall = np.bincount(labels[right], minlength=10) / np.bincount(labels)
    return np.flatnonzero(recall < LOST).tolist()


@cache
def data():
    """The digits, loaded once per process."""
    return load_mnist()


def write(rows):
    """Write the rows, one per line, under a temporary name first."""
    temporary = FILE.with_suffix(".tmp")
    lines = ",\n".join(json.dumps(row) for row in rows)
    temporary.write_text(f"[\n{lines}\n]\n")
    os.replace(temporary, FILE)


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
    write(rows)


if __name__ == "__main__":
    main()
