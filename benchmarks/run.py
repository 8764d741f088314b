"""Measure all and report it: python benchmarks/run.py [SECTION ...], or `make bench`.

With names, only these sections are measured again. The raw figures of each are kept in
_build/bench/. Written are book/benchmarks.json, which the page "How fast, and how sure"
reads, benchmarks/results.md and benchmarks/results.png.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import report

HERE = Path(__file__).parent
ROOT = HERE.parent
RAW = ROOT / "_build" / "bench"
NETWORKS = [["784", "30", "10"], ["784", "100", "10"], ["784", "100", "100", "10"]]
SECTIONS = {
    "machine": ["measure.py", "machine"],
    **{
        f"epochs-{'-'.join(sizes)}": ["measure.py", "epochs", *sizes]
        for sizes in NETWORKS
    },
    "convolutions": ["measure.py", "convolutions"],
    "evaluation": ["measure.py", "evaluation"],
    "limits": ["measure.py", "limits"],
    "growth": ["measure.py", "growth"],
    "other": ["measure.py", "other"],
    "memory": ["measure.py", "memory"],
    "threads": ["measure.py", "threads"],
    "small": [
        *("-m", "pytest", "-q", "-p", "no:cacheprovider"),
        *(f"--benchmark-json={RAW / 'pytest.json'}", "small_operations.py"),
    ],
}
ALL_CORES = ("threads", "evaluation")
ONE_THREAD = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
}


def environment(section):
    """The variables of a section's process: the BLAS chooses its kernel for this CPU."""
    unset = {"OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", *ONE_THREAD}
    clean = {name: value for name, value in os.environ.items() if name not in unset}
    return clean if section in ALL_CORES else clean | ONE_THREAD


def pin():
    """Stay on one core, the last of those allowed, where the system can do that."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def measure(section):
    """Run one section in a process of its own and keep what it found."""
    print(f"measuring {section} ...", flush=True)
    result = subprocess.run(
        [sys.executable, *SECTIONS[section]],
        cwd=HERE,
        env=environment(section),
        preexec_fn=None if section in ALL_CORES else pin,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    if section == "small":
        found = report.small_operations(json.loads((RAW / "pytest.json").read_text()))
    else:
        found = json.loads(result.stdout)
    write(RAW / f"{section}.json", json.dumps(found))


def write(path, text):
    """Write a text under a temporary name first."""
    temporary = path.with_suffix(".tmp")
    temporary.write_text(text, encoding="utf-8")
    os.replace(temporary, path)


def collect():
    """Join the sections into one object."""
    raw = {name: json.loads((RAW / f"{name}.json").read_text()) for name in SECTIONS}
    parts = [raw.pop(name) for name in list(raw) if name.startswith("epochs-")]
    raw["epochs"] = [row for part in parts for row in part["rows"]]
    raw["other"] |= raw.pop("evaluation")
    for key in ("skipped", "gradient_errors"):
        raw[key] = {}
        for part in parts:
            raw[key] |= part[key]
    found = raw.pop("convolutions")
    raw["convolutions"] = found["rows"]
    raw["skipped"] |= {f"{k} (convolutions)": v for k, v in found["skipped"].items()}
    return raw


def main(sections):
    """Measure, then report from what is kept."""
    RAW.mkdir(parents=True, exist_ok=True)
    coretype = os.environ.get("OPENBLAS_CORETYPE")
    print(f"OPENBLAS_CORETYPE is {coretype or 'not set'}; it is not used here")
    for section in sections or SECTIONS:
        measure(section)
    # Rounded first, so that table, figure and page say the same.
    found = report.round_numbers(collect())
    found["targets"] = report.round_numbers(report.targets(found))
    write(ROOT / "book" / "benchmarks.json", report.as_json(found))
    table = report.as_markdown(found)
    write(HERE / "results.md", table)
    report.draw(found, HERE / "results.png")
    print(table)


if __name__ == "__main__":
    main(sys.argv[1:])
