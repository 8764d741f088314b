"""The look of the book's figures; needs matplotlib, and inside a notebook IPython."""

import matplotlib.pyplot as plt
import numpy as np


def use_book_style():
    """Give all figures of a notebook the book's style, sharp on high-density screens.

    Figures keep their nominal size (no cropping) and carry no version in
    their metadata, so that the same figure is the same file.
    """
    from matplotlib_inline.backend_inline import set_matplotlib_formats

    plt.style.use("nndl.book")
    set_matplotlib_formats("retina", bbox_inches=None, metadata={"Software": None})


def show_images(x, titles=None, columns=10, shape=(28, 28), cmap="gray_r", limit=None):
    """Draw the columns of x (n, m) as a grid of m images of the given shape.

    titles is a list of m strings, or None. limit is the absolute value at
    both ends of the colour map, for values of either sign; without it the
    map runs from 0 to 1. Returns the figure.
    """
    rows = -(-x.shape[1] // columns)
    height = 6 / columns * rows * (1.3 if titles else 1.05)
    figure, axes = plt.subplots(rows, columns, figsize=(6, height), squeeze=False)
    low, high = (0, 1) if limit is None else (-limit, limit)
    for ax in axes.flat:
        ax.set_axis_off()
    for i, (image, ax) in enumerate(zip(np.asarray(x).T, axes.flat, strict=False)):
        ax.imshow(
            image.reshape(shape),
            cmap=cmap,
            vmin=low,
            vmax=high,
            interpolation="nearest",
        )
        if titles:
            ax.set_title(titles[i], fontsize=9, pad=2)
    return figure
