import os
import zipfile
from types import SimpleNamespace

import numpy as np
import pytest

from nndl import Network


@pytest.fixture
def path(tmp_path):
    return tmp_path / "network.npz"


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_round_trip(path, dtype):
    net = Network([5, 4, 3], rng=1, dtype=dtype)
    net.save(path)
    again = Network.load(path, rng=7)
    assert again.sizes == [5, 4, 3]
    assert again.dtype == dtype
    for old, new in zip(
        net.weights + net.biases, again.weights + again.biases, strict=True
    ):
        assert new.dtype == dtype
        np.testing.assert_array_equal(new, old)


def test_the_name_is_taken_as_given(tmp_path):
    Network([2, 1], rng=1).save(str(tmp_path / "no-suffix"))
    assert os.listdir(tmp_path) == ["no-suffix"]
    assert Network.load(str(tmp_path / "no-suffix")).sizes == [2, 1]


def test_a_loaded_network_learns_on(path, rng):
    net = Network([2, 1], rng=1)
    net.save(path)
    data = SimpleNamespace(x=rng.random((2, 9)), y=rng.random((1, 9)))
    runs = [Network.load(path, rng=3) for _ in range(2)]
    for again in runs:
        again.sgd(data, 2, 4, 1.0, verbose=False)
    np.testing.assert_array_equal(runs[0].weights[0], runs[1].weights[0])
    assert not np.array_equal(runs[0].weights[0], net.weights[0])


def test_a_failed_save_leaves_the_old_file_and_no_other(path, monkeypatch):
    Network([2, 1], rng=1).save(path)
    before = path.read_bytes()

    def fail(file, **arrays):
        file.write(b"half")
        raise OSError("disk full")

    monkeypatch.setattr(np, "savez", fail)
    with pytest.raises(OSError, match="disk full"):
        Network([2, 1], rng=2).save(path)
    assert path.read_bytes() == before
    assert os.listdir(path.parent) == ["network.npz"]


W, B = np.ones((3, 2)), np.ones((3, 1))
FORMAT = np.array("nndl network 1")


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"a": W}, "format"),
        (
            {"format": np.array("other"), "weights_0": W, "biases_0": B},
            "its format is other",
        ),
        ({"format": FORMAT}, "it holds no layer"),
        ({"format": FORMAT, "weights_0": W, "bias": B}, "biases_0"),
        (
            {"format": FORMAT, "weights_0": W, "biases_0": B[:2]},
            r"biases \(2, 1\) are no layer",
        ),
        ({"format": FORMAT, "weights_0": W[:, 0], "biases_0": B}, r"weights \(3,\)"),
        (
            {"format": FORMAT, "weights_0": np.array(1.0), "biases_0": B},
            r"weights \(\)",
        ),
        ({"format": FORMAT, "weights_0": W[:, :0], "biases_0": B}, r"weights \(3, 0\)"),
        (
            {
                "format": FORMAT,
                "weights_0": W,
                "biases_0": B,
                "weights_1": W,
                "biases_1": B,
            },
            "do not follow 3 neurons",
        ),
        (
            {"format": FORMAT, "weights_0": W.astype(int), "biases_0": B},
            "types int64 and float64",
        ),
        ({"format": FORMAT, "weights_0": W * np.nan, "biases_0": B}, "not finite"),
        (
            {"format": FORMAT, "weights_0": np.array([[None]]), "biases_0": B},
            "Object arrays",
        ),
    ],
)
def test_another_archive_is_refused(path, arrays, message):
    np.savez(path, allow_pickle=True, **arrays)
    with pytest.raises(
        ValueError, match=rf"network.npz: not a saved nndl network \(.*{message}"
    ):
        Network.load(path)


@pytest.mark.parametrize("content", [b"", b"not an archive", b"\x80\x04N."])
def test_another_file_is_refused(path, content):
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"network\.npz: not a saved nndl network"):
        Network.load(path)


def test_a_truncated_or_foreign_zip_is_refused(path):
    Network([2, 1], rng=1).save(path)
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(ValueError, match="not a saved nndl network"):
        Network.load(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("hello.txt", "hello")
    with pytest.raises(ValueError, match="not a saved nndl network"):
        Network.load(path)


def test_a_damaged_array_is_refused(path):
    Network([20, 10], rng=1).save(path)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))
    with pytest.raises(ValueError, match="not a saved nndl network"):
        Network.load(path)


def test_missing_file_and_directory(tmp_path):
    with pytest.raises(FileNotFoundError, match="absent"):
        Network.load(tmp_path / "absent")
    with pytest.raises(IsADirectoryError, match="is a directory"):
        Network.load(tmp_path)
