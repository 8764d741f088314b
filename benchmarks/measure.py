"""Measurements, each in a process of its own: python benchmarks/measure.py SECTION

Prints the section's result as JSON. `benchmarks/run.py` calls it with the right
environment: one thread and one core, except for `threads`, which is about them.
"""

import json
import multiprocessing
import os
import platform
import statistics
import subprocess
import sys
import time
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
from check import ROUNDED, TOLERANCE, gradient_error
from contenders import CONTENDERS, Nndl, Preallocated, Task

import nndl.support.threads
from nndl import Network, load_mnist, relative_error

EXAMPLES = 49_920  # of 50 000: both batch sizes divide it
ROUNDS = 6
RARE = 2  # the slow contenders take part in every second round
SLOW = {"loop over examples", "PyTorch, eager", "PyTorch, compiled", "scikit-learn"}
COMPILED = {"PyTorch, compiled", "JAX, jit and scan"}  # at their first epoch
LOOP_PART = 10  # the loop is timed on a tenth of the examples, and multiplied
NETWORKS = [[784, 30, 10], [784, 100, 10], [784, 100, 100, 10]]
BATCHES = [10, 128]
TYPES = [np.float64, np.float32]

# NumPy operations for each layer of weights in a plain step of nndl: 6 forwards,
# 4 for the error, 1 to scale it, 4 to update.
CALLS = 15


def seconds(action):
    """Wall-clock seconds of one call."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def median_seconds(action, rounds=5):
    """Median seconds of some calls, after one that does not count."""
    action()
    return statistics.median(seconds(action) for _ in range(rounds))


def call_seconds(action, repeats=100):
    """Seconds of one quick call: the lowest of 30 means, for a floor."""
    return min(
        seconds(lambda: [action() for _ in range(repeats)]) / repeats for _ in range(30)
    )


def multiplications(sizes):
    """Products of one example in one step: forwards, errors back, gradient."""
    wires = [n_in * n_out for n_in, n_out in pairwise(sizes)]
    return 3 * sum(wires) - wires[0]


def task(sizes, batch_size, dtype, examples=EXAMPLES):
    """A task on the first training examples."""
    train = load_mnist().train
    return Task(sizes, batch_size, dtype, train.x.T[:examples], train.y.T[:examples])


def machine():
    """What it ran on: processor, BLAS and its kernel, system, versions."""
    from importlib.metadata import PackageNotFoundError, version

    from threadpoolctl import threadpool_info

    blas = [
        {k: info.get(k) for k in ("internal_api", "version", "architecture")}
        for info in threadpool_info()
        if "numpy.libs" in info["filepath"] or info["user_api"] == "blas"
    ]
    cpu = "unknown"
    if Path("/proc/cpuinfo").exists():
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        names = [line.split(":")[1].strip() for line in lines if "model name" in line]
        cpu = names[0] if names else platform.machine()
    versions = {}
    for package in ("numpy", "torch", "jax", "scikit-learn", "threadpoolctl"):
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            versions[package] = None
    return {
        "cpu": cpu,
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "blas": blas,
        "python": platform.python_version(),
        "versions": versions,
        "coretype": os.environ.get("OPENBLAS_CORETYPE"),
    }


def epochs(*sizes):
    """Seconds of an epoch of one network: all contenders, interleaved round by round."""
    sizes, rows, skipped, errors = [int(n) for n in sizes], [], {}, {}
    for batch_size in BATCHES:
        runners = prepare(sizes, batch_size, skipped, errors)
        times = {key: [None] * ROUNDS for key in runners}
        for i in range(ROUNDS):
            for (name, dtype), runner in runners.items():
                if name in SLOW and i % RARE:
                    continue
                runner.start()
                part = LOOP_PART if name == "loop over examples" else 1
                times[name, dtype][i] = part * seconds(runner.epoch)
        rows += [
            {
                "contender": name,
                "sizes": sizes,
                "batch_size": batch_size,
                "dtype": dtype,
                "seconds": values,
            }
            for (name, dtype), values in times.items()
        ]
    return {"rows": rows, "skipped": skipped, "gradient_errors": errors}


def prepare(sizes, batch_size, skipped, errors):
    """Make the contenders of one configuration, checked and warm."""
    runners = {}
    for dtype in TYPES:
        whole = task(sizes, batch_size, dtype)
        for name, contender in CONTENDERS.items():
            part = LOOP_PART if name == "loop over examples" else 1
            n = EXAMPLES // part
            own = replace(whole, x=whole.x[:n], y=whole.y[:n])
            try:
                error = gradient_error(contender, own)
                runners[name, dtype.__name__] = runner = contender(own)
                if name in COMPILED:
                    runner.epoch()
            except Exception as problem:  # a peer is another's program: name it, go on
                skipped[name] = f"{type(problem).__name__}: {problem}".splitlines()[0]
                continue
            if not error < (ROUNDED if contender is Nndl else TOLERANCE[dtype]):
                raise SystemExit(f"{name}, {sizes}: gradient differs by {error:.1e}")
            key = f"{name}, {dtype.__name__}"
            errors[key] = max(error, errors.get(key, 0))
    return runners


def limits():
    """What no NumPy program can undercut: products at full speed, calls, memory."""
    rows = []
    for dtype in TYPES:
        peak = matrix_rate(1024, 1024, 1024, dtype)
        tiny = np.zeros((1, 1), dtype)
        call = call_seconds(lambda a=tiny: np.add(a, a, out=a))
        for sizes in NETWORKS:
            for m in BATCHES:
                rows.append(floor(sizes, m, dtype) | {"call": call, "peak": peak})
                row, steps = rows[-1], EXAMPLES // m
                layers = len(sizes) - 1
                others = row["calls"] - (3 * layers - 1) - layers
                row["floor"] = row["products"] + row["memory"] + steps * others * call
                row["at_peak"] = EXAMPLES * multiplications(sizes) / peak
    return rows


def matrix_rate(n, k, m, dtype):
    """Multiplications a second in a product of (n, k) with (k, m)."""
    a, b = np.ones((n, k), dtype), np.ones((k, m), dtype)
    out = np.empty((n, m), dtype)
    return n * k * m / median_seconds(lambda: np.matmul(a, b, out=out))


def floor(sizes, m, dtype):
    """Seconds an epoch of the parts of a step, each by itself and preallocated."""
    own, steps = Preallocated(task(sizes, m, dtype)), EXAMPLES // m
    rng = np.random.default_rng(0)
    for a in (*own.a, *own.delta):
        a[...] = rng.random(a.shape)
    products = 0
    for i, w in enumerate(own.w):
        a, out, delta, nabla = own.a[i], own.a[i + 1], own.delta[i], own.nabla_w[i]
        products += call_seconds(lambda a=a, w=w, o=out: np.matmul(a, w.T, out=o))
        products += call_seconds(lambda a=a, d=delta, o=nabla: np.matmul(d.T, a, out=o))
        if i:
            back = own.delta[i - 1]
            products += call_seconds(
                lambda d=delta, w=w, o=back: np.matmul(d, w, out=o)
            )
    order = rng.permutation(EXAMPLES)
    batches = [order[i : i + m] for i in range(0, EXAMPLES, m)]

    def gather():
        for batch in batches:
            np.take(own.task.x, batch, 0, own.rows, "clip")

    memory = median_seconds(gather, 3)
    for w, nabla in zip(own.w, own.nabla_w, strict=True):
        nabla[...] = 0
        pass_over = call_seconds(lambda w=w, n=nabla: np.subtract(w, n, out=w))
        memory += steps * pass_over
    return {
        "sizes": sizes,
        "batch_size": m,
        "dtype": dtype.__name__,
        "calls": CALLS * (len(sizes) - 1),
        "products": steps * products,
        "memory": memory,
    }


def growth():
    """Seconds of an epoch against neurons, layers and batch size, from a slice."""
    plans = [("hidden", [784, n, 10], 10) for n in (30, 100, 300, 1000, 3000)]
    plans += [("layers", [784, *[100] * n, 10], 10) for n in range(1, 6)]
    plans += [("batch", [784, 100, 10], m) for m in (1, 3, 10, 30, 100, 300, 1000)]
    rows = []
    for what, sizes, batch_size in plans:
        examples = 600 if sizes[1] > 300 else 6000
        own = task(sizes, batch_size, np.float64, examples)
        runner = Nndl(own)
        time_of_slice = median_seconds(runner.epoch, 3)
        rows.append(
            {
                "what": what,
                "sizes": sizes,
                "batch_size": batch_size,
                "seconds": time_of_slice * EXAMPLES / examples,
                "multiplications": EXAMPLES * multiplications(sizes),
            }
        )
    return rows


def other():
    """Seconds of evaluating 10 000 images, at once and one by one, and of loading."""
    mnist = load_mnist()
    test = mnist.test
    net = Network([784, 30, 10], rng=1)
    columns = [test.x[:, [i]] for i in range(test.x.shape[1])]
    return {
        "evaluation": median_seconds(lambda: net.accuracy(test)),
        "evaluation_one_by_one": median_seconds(
            lambda: [net.feedforward(x).argmax() for x in columns], 3
        ),
        "loading": median_seconds(load_mnist, 5),
        "checks_of_sgd": median_seconds(
            lambda: net.sgd(mnist.train, 0, 10, 3.0, verbose=False)
        ),
    }


def convolutions():
    """Seconds of an epoch of convolutional networks, from a slice, round by round.

    In float32, and nndl in float64 too; and the seconds that the larger one takes for 10 000
    test images, with all cores.
    """
    import convolutions as peers

    mnist, rows, skipped = load_mnist(), [], {}
    for name in peers.NETWORKS:
        for batch_size in (10, 64):
            runners = {}
            n = 20 * batch_size if batch_size > 10 else 1000
            data = mnist.train.x.T[:n], mnist.train.labels[:n], batch_size
            for contender, make in peers.CONTENDERS.items():
                try:
                    same_step(peers, name, make, mnist.train)
                    runners[contender, "float32"] = make(
                        peers.network(name, np.float32), *data
                    )
                    runners[contender, "float32"].epoch()
                except (
                    Exception
                ) as problem:  # a peer is another's program: name it, go on
                    skipped[contender] = f"{type(problem).__name__}: {problem}"[:200]
                    runners.pop((contender, "float32"), None)
            runners["nndl", "float64"] = peers.Nndl(
                peers.network(name, np.float64), *data
            )
            times = {key: [] for key in runners}
            for _ in range(9):
                for key, runner in runners.items():
                    times[key].append(seconds(runner.epoch) * 50_000 / n)
            rows += [
                {
                    "contender": contender,
                    "network": name,
                    "batch_size": batch_size,
                    "dtype": dtype,
                    "seconds": values,
                }
                for (contender, dtype), values in times.items()
            ]
    return {"rows": rows, "skipped": skipped}


def same_step(peers, name, make, train):
    """Raise an error unless a contender's first step is that of nndl, to float32."""
    data = train.x.T[:10], train.labels[:10], 10
    before = peers.network(name, np.float32)
    steps = []
    for contender in (make, peers.Nndl):
        runner = contender(peers.network(name, np.float32), *data)
        runner.epoch()
        pairs = zip(runner.weights(), before.weights, strict=True)
        steps.append([np.asarray(after) - w for after, w in pairs])
    error = relative_error(*steps)
    if not error < 1e-3:
        raise SystemExit(f"{name}: the step differs by {error:.1e}")


PEAK = """
from nndl import Network, load_mnist
mnist = load_mnist()
{}
print(next(line for line in open("/proc/self/status") if "VmHWM" in line).split()[1])
"""


CONVOLUTIONS = """
import numpy as np
import convolutions as peers
net = peers.network("20 maps, 40 maps, 100 neurons", np.float32)
train = mnist.train._replace(x=mnist.train.x[:, :2000], y=mnist.train.y[:, :2000])
net.sgd(train, 1, 10, 0.03, mnist.test, verbose=False)
"""


def evaluation():
    """Seconds that the larger convolutional network takes for the test images, all cores."""
    import convolutions as peers

    test = load_mnist().test
    net = peers.network("20 maps, 40 maps, 100 neurons", np.float32)
    return {"evaluation_convolutions": median_seconds(lambda: net.accuracy(test), 5)}


def memory():
    """Peak resident megabytes of a process that loads, and one that also trains."""
    train = (
        "Network([784, {}, 10], 1, dtype='{}').sgd(mnist.train, 1, 10, 3.0, mnist.test)"
    )
    programs = {
        "loading": "",
        "training 20 maps, 40 maps, 100 neurons, float32": CONVOLUTIONS,
    }
    for hidden, dtype in [(30, "float64"), (30, "float32"), (100, "float64")]:
        programs[f"training [784, {hidden}, 10], {dtype}"] = train.format(hidden, dtype)
    result = {}
    for name, program in programs.items():
        text = PEAK.format(program)
        run = subprocess.run(
            [sys.executable, "-c", text], capture_output=True, text=True, check=True
        )
        result[name] = int(run.stdout.split()[-1]) * 1024 / 1e6
    return result


def spin():
    """Keep a core busy for ever."""
    while True:
        pass


def threads():
    """Seconds of an epoch with all BLAS threads and with one, quiet and busy.

    The other work is one spinning process per core.
    """
    plans = [([784, 30, 10], 10), ([784, 100, 10], 10), ([784, 100, 10], 128)]
    plans += [([784, 300, 10], 128), ([784, 1000, 10], 100), ([784, 1000, 10], 1000)]
    rows = []
    for load in ("quiet", "busy"):
        spinners = [
            multiprocessing.get_context("spawn").Process(target=spin, daemon=True)
            for _ in range(os.cpu_count() if load == "busy" else 0)
        ]
        for spinner in spinners:
            spinner.start()
        time.sleep(1)
        for sizes, batch_size in plans:
            n = 2000
            runner = Nndl(task(sizes, batch_size, np.float64, n))
            times = {"one": [], "all": []}
            for _ in range(5):
                for blas in times:
                    nndl.support.threads.SMALL = 2**62 if blas == "one" else 0
                    times[blas].append(seconds(runner.epoch) * EXAMPLES / n)
            rows += [
                {
                    "load": load,
                    "sizes": sizes,
                    "batch_size": batch_size,
                    "threads": blas,
                    "seconds": values,
                }
                for blas, values in times.items()
            ]
        for spinner in spinners:
            spinner.terminate()
    return rows


SECTIONS = [machine, epochs, convolutions, limits, growth, other]
SECTIONS += [evaluation, memory, threads]

if __name__ == "__main__":
    section = {function.__name__: function for function in SECTIONS}[sys.argv[1]]
    print(json.dumps(section(*sys.argv[2:])))
