"""Train the small networks that chapter 4 compares with its constructions.

python experiments/chapter4.py writes book/chapter4/experiments.json, one row per network, only
when all are trained. About five minutes on one core. The goal is the weighted input
g = logit(f) of the chapter's function f, on 400 points, and a network has one input, N sigmoid
neurons and one output neuron whose activation is the identity.
"""

import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np

from nndl import (
    Dense,
    Network,
    Quadratic,
    identity,
    scaled_normal,
    sigmoid,
    standard_normal,
)

FILE = Path(__file__).parent.parent / "book" / "chapter4" / "experiments.json"
SIZES = [2, 3, 4, 5, 6, 8, 10, 15, 20]
SEEDS = range(1, 21)
STARTS = {"standard": standard_normal, "scaled": scaled_normal, "steps": None}
SGD_SIZES, SGD_SEEDS = [10, 20], range(1, 4)
EPOCHS, BATCH_SIZE, ETA = 4000, 10, 0.1


def goal(x):
    """The chapter's f, eq. (113), through the inverse of the sigmoid."""
    f = 0.2 + 0.4 * x**2 + 0.3 * x * np.sin(15 * x) + 0.05 * np.cos(50 * x)
    return np.log(f / (1 - f))


X = ((np.arange(400) + 0.5) / 400).reshape(1, -1)
Y = goal(X)


def network(n, start="standard", seed=0):
    """N neurons, drawn at random, or as n steps of steepness 6 n with a random jitter."""
    layers = [Dense(n, sigmoid), Dense(1, identity)]
    draw = STARTS[start] or standard_normal
    net = Network(layers, inputs=1, cost=Quadratic(), start=draw, rng=seed)
    if start == "steps":
        place = (np.arange(1, n + 1) + net.rng.uniform(-0.5, 0.5, n)) / (n + 1)
        edges = np.concatenate([[0], np.sort(place), [1]])
        heights = goal((edges[1:] + edges[:-1]) / 2)
        w = np.full((n, 1), 6.0 * n)
        net.weights = [w, np.diff(heights).reshape(1, -1)]
        net.biases = [-w * edges[1:-1, None], heights[:1].reshape(1, 1)]
    return net


def error(net):
    """Mean distance of the output from the goal."""
    return float(np.mean(np.abs(net.feedforward(X) - Y)))


def jacobian(net):
    """Derivatives of the outputs by all parameters, one row per parameter.

    With the target a - 1 the quadratic cost has the error 1 at the output neuron, so that
    backpropagation carries back the derivative of the output itself.
    """
    a = net.feedforward(X)
    delta = net.errors(X, a - 1)[0]
    hidden = sigmoid(net.weights[0] @ X + net.biases[0])
    return a - Y, np.concatenate([delta * X, delta, hidden, np.ones_like(X)])


def get(net):
    """All parameters in one vector, in the order of `jacobian`."""
    (w, v), (b, c) = net.weights, net.biases
    return np.concatenate([w.ravel(), b.ravel(), v.ravel(), c.ravel()])


def put(net, p):
    """Give the network the parameters of one vector."""
    w, b, v, c = np.split(p, np.arange(1, 4) * (len(p) // 3))
    net.weights = [w.reshape(-1, 1), v.reshape(1, -1)]
    net.biases = [b.reshape(-1, 1), c.reshape(1, 1)]


def levenberg_marquardt(net, steps=800):
    """Least squares by damped Gauss-Newton steps: (J J^T + damping I) step = -J residual."""
    p, damping = get(net), 1.0
    residual, j = jacobian(net)
    for _ in range(steps):
        matrix = j @ j.T + damping * np.eye(len(p))
        put(net, p - np.linalg.solve(matrix, j @ residual[0]))
        new_residual, new_j = jacobian(net)
        if np.sum(new_residual**2) < np.sum(residual**2):
            p, residual, j = get(net), new_residual, new_j
            damping = max(damping / 3, 1e-9)
        else:
            damping = min(damping * 4, 1e9)
    put(net, p)


def main():
    """Train everything, then write the file."""
    rows = []
    for n in SIZES:
        for start in STARTS:
            for seed in SEEDS:
                net = network(n, start, seed)
                before = error(net)
                levenberg_marquardt(net)
                row = {"method": "lm", "start": start, "n": n, "seed": seed}
                row |= {"before": round(before, 4), "after": round(error(net), 5)}
                largest = max(np.abs(w).max() for w in net.weights)
                row |= {"largest weight": float(f"{largest:.2g}")}
                row |= {"parameters": [float(f"{v:.9g}") for v in get(net)]}
                rows.append(row)
        best = {}
        for start in STARTS:
            found = [r["after"] for r in rows if (r["n"], r["start"]) == (n, start)]
            best[start] = (min(found), float(np.median(found)))
        print(n, best, flush=True)
    data = SimpleNamespace(x=X, y=Y)
    for n in SGD_SIZES:
        for start in STARTS:
            for seed in SGD_SEEDS:
                net = network(n, start, seed)
                row = {"method": "sgd", "start": start, "n": n, "seed": seed}
                row |= {"before": round(error(net), 4)}
                net.sgd(data, EPOCHS, BATCH_SIZE, ETA, verbose=False)
                rows.append(row | {"after": round(error(net), 5), "eta": ETA})
                print(rows[-1], flush=True)
    # Only the best network of each size and start keeps its parameters.
    for row in rows:
        rivals = [
            r["after"] for r in rows if r["method"] == "lm" and r["n"] == row["n"]
        ]
        if row["method"] == "lm" and row["after"] > min(rivals):
            del row["parameters"]
    FILE.parent.mkdir(exist_ok=True)
    lines = ",\n".join(json.dumps(row) for row in rows)
    FILE.write_text(f"[\n{lines}\n]\n", encoding="utf-8")


if __name__ == "__main__":
    main()
