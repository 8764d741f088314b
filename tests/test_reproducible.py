"""The same weights, to the bit, whatever the processor; and no step is lost by that."""

import json
import os
import platform
import subprocess
import sys
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from nndl import CrossEntropy, Network, glorot, he, relu
from nndl.support import exact

OLD_SIMD = {"NPY_DISABLE_CPU_FEATURES": "X86_V3 X86_V4 AVX512_ICL AVX512_SPR"}
CPUS = {
    "this one, 1 thread": {"OPENBLAS_NUM_THREADS": "1"},
    "this one, 2 threads": {"OPENBLAS_NUM_THREADS": "2"},
    "Prescott, old SIMD": {"OPENBLAS_CORETYPE": "Prescott", "OPENBLAS_NUM_THREADS": "1"}
    | OLD_SIMD,
    "Nehalem, 2 threads": {"OPENBLAS_CORETYPE": "Nehalem", "OPENBLAS_NUM_THREADS": "2"},
    "Haswell": {"OPENBLAS_CORETYPE": "Haswell", "OPENBLAS_NUM_THREADS": "1"},
    "Haswell, no AVX512": {
        "OPENBLAS_CORETYPE": "Haswell",
        "OPENBLAS_NUM_THREADS": "1",
        "NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512_ICL AVX512_SPR",
    },
    "C library without FMA": {
        "GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX2,-FMA,-FMA4",
        "OPENBLAS_NUM_THREADS": "1",
    },
}

# Each technique of the book on some digits: short runs of networks that amplify differences.
# The last line trains without rounding: a control that must come out different somewhere.
PROGRAM = """
import hashlib, json
from types import SimpleNamespace
from nndl import *
mnist = load_mnist()

def first(n):
    train = mnist.train
    return SimpleNamespace(x=train.x[:, :n], y=train.y[:, :n])

def dense(*sizes, **options):
    return Network([784, *sizes, 10], rng=1, **options)

def images(*layers):
    layers = [*layers, Dense(10, softmax)]
    return Network(layers, inputs=(28, 28), cost=LogLikelihood(), rng=1)

log, cross = LogLikelihood(), CrossEntropy()
gentle = {"scaled": True, "cost": cross}
deep = [Convolution(4, 5, relu), MaxPooling(2), Convolution(8, 5, relu), MaxPooling(2),
        Dropout(0.5), Dense(30, relu)]
# name: network, examples, batch size, eta, options
runs = {
    "chapter 1": (dense(30), 50_000, 10, 3.0, {}),
    "batches that two threads share": (dense(100), 20_000, 500, 3.0, {}),
    "cross-entropy, L2, momentum": (dense(30, **gentle), 20_000, 10, 0.05,
                                    {"lmbda": 5.0, "momentum": 0.9}),
    "tanh, L1": (dense(30, activation=tanh, **gentle), 10_000, 10, 0.1, {"l1": 5.0}),
    "softmax, ReLU from N(0, 1)": (dense(30, 30, activation=relu, cost=log),
                                   10_000, 10, 0.1, {}),
    "ten sigmoid layers": (dense(*[30] * 10, **gentle), 10_000, 10, 0.5, {}),
    "small steps": (dense(30), 10_000, 10, 1e-6, {}),
    "chaotic convolution": (images(Convolution(5, 5), MaxPooling(2), Dense(30)),
                            2000, 10, 0.3, {}),
    "convolutions, dropout": (images(*deep), 2000, 10, 0.03,
                              {"lmbda": 0.1, "momentum": 0.5}),
    "control": (dense(100), 20_000, 10, 3.0, {"reproducible": False}),
}
for name, (net, n, batch_size, eta, options) in runs.items():
    net.sgd(first(n), 1, batch_size, eta, verbose=False, **options)
    digest = hashlib.sha256()
    for array in net.weights + net.biases:
        digest.update(array.astype("<f8").tobytes())
    runs[name] = digest.hexdigest()
print(json.dumps(runs))
"""

CHAPTER_1 = """
from nndl import Network, load_mnist
mnist = load_mnist()
Network([784, 30, 10], rng=1).sgd(mnist.train, 1, 10, 3.0, verbose=False)
print(next(line for line in open('/proc/self/status') if 'VmHWM' in line))
"""

CONVOLUTIONS = """
import numpy as np
from nndl import *
mnist = load_mnist()
layers = [Convolution(20, 5, relu), MaxPooling(2), Convolution(40, 5, relu), MaxPooling(2),
          Dense(100, relu), Dense(10, softmax)]
net = Network(layers, inputs=(28, 28), cost=LogLikelihood(), rng=1, dtype=np.float32)
part = mnist.train._replace(x=mnist.train.x[:, :1000], y=mnist.train.y[:, :1000])
net.sgd(part, 1, 10, 0.03, verbose=False)
net.accuracy(mnist.test)
print(next(line for line in open('/proc/self/status') if 'VmHWM' in line))
"""


@cache
def run(program, cpu):
    """What a program prints in a Python of its own, on this processor."""
    clean = {
        k: v for k, v in os.environ.items() if not k.startswith(("OPENBLAS", "NPY_"))
    }
    command = [sys.executable, "-W", "ignore", "-c", program]
    result = subprocess.run(
        command, env=clean | CPUS[cpu], capture_output=True, text=True, check=True
    )
    return result.stdout.strip()


@pytest.mark.parametrize("cpu", CPUS)
def test_every_technique_learns_the_same_weights_on_every_cpu(cpu):
    if platform.machine() not in ("x86_64", "AMD64") and not cpu.startswith("this"):
        pytest.skip("only an x86 processor can pass for another one")
    hashes, here = (json.loads(run(PROGRAM, c)) for c in (cpu, "this one, 1 thread"))
    for technique in hashes.keys() - {"control"}:
        assert hashes[technique] == here[technique], technique


def test_chapter_1_learns_the_weights_that_the_book_was_written_with():
    assert json.loads(run(PROGRAM, "this one, 1 thread"))["chapter 1"].startswith(
        EXPECTED
    )


EXPECTED = "f8370dd8c41cd23b"


@pytest.mark.skipif(
    platform.machine() not in ("x86_64", "AMD64"), reason="needs another processor"
)
def test_without_rounding_processors_differ():
    """Else the emulated ones would not test anything."""
    runs = [json.loads(run(PROGRAM, cpu)) for cpu in CPUS]
    assert len({hashes["control"] for hashes in runs}) > 1


@pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="needs Linux's /proc"
)
@pytest.mark.parametrize(
    ("program", "megabytes"), [(CHAPTER_1, 450), (CONVOLUTIONS, 700)], ids=["1", "6"]
)
def test_loading_and_training_stay_within_memory(program, megabytes):
    peak = run(program, "this one, 1 thread")
    kilobytes = int(peak.split()[-2])
    assert kilobytes * 1024 < megabytes * 1e6


def part(mnist, n):
    """The first n digits."""
    return SimpleNamespace(x=mnist.train.x[:, :n], y=mnist.train.y[:, :n])


def steps(net, data, batch_size, eta, **options):
    """How much each weight and bias array changes in one epoch."""
    before = [array.copy() for array in net.weights + net.biases]
    net.sgd(data, 1, batch_size, eta, verbose=False, **options)
    after = net.weights + net.biases
    return [new - old for new, old in zip(after, before, strict=True)]


def plain(hidden):
    return Network([784, *hidden, 10], rng=1)


def deep(hidden):
    return Network([784, *hidden, 10], cost=CrossEntropy(), scaled=True, rng=1)


@pytest.mark.parametrize(
    ("make", "hidden", "examples", "batch_size", "eta"),
    [
        *(
            (plain, [30], 500, m, eta)
            for m in (1, 10, 500)
            for eta in (1e-8, 1e-3, 0.5)
        ),
        (plain, [30], 50_000, 50_000, 0.01),
        (plain, [30], 50_000, 50_000, 0.001),
        (plain, [30], 50_000, 10, 1e-6),
        (plain, [30], 100, 10, 100.0),
        *((deep, [30] * depth, 500, 10, 0.1) for depth in (1, 4, 8, 12)),
        *((deep, [30] * depth, 500, 500, 0.1) for depth in (1, 4, 8, 12)),
        (deep, [30] * 12, 500, 500, 1e-8),
    ],
)
def test_no_step_is_lost(mnist, make, hidden, examples, batch_size, eta):
    data = part(mnist, examples)
    rounded, free = (
        steps(make(hidden), data, batch_size, eta, reproducible=r)
        for r in (True, False)
    )
    for one, other in zip(rounded, free, strict=True):
        assert np.linalg.norm(one - other) <= 1e-4 * np.linalg.norm(other)


def test_the_first_of_ten_sigmoid_layers_moves(mnist):
    first = steps(deep([30] * 10), part(mnist, 5000), 10, 0.1)[0]
    assert 1e-9 < np.abs(first).max() < 1e-3


@pytest.mark.parametrize("scale", [1e-100, 1e-12, 1.0, 1e12])
def test_a_change_is_rounded_far_below_its_size_and_no_further(rng, scale):
    change = scale * rng.standard_normal((30, 40))
    array = change.copy()
    exact.round_change(array, np.zeros_like(array))
    size = np.sqrt(np.mean(change**2))
    grid = 2.0 ** (np.floor(np.log2(size)) - exact.BITS)
    np.testing.assert_array_equal(array / grid, np.round(change / grid))


def test_what_differs_in_the_last_digits_is_the_same_afterwards(rng):
    before = rng.standard_normal((30, 40))
    one = before + 1e-3 * rng.standard_normal((30, 40))
    other = one * (1 + 1e-15 * rng.standard_normal((30, 40)))
    assert not np.array_equal(one, other)
    for array in (one, other):
        exact.round_change(array, before)
    np.testing.assert_array_equal(one, other)


def test_rounding_waits_while_the_outputs_learn_nothing():
    """Errors of 1e-13 carry noise of 1e-16; what is rounded then may be noise."""
    net = Network([3, 2], rng=1)
    layer = net.layers[0]
    layer.w[...] = 0
    state = exact.State(net.layers, [], True)
    free = 1e-14 * np.sqrt(np.arange(6)).reshape(2, 3)
    layer.w[...], layer.b[...] = free, layer.b + 1e-14
    state.settle(1, 1.0, finish=False)
    np.testing.assert_array_equal(layer.w, free)
    layer.b += 0.01
    state.settle(1, 1.0, finish=False)
    assert not np.array_equal(layer.w, free)
    np.testing.assert_allclose(layer.w, free, rtol=0, atol=1e-17)


@pytest.mark.parametrize(
    "options", [{"start": he, "activation": relu}, {"start": glorot}]
)
def test_float32_is_not_rounded_and_cannot_be(mnist, options):
    net = Network([784, 10, 10], dtype=np.float32, rng=1, **options)
    net.sgd(part(mnist, 100), 1, 10, 0.1, verbose=False)
    with pytest.raises(ValueError, match="reproducible is on, but needs float64"):
        net.sgd(part(mnist, 100), 1, 10, 0.1, verbose=False, reproducible=True)
