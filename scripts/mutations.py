"""Break the package one line at a time, and require that the unit tests notice every time.

Each mutation replaces a piece of text that occurs exactly once in its file. The mutated copy of
the package goes before the installed one; the run fails if any mutation survives.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TESTS = [
    "network",
    "layers",
    "training",
    "activations",
    "costs",
    "gradient_check",
    "storage",
]
TESTS += ["reproducible", "threads", "progress"]

# Which tests go first, if not those of the network: most mutations need no others.
FIRST = {
    "activations.py": "activations",
    "costs.py": "costs",
    "gradient_check.py": "gradient_check",
    "layers.py": "layers",
    "starts.py": "layers",
    "training.py": "training",
    "support/exact.py": "training",
    "support/parameters.py": "layers",
    "support/progress.py": "progress",
    "support/storage.py": "storage",
    "support/threads.py": "threads",
}

MUTATIONS = [
    ("activations.py", "np.exp(-1.0 * np.asarray(z))", "np.exp(np.asarray(z))"),
    ("activations.py", '@np.errstate(over="ignore")', "@np.errstate()"),
    ("activations.py", "sigmoid(z) * sigmoid(-1.0 * z)", "sigmoid(z) * sigmoid(z)"),
    ("activations.py", "lambda a: a * (1 - a)", "lambda a: a * (1 + a)"),
    ("activations.py", "lambda a: 1 - a * a", "lambda a: 1 - a"),
    ("activations.py", "lambda a: a > 0", "lambda a: a >= 0"),
    ("activations.py", "np.maximum(z, 0)", "np.abs(z)"),
    ("activations.py", "with_slope(np.ones_like)", "with_slope(np.zeros_like)"),
    ("activations.py", "z - z.max(axis=0)", "z"),
    ("activations.py", "e / e.sum(axis=0)", "e / e.sum()"),
    ("costs.py", "np.sum((y - a) ** 2)", "np.sum(np.abs(y - a))"),
    ("costs.py", "(2 * a.shape[1])", "a.shape[1]"),
    ("costs.py", "(2 * a.shape[1])", "(2 * a.shape[0])"),
    ("costs.py", "a.shape != y.shape", "a.shape[0] != y.shape[0]"),
    ("costs.py", "(a - y) * self.activation.slope(a)", "a - y"),
    ("costs.py", "(a - y) * self.activation.slope(a)", "(y - a) * self.activation.slope(a)"),
    ("costs.py", "y * softplus(-z) + (1 - y)", "y * softplus(-z) + y"),
    ("costs.py", "softplus(z)) / z.shape[1]", "softplus(z))"),
    ("costs.py", "return sigmoid(z) - y", "return (sigmoid(z) - y) * sigmoid(z)"),
    ("costs.py", "- below)) / z.shape[1]", "- below)) / z.shape[0]"),
    ("costs.py", "others[top] = 0", "pass"),
    ("costs.py", "softmax(z) * y.sum(axis=0) - y", "y - softmax(z)"),
    ("costs.py", "np.where(positive, z, 0)", "np.where(positive, z, z)"),
    ("starts.py", "w / np.sqrt(n_in), b", "w / np.sqrt(n_out), b"),
    ("starts.py", "np.sqrt(2 / (n_in + n_out))", "np.sqrt(1 / (n_in + n_out))"),
    ("starts.py", "np.sqrt(2 / n_in)", "np.sqrt(1 / n_in)"),
    ("layers.py", "grad * self.activation.slope(self.a)", "grad"),
    ("layers.py", "return self.w @ self.inputs + self.b", "return self.w @ self.inputs - self.b"),
    ("layers.py", "np.matmul(delta, self.inputs.T,", "np.matmul(-delta, self.inputs.T,"),
    ("layers.py", "(self.w.T @ delta)", "(-self.w.T @ delta)"),
    ("layers.py", "z += self.b", "z -= self.b"),
    ("layers.py", "transpose(0, 4, 5, 1, 2, 3)", "transpose(0, 5, 4, 1, 2, 3)"),
    ("layers.py", "(self.patches @ delta.T).T", "(self.patches @ delta.T).T / 2"),
    ("layers.py", "wide[:, :, :, j : j + c] +=", "wide[:, :, :, j : j + c] ="),
    ("layers.py", "grad[:, i : i + r] += wide[:, i]", "grad[:, i : i + r] += wide[:, 0]"),
    ("layers.py", "maps_before * window, self.maps * window", "maps_before, self.maps * window"),
    ("layers.py", "maps_before * window, self.maps * window", "maps_before * window, self.maps"),
    ("layers.py", "self.w.size * prod(self.places)", "self.w.size"),
    ("layers.py", "self.multiplications = self.w.size\n\n", "self.multiplications = 1\n\n"),
    ("layers.py", "error = grad * self.convolution.activation.slope(self.a)", "error = grad"),
    ("layers.py", "reduce(np.maximum, self.rows)", "reduce(np.minimum, self.rows)"),
    ("layers.py", "reduce(np.maximum, self.columns)", "self.columns[0]"),
    ("layers.py", "        grad = grad - place", "        grad = grad"),
    ("layers.py", "places[-1][...] = grad", "places[-1][...] = 0"),
    ("layers.py", "else np.zeros\n", "else np.ones\n"),
    ("layers.py", "rng.random(a.shape, np.float32) >= self.p", "rng.random(a.shape, np.float32) < self.p"),
    ("layers.py", "type(1 / (1 - self.p))", "type(1)"),
    ("layers.py", "            self.factor = 1.0\n            return a", "            return a * (1 - self.p)"),
    ("network.py", "copy.deepcopy(\n", "(\n"),
    ("network.py", "start = scaled_normal if scaled", "start = he if scaled"),
    ("network.py", "start = start or standard_normal", "start = start or scaled_normal"),
    ("network.py", "he if layer.activation is relu", "he if layer.activation is sigmoid"),
    ("network.py", "y.astype(self.dtype), 1 / m, rng)", "y.astype(self.dtype), 1, rng)"),
    ("network.py", "y.astype(self.dtype), 1.0)", "y.astype(self.dtype), 1 / x.shape[1])"),
    ("network.py", "lmbda / m * layer.w", "lmbda * layer.w"),
    ("network.py", "l1 / m * np.sign(layer.w)", "l1 / m"),
    ("network.py", "lmbda / 2 * np.sum", "lmbda * np.sum"),
    ("network.py", "np.sum(absolute)) / x.shape[1]", "np.sum(absolute))"),
    ("network.py", "delta *= scale", "pass"),
    ("network.py", "self._steps[-2::-1]", "self._steps[-2:0:-1]"),
    ("network.py", "layer.nabla_b.copy()", "layer.nabla_b * 2"),
    ("network.py", "argmax(axis=0)", "argmin(axis=0)"),
    ("network.py", "self._correct(x, labels) / len(labels)", "self._correct(x, labels)"),
    ("network.py", "i : i + COLUMNS_AT_ONCE]", "i : i + COLUMNS_AT_ONCE - 1]"),
    ("network.py", "[copy.copy(layer) for layer in self.layers]", "self.layers"),
    ("support/threads.py", "job[0].run(function, job[1])", "function(job[1])"),
    ("network.py", "net.weights, net.biases = weights, biases", "net.weights = weights"),
    ("network.py", "net = cls(layers, rng=0, **options)", "net = cls(layers, rng=rng, **options)"),
    ("training.py", "range(1, epochs + 1)", "range(1, epochs)"),
    ("training.py", "range(0, n, PERIOD * batch_size)", "range(0, n - batch_size, PERIOD * batch_size)"),
    ("training.py", "batch = slice(i, i + batch_size)", "batch = slice(i, i + batch_size + 1)"),
    ("training.py", "order = net.rng.permutation(n)", "order = np.arange(n)"),
    ("training.py", "order = net.rng.permutation(n)", "order = net.rng.integers(n, size=n)"),
    ("training.py", "few_blas_threads(batch_size * largest)", "few_blas_threads(n * largest)"),
    ("training.py", "epochs * len(starts), verbose)", "epochs * len(starts))"),
    ("training.py", "epochs * len(starts), verbose)", "len(starts), verbose)"),
    ("training.py", "progress.hide()", "pass"),
    ("training.py", "at_most=n)", "at_most=2 * n)"),
    ("training.py", '"epochs", epochs, at_least=0', '"epochs", epochs, at_least=-1'),
    ("training.py", "eta / x.shape[1], self.net.rng", "eta, self.net.rng"),
    ("training.py", "eta / x.shape[1], self.net.rng", "eta / x.shape[1]"),
    ("training.py", "layer.w *= 1 - decay", "layer.w *= 1 + decay"),
    ("training.py", "layer.w -= pull * np.sign(layer.w)", "layer.w -= pull"),
    ("training.py", "layer.w -= layer.nabla_w  #", "layer.w += layer.nabla_w  #"),
    ("training.py", "layer.b -= layer.nabla_b", "layer.b += layer.nabla_b"),
    ("training.py", "layer.nabla_w += pull * np.sign(layer.w)", "pass"),
    ("training.py", "layer.nabla_w += decay * layer.w", "pass"),
    ("training.py", "v *= self.momentum", "v *= 1 - self.momentum"),
    ("training.py", "v -= nabla  # (107)", "v += nabla  # (107)"),
    ("training.py", "layer.b += v_b", "pass"),
    ("training.py", "pull = eta * self.l1 / self.n", "pull = self.l1 / self.n"),
    ("training.py", "        decay = eta * self.lmbda / self.n\n        pull", "        decay = eta * self.lmbda / x.shape[1]\n        pull"),
    ("training.py", "if decay >= 1:", "if decay > 1:"),
    ("training.py", "max(last) <= max(before)", "max(last) < max(before)"),
    ("training.py", "eta = eta / 2", "eta = eta / 4"),
    ("training.py", "len(same) >= patience and", "True and"),
    ("training.py", "net.cost(x, y, lmbda, l1)", "net.cost(x, y)"),
    ("training.py", "tuple(history))", "history)"),
    ("support/exact.py", "frexp(size)[1] - 1", "frexp(size)[1]"),
    ("support/exact.py", "BITS = 13", "BITS = 3"),
    ("support/exact.py", "1.5 * 2.0 **", "1.0 * 2.0 **"),
    ("support/exact.py", "before[...] = array\n\n", "pass\n\n"),
    ("support/exact.py", "not finish and self._is_quiet(eta)", "self._is_quiet(eta)"),
    ("support/exact.py", "self._is_quiet(eta):", "False:"),
    ("support/exact.py", "                self._restore()\n", ""),
    ("support/exact.py", "if not np.isfinite(mean_square(array)):", "if False:"),
    ("support/exact.py", "velocities for v in pair]", "velocities[:0] for v in pair]"),
    ("support/checks.py", "number > 0", "number >= 0"),
    ("support/checks.py", "value < at_least", "value <= at_least"),
    ("support/checks.py", "labels.max() >= sizes[-1]", "labels.max() > sizes[-1]"),
    ("support/checks.py", "[values.min(), values.max()]", "[values.min()]"),
    ("support/checks.py", "0 <= value < 1)", "0 <= value <= 1)"),
    ("support/checks.py", "min(shape[1:]) < size", "max(shape[1:]) < size"),
    ("support/parameters.py", "new.shape != old.shape", "new.size != old.size"),
    ("support/parameters.py", "setattr(self._layers[index], self._name, new)", "pass"),
    ("gradient_check.py", "(above - below) / (2 * h)", "(above - below) / h"),
    ("gradient_check.py", "parameter[index] = original\n", "pass\n"),
    ("gradient_check.py", "np.linalg.norm(g) + np.linalg.norm(d)", "np.linalg.norm(g)"),
    ("gradient_check.py", "copy.deepcopy(net)", "net"),
    ("support/storage.py", "len(arrays) != 2 + 2 * len(weights)", "False"),
    ("support/storage.py", "allow_pickle=False", "allow_pickle=True"),
    ("support/threads.py", "multiplications <= SMALL", "multiplications < SMALL"),
    ("support/threads.py", "limits=1", "limits=2"),
    ("support/threads.py", "_inside[0] if _inside else blas", "blas"),
    ("support/threads.py", "            if not _inside:\n    ", ""),
    ("support/threads.py", "@cache\n", ""),
    ("support/progress.py", "if wanted else None", "if True else None"),
    ("support/progress.py", "self._start + PATIENCE", "self._start"),
    ("support/progress.py", "self._done += 1", "self._done = 1"),
    ("support/progress.py", '            self._show("")\n', ""),
    ("support/progress.py", "*exception):\n        self.hide()", "*exception):\n        pass"),
    ("support/progress.py", "and sys.stderr.isatty()", ""),
    ("support/progress.py", '"_allow_stdin", False)', '"log", False)'),
    ("support/progress.py", "self._output.update(data, raw=True)", "display(data, raw=True)"),
    ("support/progress.py", "(1 - part) / part", "(1 - part)"),
]  # fmt: skip


def survives(mutation):
    """Whether all tests pass with this (file, old, new) replacement, or with None at all."""
    with tempfile.TemporaryDirectory() as folder:
        package = Path(folder) / "nndl"
        shutil.copytree(
            ROOT / "src" / "nndl", package, ignore=shutil.ignore_patterns("data")
        )
        data = Path("digits") / "data"
        (package / data).symlink_to(ROOT / "src" / "nndl" / data)
        if mutation:
            name, old, new = mutation
            text = (package / name).read_text(encoding="utf-8")
            (package / name).write_text(text.replace(old, new), encoding="utf-8")
        first = FIRST.get(mutation[0], "network") if mutation else "network"
        names = [first, *(name for name in TESTS if name != first)]
        environment = (
            os.environ
            | {
                "PYTHONPATH": folder,
                "OPENBLAS_NUM_THREADS": "1",
                "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",  # these tests need none; it saves seconds
            }
        )
        return all(passes(name, environment) for name in names)


def passes(name, environment):
    """Whether the tests of one file pass; one that cannot even start does not."""
    pytest = [sys.executable, "-m", "pytest", "-xqp", "no:cacheprovider"]
    result = subprocess.run(
        [*pytest, f"tests/test_{name}.py"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
    )
    return result.returncode == 0


def require_unique_texts():
    """Stop at a mutation whose text no longer occurs exactly once."""
    for name, old, _ in MUTATIONS:
        count = (ROOT / "src" / "nndl" / name).read_text(encoding="utf-8").count(old)
        if count != 1:
            raise SystemExit(f"{name} holds {count} times, not once: {old}")


def main():
    """Try every mutation, on all cores, and list the survivors."""
    require_unique_texts()
    if not survives(None):
        raise SystemExit("the tests fail without any mutation")
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        outcomes = list(pool.map(survives, MUTATIONS))
    survivors = [m for m, alive in zip(MUTATIONS, outcomes, strict=True) if alive]
    for name, old, new in survivors:
        print(f"survived in {name}: {old!r} -> {new!r}")
    print(f"{len(MUTATIONS)} mutations, {len(survivors)} survived")
    return len(survivors)


if __name__ == "__main__":
    sys.exit(bool(main()))
