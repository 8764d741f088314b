"""The MNIST digits, shipped with the package, and any other data set in the same four files."""

import hashlib
from pathlib import Path
from typing import NamedTuple

import numpy as np

from nndl.digits.idx import parse_idx, read_bytes

DATA = Path(__file__).parent / "data"
CLASSES = 10

# Of the decompressed content, as listed in data/README.md.
SHA256 = {
    "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}


class Dataset(NamedTuple):
    """Examples with their targets, one example per column; the arrays are read-only.

    x: (n_in, n) inputs. y: (10, n) one-hot targets. labels: (n,) integers
    0-9.
    """

    x: np.ndarray
    y: np.ndarray
    labels: np.ndarray


class Mnist(NamedTuple):
    """The three parts of the data: to learn from, to choose with, to report on."""

    train: Dataset
    validation: Dataset
    test: Dataset


def load_mnist(folder=None):
    """Load the handwritten digits: 50 000 to train, 10 000 to validate, 10 000 to test.

    Pixels are float32 multiples of 1/256 in [0, 1), exact in any float type;
    0 is paper, and ink is towards 1. The last sixth of the training file is
    the validation part. Columns are examples, each contiguous in memory,
    which makes taking a mini-batch cheap.

    `folder` names another data set in the same four files (Fashion-MNIST,
    KMNIST), gzipped or not. Without it, the digits inside the package are
    loaded and their SHA-256 is verified.

    Raises FileNotFoundError for a missing file, and ValueError for one that
    is not what its name says.
    """
    images, labels = _read_pair("train", folder)
    test_images, test_labels = _read_pair("t10k", folder)
    if images.shape[1:] != test_images.shape[1:]:
        raise ValueError(
            f"images are {images.shape[1:]} pixels in the training file, "
            f"but {test_images.shape[1:]} in the test file"
        )
    cut = len(images) - len(images) // 6
    return Mnist(
        train=_dataset(images[:cut], labels[:cut]),
        validation=_dataset(images[cut:], labels[cut:]),
        test=_dataset(test_images, test_labels),
    )


def _read_pair(prefix, folder):
    """Read the images (n, rows, columns) and the labels (n,) whose file names begin alike."""
    images = _read_file(f"{prefix}-images-idx3-ubyte", folder)
    labels = _read_file(f"{prefix}-labels-idx1-ubyte", folder)
    if images.ndim != 3 or images.dtype != np.uint8 or labels.ndim != 1:
        raise ValueError(
            f"{prefix} files hold images of shape {images.shape} and type {images.dtype} and "
            f"labels of shape {labels.shape}; expected (n, rows, columns) bytes and (n,) labels"
        )
    if len(images) != len(labels):
        raise ValueError(
            f"{prefix} files hold {len(images)} images but {len(labels)} labels"
        )
    if labels.size and not (labels.min() >= 0 and labels.max() < CLASSES):
        raise ValueError(
            f"{prefix} labels run from {labels.min()} to {labels.max()}, expected 0 to 9"
        )
    return images, labels


def _read_file(name, folder):
    """Read one of the four files, from the package with its checksum, or from a folder."""
    if folder is None:
        path = DATA / f"{name}.gz"
        content = read_bytes(path)
        if hashlib.sha256(content).hexdigest() != SHA256[name]:
            raise ValueError(
                f"{path}: its SHA-256 is not that of MNIST; install nndl again"
            )
        return parse_idx(content, path)
    candidates = [Path(folder) / name, Path(folder) / f"{name}.gz"]
    path = next((path for path in candidates if path.exists()), None)
    if path is None:
        raise FileNotFoundError(f"{folder}: holds neither {name} nor {name}.gz")
    return parse_idx(read_bytes(path), path)


def _dataset(images, labels):
    """Scale the pixels to [0, 1) and encode the labels, both stored one example per row."""
    x = images.reshape(len(images), -1).astype(np.float32)
    x /= 256
    y = np.zeros((len(labels), CLASSES), np.float32)
    y[np.arange(len(labels)), labels] = 1
    dataset = Dataset(x.T, y.T, labels.astype(np.int64))
    for array in (x, y, *dataset):
        array.flags.writeable = False
    return dataset
