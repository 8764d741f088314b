"""The same weights, to the bit, whatever the processor."""

import os
import platform
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from nndl.exact import round_for_exact_sums, round_to_bits

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

TRAIN = """
import hashlib
from nndl import Network, load_mnist

mnist = load_mnist()
net = Network([784, 30, 10], rng=1)
net.sgd(mnist.train, 1, 10, 3.0, verbose=False)
digest = hashlib.sha256()
for array in net.weights + net.biases:
    digest.update(array.astype("<f8").tobytes())
print(digest.hexdigest())
"""

# Of the weights and biases that the script above gave when this test was written.
EXPECTED = "dcd1d2f2b1438d945ca61ac30f75f948621dec597abf1f5eba576360fc8dff23"


def run(script, **environment):
    """What a script prints in a Python of its own."""
    clean = {
        k: v for k, v in os.environ.items() if not k.startswith(("OPENBLAS", "NPY_"))
    }
    command = [sys.executable, "-W", "ignore", "-c", script]
    result = subprocess.run(
        command, env=clean | environment, capture_output=True, text=True, check=True
    )
    return result.stdout.strip()


@pytest.mark.parametrize("cpu", CPUS)
def test_an_epoch_gives_the_same_weights_on_every_cpu(cpu):
    if platform.machine() not in ("x86_64", "AMD64") and not cpu.startswith("this"):
        pytest.skip("only an x86 processor can pass for another one")
    assert run(TRAIN, **CPUS[cpu]) == EXPECTED


@pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="needs Linux's /proc"
)
def test_loading_and_training_stay_within_450_megabytes():
    peak = run(
        TRAIN
        + "print(next(line for line in open('/proc/self/status') if 'VmHWM' in line))"
    )
    kilobytes = int(peak.split()[-2])
    assert kilobytes * 1024 < 450e6


def test_rounding_gives_the_nearest_multiple(rng):
    values = np.concatenate([rng.standard_normal(1000) * 2.0**k for k in range(-30, 5)])
    for bits in (20, 24):
        rounded = round_to_bits(values, bits)
        np.testing.assert_array_equal(rounded * 2.0**bits, np.round(values * 2.0**bits))


def test_sums_of_rounded_terms_are_exact_in_any_order(rng):
    a, delta = rng.random((30, 64)), 0.3 * rng.standard_normal((10, 64))
    (_, hidden, _), (rounded,) = round_for_exact_sums([a, a, a], [delta])
    product = rounded @ hidden.T
    for j, k in [(0, 0), (9, 29), (4, 17)]:
        terms = zip(rounded[j].tolist(), hidden[k].tolist(), strict=True)
        assert Fraction(product[j, k]) == sum(
            Fraction(d) * Fraction(h) for d, h in terms
        )


def test_inputs_and_outputs_are_not_rounded(rng):
    activations = [rng.random((4, 3)) for _ in range(4)]
    rounded, _ = round_for_exact_sums(activations, [])
    np.testing.assert_array_equal(rounded[0], activations[0])
    np.testing.assert_array_equal(rounded[-1], activations[-1])
    assert not np.array_equal(rounded[1], activations[1])
