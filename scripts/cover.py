"""Draw the picture of the README and first page, and the social card: python scripts/cover.py

Trains one network, and reads the sweeps over seeds that experiments/chapter1.py stored.
"""

import json
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from nndl import Network, load_mnist

CHAPTER = Path(__file__).parent.parent / "book" / "chapter1"
ASSETS = CHAPTER.parent / "assets"
TITLE = "Neural Networks and Deep Learning,\nderived and checked"
SUBTITLE = "Every formula derived, every number computed: a companion to Michael Nielsen's book"


def tile(images, columns):
    """One picture (rows * 30, columns * 30) of the columns of images (784, rows * columns)."""
    framed = np.pad(images.T.reshape(-1, 28, 28), ((0, 0), (1, 1), (1, 1)))
    return np.block([list(row) for row in framed.reshape(-1, columns, 30, 30)])


def draw(figure, mnist, net, rows):
    """Digits, hidden weights and learning curves, side by side in a figure."""
    digits, weights, curves = figure.subplots(1, 3, width_ratios=[1, 1, 1.35])
    digits.imshow(tile(mnist.train.x[:, :25], 5), cmap="gray_r", vmin=0, vmax=1)
    hidden = net.weights[0][:25].T
    limit = np.abs(hidden).max() * 0.7
    weights.imshow(tile(hidden, 5), cmap="RdBu_r", vmin=-limit, vmax=limit)
    for ax, title in [(digits, "what it reads"), (weights, "what it weighs")]:
        ax.set_axis_off()
        ax.set_title(title)
    kinds = {"30 hidden": ("C0-", "N(0, 1)"), "30 hidden, scaled": ("C1--", "scaled")}
    for name, (style, label) in kinds.items():
        counts = np.array([row["correct"] for row in rows if row["name"] == name])
        lines = curves.plot(np.arange(1, 31), counts.T / 100, style, lw=1)
        lines[0].set_label(f"{label} weights, {len(counts)} seeds")
    curves.set(xlabel="epoch", ylabel="correct test digits (%)", ylim=(72, 98))
    curves.set_title("what it learns, seed by seed")
    curves.legend(loc="lower right")


def save(figure, name, dpi):
    """Write a figure, on white, as it is shown on pages that the book does not make."""
    figure.savefig(
        ASSETS / name, dpi=dpi, facecolor="white", metadata={"Software": None}
    )


def main():
    """Train, draw both pictures and write them."""
    plt.style.use("nndl.book")
    mnist = load_mnist()
    net = Network([784, 30, 10], rng=1, scaled=True)
    net.sgd(mnist.train, epochs=10, batch_size=10, eta=3.0, test=mnist.test)
    rows = json.loads((CHAPTER / "experiments.json").read_text(encoding="utf-8"))
    cover = plt.figure(figsize=(10, 3.2))
    draw(cover, mnist, net, rows)
    save(cover, "cover.png", dpi=160)

    card = plt.figure(figsize=(12, 6.3))  # 1200 x 630, what previews of links show
    words, picture = card.subfigures(2, 1, height_ratios=[1, 1.6])
    words.text(0.03, 0.85, TITLE, size=34, weight="bold", color="C0", va="top")
    words.text(0.03, 0.04, SUBTITLE, size=17)
    draw(picture, mnist, net, rows)
    save(card, "social_card.png", dpi=100)


if __name__ == "__main__":
    main()
