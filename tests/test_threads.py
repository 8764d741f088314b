"""How many BLAS threads compute while a network learns, and afterwards."""

import os
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from nndl import Convolution, Dense, MaxPooling, Network
from nndl.support.threads import SMALL, few_blas_threads, map_on_all_cores

# The largest small batch and the smallest big one, so that a few batches together are big.
SMALL_BATCH = ([784, 100, 10], SMALL // 78_400)
BIG_BATCH = ([784, 1000, 10], SMALL // 784_000 + 1)


def blas_threads():
    """The largest number of threads of any BLAS of this process."""
    return max(i["num_threads"] for i in threadpool_info() if i["user_api"] == "blas")


@pytest.fixture(autouse=True)
def two_threads():
    """As if on two free cores, whatever the environment says."""
    with threadpool_limits(2, user_api="blas"):
        if blas_threads() != 2:
            pytest.skip("this BLAS cannot use two threads")
        yield


def seen_in_sgd(monkeypatch, sizes, batch_size):
    """Threads during each of 30 steps of sgd, seen by a spy."""
    seen, step = [], Network.differentiate

    def spy(net, *arguments):
        seen.append(blas_threads())
        step(net, *arguments)

    monkeypatch.setattr(Network, "differentiate", spy)
    n = 30 * batch_size
    data = SimpleNamespace(x=np.zeros((sizes[0], n)), y=np.zeros((sizes[-1], n)))
    Network(sizes, rng=1).sgd(data, 1, batch_size, 1.0, verbose=False)
    return set(seen)


def test_small_batches_use_one_thread_and_give_back_two(monkeypatch):
    assert seen_in_sgd(monkeypatch, *SMALL_BATCH) == {1}
    assert blas_threads() == 2


def test_big_batches_keep_all_threads(monkeypatch):
    assert seen_in_sgd(monkeypatch, *BIG_BATCH) == {2}
    assert blas_threads() == 2


def test_the_largest_layer_and_the_batch_decide():
    for multiplications, threads in [(2**25, 1), (2**25 + 1, 2)]:
        with few_blas_threads(multiplications):
            assert blas_threads() == threads
    network = Network([Convolution(4, 5), Dense(10)], inputs=(28, 28))
    assert [n.multiplications for n in network.layers] == [100 * 24 * 24, 23_040]


def test_an_interrupt_gives_the_threads_back(monkeypatch):
    def interrupt(net, *arguments):
        assert blas_threads() == 1
        raise KeyboardInterrupt

    monkeypatch.setattr(Network, "differentiate", interrupt)
    data = SimpleNamespace(x=np.zeros((3, 5)), y=np.zeros((2, 5)))
    with pytest.raises(KeyboardInterrupt):
        Network([3, 2], rng=1).sgd(data, 1, 5, 1.0, verbose=False)
    assert blas_threads() == 2


def test_overlapping_blocks_give_back_when_the_last_one_ends():
    first, second = (few_blas_threads(SMALL) for _ in range(2))
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert blas_threads() == 1
    second.__exit__(None, None, None)
    assert blas_threads() == 2


def test_blas_is_looked_for_once_not_in_every_call(monkeypatch):
    with few_blas_threads(SMALL):
        pass
    block = few_blas_threads(SMALL)
    with monkeypatch.context() as patch:
        patch.setattr("threadpoolctl.ThreadpoolController", None)
        block.__enter__()
    assert blas_threads() == 1
    block.__exit__(None, None, None)


def test_without_threadpoolctl_sgd_works_and_nothing_is_limited():
    program = """
import sys
sys.modules["threadpoolctl"] = None
import numpy as np
from types import SimpleNamespace
from nndl import Network
data = SimpleNamespace(x=np.zeros((3, 5)), y=np.zeros((2, 5)))
print(Network([3, 2], rng=1).sgd(data, 1, 5, 1.0, verbose=False))
"""
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, env=os.environ
    )
    assert run.stderr == "" and "Epoch(number=1" in run.stdout


def test_evaluation_on_all_cores_is_that_of_each_image_alone():
    """Threads must not share what layers remember; 20 parts are computed side by side."""
    layers = [Convolution(2, 5), MaxPooling(2), Dense(10)]
    net, rng = Network(layers, inputs=(12, 12), rng=1), np.random.default_rng(2)
    x = rng.random((144, 10_000))
    together = net.feedforward(x)
    for i in range(0, 10_000, 999):
        alone = net.feedforward(x[:, [i]])
        np.testing.assert_allclose(together[:, [i]], alone, rtol=0, atol=1e-14)


def test_threads_ignore_what_the_caller_ignores():
    def overflow(item):
        return np.exp(np.array([800.0 + item]))[0]

    with np.errstate(over="ignore"):
        assert map_on_all_cores(overflow, range(4)) == [np.inf] * 4
    with pytest.warns(RuntimeWarning, match="overflow"):
        map_on_all_cores(overflow, range(1))


def test_evaluation_leaves_alone_what_the_layers_remember():
    """Each thread has layers of its own: else one would overwrite another's inputs."""
    layers = [Convolution(2, 5), MaxPooling(2), Dense(10)]
    net, rng = Network(layers, inputs=(12, 12), rng=1), np.random.default_rng(2)
    net.backprop(rng.random((144, 3)), np.eye(10)[:, :3])
    remembered = net.layers[0].patches, net.layers[1].largest, net.layers[2].inputs
    net.feedforward(rng.random((144, 7)))
    assert remembered[0] is net.layers[0].patches
    assert remembered[1] is net.layers[1].largest
    assert remembered[2] is net.layers[2].inputs
