import json
import os
import zipfile
from types import SimpleNamespace

import numpy as np
import pytest

from nndl import (
    Convolution,
    Dense,
    Dropout,
    Layer,
    LogLikelihood,
    MaxPooling,
    Network,
    relu,
    softmax,
    tanh,
)


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
            r"biases \(2, 1\), expected",
        ),
        ({"format": FORMAT, "weights_0": W[:, 0], "biases_0": B}, "it has no inputs"),
        (
            {"format": FORMAT, "weights_0": np.array(1.0), "biases_0": B},
            "tuple index|size 0|len",
        ),
        (
            {"format": FORMAT, "weights_0": W[:, :0], "biases_0": B},
            "it has no inputs",
        ),
        (
            {
                "format": FORMAT,
                "weights_0": W,
                "biases_0": B,
                "weights_1": W,
                "biases_1": B,
            },
            r"layer 3 has weights \(3, 2\).*expected \(3, 3\)",
        ),
        (
            {"format": FORMAT, "weights_0": W.astype(int), "biases_0": B},
            "its type is int64",
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


EVERY_LAYER = [
    *(Convolution(3, 3, relu), MaxPooling(2), Dropout(0.25)),
    *(Dense(4, tanh), Dense(3, softmax)),
]


def test_every_layer_comes_back(path, rng):
    net = Network(EVERY_LAYER, inputs=(2, 6, 6), cost=LogLikelihood(), rng=1)
    net.save(path)
    again = Network.load(path)
    assert repr(again) == repr(net)
    x = rng.random((72, 5))
    np.testing.assert_array_equal(again.feedforward(x), net.feedforward(x))


def test_a_file_of_format_1_is_still_read(path):
    np.savez(
        path, format=FORMAT, weights_0=W, biases_0=B, weights_1=W.T, biases_1=B[:2]
    )
    net = Network.load(path)
    assert repr(net) == repr(Network([2, 3, 2]))
    np.testing.assert_array_equal(net.weights[1], W.T)


def test_loading_draws_nothing_from_the_generator(path):
    """So that training goes on exactly as it would have without a break."""
    data = SimpleNamespace(x=np.eye(2), y=np.eye(2))
    net = Network([2, 2], rng=1)
    net.sgd(data, 1, 1, 0.5, verbose=False)
    net.save(path)
    state = net.rng.bit_generator.state
    again = Network.load(path, rng=net.rng)
    assert again.rng is net.rng
    assert net.rng.bit_generator.state == state
    net.rng = np.random.default_rng(9)
    again.rng = np.random.default_rng(9)
    for either in (net, again):
        either.sgd(data, 3, 1, 0.5, verbose=False)
    np.testing.assert_array_equal(again.weights[0], net.weights[0])


class Own(Layer):
    """A layer that no file knows."""

    def forward(self, a, rng=None):
        return a

    def backward(self, grad, first=False):
        return grad


def test_what_load_would_refuse_save_refuses(path):
    net = Network([3, 2], rng=1)
    net.save(path)
    before = path.read_bytes()
    net.layers[0].w[0, 0] = np.nan
    with pytest.raises(ValueError, match=r"cannot be saved: layer 2 holds values"):
        net.save(path)
    own = Network([Own(), Dense(2)], inputs=3, rng=1)
    with pytest.raises(ValueError, match=r"cannot be saved: Own\(\) is of your own"):
        own.save(path)
    assert path.read_bytes() == before


def changed(**changes):
    """The description that a file of this network holds, with some entries changed."""
    description = {
        "layers": [["Dense", 3, "sigmoid"]],
        "cost": ["Quadratic", "sigmoid"],
        "inputs": [2],
        "dtype": "float64",
    }
    return np.array(json.dumps(description | changes))


def test_an_array_too_many_is_refused(path):
    arrays = {"weights_0": W, "biases_0": B, "weights_1": W, "biases_1": B}
    np.savez(path, format=np.array("nndl network 2"), network=changed(), **arrays)
    with pytest.raises(ValueError, match="it holds 6 arrays for 1 layers"):
        Network.load(path)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"layers": [["Sparse", 3]]}, "its layer is Sparse, expected one of Dense"),
        (
            {"layers": [["Dense", 3, "swish"]]},
            "its activation is swish, expected one of",
        ),
        ({"layers": [["Dense", 0, "sigmoid"]]}, "n_out is 0"),
        ({"layers": [["Dense", 4, "sigmoid"]]}, r"layer 2 has weights \(3, 2\)"),
        ({"layers": []}, "arrays for 0 layers"),
        (
            {"cost": ["Hinge", "sigmoid"]},
            "its cost is Hinge, expected one of Quadratic",
        ),
        ({"cost": ["Quadratic", "softmax"]}, "softmax, but Quadratic takes"),
        ({"inputs": []}, "it has no inputs"),
        ({"inputs": 2}, "not iterable"),
        ({"dtype": "float16"}, "its type is float16"),
        ({"dtype": "float32"}, "types float64 and float64"),
        ({"more": 1}, "its description has"),
    ],
)
def test_another_description_is_refused(path, changes, message):
    network = changed(**changes)
    np.savez(
        path,
        format=np.array("nndl network 2"),
        network=network,
        weights_0=W,
        biases_0=B,
    )
    with pytest.raises(ValueError, match=rf"not a saved nndl network \(.*{message}"):
        Network.load(path)
