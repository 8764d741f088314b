import gzip
import struct
from pathlib import Path

import numpy as np
import pytest

import nndl.digits.mnist
from nndl import load_mnist


def test_sizes_types_and_split(mnist):
    for part, n in [
        (mnist.train, 50_000),
        (mnist.validation, 10_000),
        (mnist.test, 10_000),
    ]:
        assert part.x.shape == (784, n)
        assert part.y.shape == (10, n)
        assert part.labels.shape == (n,)
        assert np.issubdtype(part.labels.dtype, np.integer)
        assert part.x.T.flags.c_contiguous
        np.testing.assert_array_equal(part.y.argmax(axis=0), part.labels)
        np.testing.assert_array_equal(part.y.sum(axis=0), 1)
        assert set(np.unique(part.y)) == {0, 1}


def test_pixels_are_multiples_of_one_256th(mnist):
    x = mnist.test.x.astype(float)
    assert x.min() == 0
    assert x.max() == 255 / 256
    np.testing.assert_array_equal(x * 256, np.round(x * 256))


def test_known_digits(mnist):
    assert mnist.train.labels[:5].tolist() == [5, 0, 4, 1, 9]
    assert (
        ~mnist.train.x.any(axis=1)
    ).sum() == 67  # pixels that no training digit inks


def test_average_darkness_baseline(mnist):
    """The split and every pixel must be right for this number to come out."""
    darkness = mnist.train.x.sum(axis=0, dtype=np.float64)
    means = np.array(
        [darkness[mnist.train.labels == digit].mean() for digit in range(10)]
    )
    test_darkness = mnist.test.x.sum(axis=0, dtype=np.float64)
    guesses = np.abs(test_darkness - means[:, np.newaxis]).argmin(axis=0)
    assert (guesses == mnist.test.labels).sum() == 2225


def test_the_arrays_cannot_be_changed_by_mistake(mnist):
    for array in mnist.train:
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1


def test_a_damaged_file_in_the_package_is_refused(monkeypatch, tmp_path):
    name = "t10k-labels-idx1-ubyte.gz"
    content = bytearray(gzip.decompress((nndl.digits.mnist.DATA / name).read_bytes()))
    content[100] ^= 1
    for path in nndl.digits.mnist.DATA.glob("*.gz"):
        (tmp_path / path.name).symlink_to(path)
    (tmp_path / name).unlink()
    (tmp_path / name).write_bytes(gzip.compress(bytes(content)))
    monkeypatch.setattr(nndl.digits.mnist, "DATA", tmp_path)
    with pytest.raises(ValueError, match=r"t10k-labels.*SHA-256"):
        load_mnist()


def write_data_set(folder, train=12, test=3, rows=4, compress=bytes):
    """A tiny data set in MNIST's four files."""
    rng = np.random.default_rng(0)
    for prefix, n in [("train", train), ("t10k", test)]:
        images = rng.integers(256, size=(n, rows, 5), dtype=np.uint8)
        labels = (np.arange(n) % 10).astype(np.uint8)
        for array, name in [(images, "images-idx3"), (labels, "labels-idx1")]:
            header = bytes([0, 0, 8, array.ndim]) + struct.pack(
                f">{array.ndim}I", *array.shape
            )
            suffix = "" if compress is bytes else ".gz"
            path = Path(folder) / f"{prefix}-{name}-ubyte{suffix}"
            path.write_bytes(compress(header + array.tobytes()))


@pytest.mark.parametrize("compress", [bytes, gzip.compress])
def test_another_data_set_from_a_folder(tmp_path, compress):
    write_data_set(tmp_path, compress=compress)
    other = load_mnist(tmp_path)
    assert [part.x.shape for part in other] == [(20, 10), (20, 2), (20, 3)]
    assert other.train.labels.tolist() == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
    assert other.validation.labels.tolist() == [0, 1]


def test_a_folder_without_the_files(tmp_path):
    with pytest.raises(
        FileNotFoundError, match="holds neither train-images-idx3-ubyte nor"
    ):
        load_mnist(tmp_path)


def idx(array):
    """An IDX file of bytes."""
    array = np.asarray(array, dtype=np.uint8)
    return (
        bytes([0, 0, 8, array.ndim])
        + struct.pack(f">{array.ndim}I", *array.shape)
        + array.tobytes()
    )


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("train-labels-idx1-ubyte", idx([1, 2]), "12 images but 2 labels"),
        ("t10k-labels-idx1-ubyte", idx([1, 10, 2]), "t10k labels run from 1 to 10"),
        ("train-images-idx3-ubyte", idx([1, 2, 3]), r"images of shape \(3,\)"),
        (
            "t10k-images-idx3-ubyte",
            idx(np.zeros((3, 5, 5))),
            r"but \(5, 5\) in the test file",
        ),
        (
            "t10k-images-idx3-ubyte",
            b"nonsense",
            "t10k-images-idx3-ubyte: wrong magic number",
        ),
    ],
)
def test_files_that_do_not_fit_together(tmp_path, name, content, message):
    write_data_set(tmp_path)
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ValueError, match=message):
        load_mnist(tmp_path)
