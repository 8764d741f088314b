"""Train the networks that "Draw a digit" uses, and write them for browsers.

python scripts/export_networks.py

Writes book/assets/live/network_original.js and network_scaled.js, and
test_digits.js with some test images. Training is in float64, so the same
files come out on every machine. Well under a minute.
"""

import json
import os
from base64 import b64decode, b64encode
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np

from nndl import Network, load_mnist

FOLDER = Path(__file__).parent.parent / "book" / "assets" / "live"
SEED = 1  # of the run that chapter 1 shows
NETWORKS = {"original": "N(0, 1) weights", "scaled": "scaled weights"}
STEPS = 2**15 - 1  # of a weight on either side of 0, in 16 bits
MISREAD = 8  # digits to show


def train(name):
    """Train [784, 30, 10] as chapter 1 does; name is a key of NETWORKS."""
    net = Network([784, 30, 10], rng=SEED, scaled=name == "scaled")
    net.sgd(load_mnist().train, epochs=30, batch_size=10, eta=3.0, verbose=False)
    return net


def pack(net):
    """Layers of a network for JSON: each weight is a whole number of its row's scale."""
    layers = []
    for w, b in zip(net.weights, net.biases, strict=True):
        scales = [float(f"{row:.9g}") for row in np.abs(w).max(axis=1) / STEPS]
        whole = np.rint(w / np.array(scales)[:, None]).clip(-STEPS, STEPS)
        layers.append(
            {
                "scales": scales,
                "weights": b64encode(whole.astype("<i2").tobytes()).decode(),
                "biases": [float(f"{bias:.9g}") for bias in b[:, 0]],
            }
        )
    return layers


def unpack(sizes, layers):
    """The network that `pack` wrote, rounded as it is."""
    net = Network(sizes)
    for i, layer in enumerate(layers):
        whole = np.frombuffer(b64decode(layer["weights"]), "<i2")
        net.weights[i] = whole.reshape(-1, sizes[i]) * np.array([layer["scales"]]).T
        net.biases[i] = np.array([layer["biases"]]).T
    return net


def choose_digits(nets, test):
    """Rows for test_digits.js: each digit read right by both, then the first misread."""
    answers = [net.feedforward(test.x).argmax(axis=0) for net in nets]
    right = np.logical_and.reduce([a == test.labels for a in answers])
    chosen = [np.flatnonzero(right & (test.labels == j))[0] for j in range(10)]
    misread = np.flatnonzero(answers[0] != test.labels)[:MISREAD]
    return [
        {
            "index": int(i),
            "label": int(test.labels[i]),
            "misread": bool(not right[i]),
            "image": b64encode((test.x[:, i] * 256).astype(np.uint8)).decode(),
        }
        for i in [*chosen, *misread]
    ]


def write(name, target, value):
    """Write a script that sets `target`, under a temporary name first."""
    path, temporary = FOLDER / name, FOLDER / f"{name}.tmp"
    start = "// Written by scripts/export_networks.py\nglobalThis.liveData ??= {};\n"
    start += "globalThis.liveData.networks ??= {};\n"
    text = f"{start}globalThis.liveData.{target} = {json.dumps(value)};\n"
    temporary.write_text(text, encoding="utf-8", newline="\n")
    os.replace(temporary, path)
    print(f"{name}: {len(text) / 1000:.0f} kB", flush=True)


def main():
    """Train, write, and say how good the rounded networks are."""
    test = load_mnist().test
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        nets = dict(zip(NETWORKS, pool.map(train, NETWORKS), strict=True))
    for name, net in nets.items():
        layers = pack(net)
        rounded = unpack(net.sizes, layers)
        correct = round(rounded.accuracy(test) * len(test.labels))
        moved = np.abs(rounded.feedforward(test.x) - net.feedforward(test.x)).max()
        facts = {"title": NETWORKS[name], "sizes": list(net.sizes), "seed": SEED}
        facts |= {"correct": correct, "of": len(test.labels)}
        facts |= {"rounding": float(f"{moved:.1e}"), "layers": layers}
        write(f"network_{name}.js", f"networks.{name}", facts)
        print(f"{name}: {correct} of {len(test.labels)} test digits")
    write("test_digits.js", "digits", choose_digits(list(nets.values()), test))


if __name__ == "__main__":
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    main()
