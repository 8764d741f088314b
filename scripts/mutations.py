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
TESTS = ["network", "activations", "costs", "gradient_check", "storage", "reproducible"]
TESTS += ["threads", "progress"]

# Which tests go first, if not those of the network: most mutations need no others.
FIRST = {
    "activations.py": "activations",
    "costs.py": "costs",
    "exact.py": "reproducible",
    "gradient_check.py": "gradient_check",
    "threads.py": "threads",
    "progress.py": "progress",
}

MUTATIONS = [
    ("activations.py", "0.5 * np.asarray(z)", "np.asarray(z)"),
    ("activations.py", "(1.0 + np.tanh", "(1.0 - np.tanh"),
    ("activations.py", "a * (1.0 - a)", "a * (1.0 + a)"),
    ("activations.py", "return a * (1.0 - a)", "return 1.0 - a"),
    ("costs.py", "np.sum((y - a) ** 2)", "np.sum(np.abs(y - a))"),
    ("costs.py", "(2 * a.shape[1])", "a.shape[1]"),
    ("costs.py", "(2 * a.shape[1])", "(2 * a.shape[0])"),
    ("costs.py", "a.shape != y.shape", "a.shape[0] != y.shape[0]"),
    ("network.py", "np.sqrt(n_in) if scaled", "np.sqrt(n_out) if scaled"),
    ("network.py", "if scaled else 1", "if not scaled else 1"),
    ("network.py", "b = self.rng.standard_normal((n_out, 1))", "b = np.zeros((n_out, 1))"),
    ("network.py", "activations[-1] + b))", "activations[-1] - b))"),
    ("network.py", "[(a - y) *", "[(y - a) *"),
    ("network.py", "[(a - y) * (a * (1 - a))]", "[a - y]"),
    ("network.py", "(w.T @ deltas[-1])", "(w @ deltas[-1])"),
    ("network.py", "(w.T @ deltas[-1]) * (a * (1 - a))", "(w.T @ deltas[-1]) * a"),
    ("network.py", "(w.T @ deltas[-1]) * (a * (1 - a))", "w.T @ deltas[-1]"),
    ("network.py", "self.weights[:0:-1]", "self.weights[-2::-1]"),
    ("network.py", "activations[-2:0:-1]", "activations[-1:1:-1]"),
    ("network.py", "delta @ a.T / m for", "delta @ a.T for"),
    ("network.py", "keepdims=True) / m", "keepdims=True)"),
    ("network.py", "keepdims=True) / m", "keepdims=True) / m**2"),
    ("network.py", "delta.sum(axis=1, keepdims=True) / m", "delta.mean(axis=1, keepdims=True) / m"),
    ("network.py", "zip(deltas, activations[:-1]", "zip(deltas, activations[1:]"),
    ("network.py", "m = x.shape[1]", "m = x.shape[0]"),
    ("network.py", "eta / x.shape[1] * delta", "eta * delta"),
    ("network.py", "eta / x.shape[1] * delta", "eta / x.shape[0] * delta"),
    ("network.py", "w -= delta @ a.T", "w += delta @ a.T"),
    ("network.py", "b -= delta.sum", "b += delta.sum"),
    ("network.py", "argmax(axis=0)", "argmin(axis=0)"),
    ("network.py", "self._correct(x, labels) / len(labels)", "self._correct(x, labels)"),
    ("network.py", "range(1, epochs + 1)", "range(1, epochs)"),
    ("network.py", "range(0, n, batch_size)", "range(0, n - batch_size, batch_size)"),
    ("network.py", "order[start : start + batch_size]", "order[start : start + batch_size + 1]"),
    ("network.py", "few_blas_threads(self.sizes, batch_size)", "few_blas_threads(self.sizes, n)"),
    ("network.py", "epochs * len(starts), verbose)", "epochs * len(starts))"),
    ("network.py", "epochs * len(starts), verbose)", "len(starts), verbose)"),
    ("network.py", "progress.hide()", "pass"),
    ("network.py", "order = self.rng.permutation(n)", "order = np.arange(n)"),
    ("network.py", "order = self.rng.permutation(n)", "order = self.rng.integers(n, size=n)"),
    ("network.py", "        if exact:", "        if not exact:"),
    ("network.py", "at_most=n)", "at_most=2 * n)"),
    ("network.py", '"epochs", epochs, at_least=0', '"epochs", epochs, at_least=-1'),
    ("network.py", "net.weights, net.biases = weights, biases", "net.weights = weights"),
    ("exact.py", "2.0 ** (52 - bits)", "2.0 ** (53 - bits)"),
    ("exact.py", "activations[1:-1]", "activations[1:]"),
    ("checks.py", "number > 0", "number >= 0"),
    ("checks.py", "value < at_least", "value <= at_least"),
    ("checks.py", "labels.max() >= sizes[-1]", "labels.max() > sizes[-1]"),
    ("checks.py", "[values.min(), values.max()]", "[values.min()]"),
    ("gradient_check.py", "(above - below) / (2 * h)", "(above - below) / h"),
    ("gradient_check.py", "parameter[index] = original\n", "pass\n"),
    ("gradient_check.py", "np.linalg.norm(g) + np.linalg.norm(d)", "np.linalg.norm(g)"),
    ("threads.py", "largest <= SMALL", "largest < SMALL"),
    ("threads.py", "max(n_in * n_out", "min(n_in * n_out"),
    ("threads.py", "limits=1", "limits=2"),
    ("threads.py", "_inside[0] if _inside else blas", "blas"),
    ("threads.py", "            if not _inside:\n    ", ""),
    ("threads.py", "@cache\n", ""),
    ("progress.py", "if wanted else None", "if True else None"),
    ("progress.py", "self._start + PATIENCE", "self._start"),
    ("progress.py", "self._done += 1", "self._done = 1"),
    ("progress.py", '            self._show("")\n', ""),
    ("progress.py", "*exception):\n        self.hide()", "*exception):\n        pass"),
    ("progress.py", "and sys.stderr.isatty()", ""),
    ("progress.py", '"_allow_stdin", False)', '"log", False)'),
    ("progress.py", "self._output.update(data, raw=True)", "display(data, raw=True)"),
]  # fmt: skip


def survives(mutation):
    """Whether all tests pass with this (file, old, new) replacement, or with None at all."""
    with tempfile.TemporaryDirectory() as folder:
        package = Path(folder) / "nndl"
        shutil.copytree(
            ROOT / "src" / "nndl", package, ignore=shutil.ignore_patterns("data")
        )
        (package / "data").symlink_to(ROOT / "src" / "nndl" / "data")
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
