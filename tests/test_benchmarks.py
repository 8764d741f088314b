"""The stored benchmark: complete and plausible. Nothing is timed here."""

import json
import math

import pytest
from loading import load
from site_pages import ROOT

NETWORKS = [[784, 30, 10], [784, 100, 10], [784, 100, 100, 10]]


@pytest.fixture(scope="module")
def found():
    return json.loads((ROOT / "book" / "benchmarks.json").read_text())


@pytest.fixture(scope="module")
def report():
    """The module that computes ratios and writes tables."""
    return load("benchmarks/report.py")


def positive(value):
    """Whether all numbers inside are finite and above 0."""
    if isinstance(value, dict):
        return all(map(positive, value.values()))
    if isinstance(value, list):
        return all(map(positive, value))
    return (
        value is None or isinstance(value, str) or (value > 0 and math.isfinite(value))
    )


def test_the_machine_is_named(found):
    machine = found["machine"]
    assert machine["cpu"] and machine["cores"] and machine["system"]
    assert machine["python"] and machine["versions"]["numpy"]
    assert {"internal_api", "version", "architecture"} == set(machine["blas"][0])


def test_each_contender_is_measured_everywhere_or_named_as_skipped(found):
    skipped = {n for n in found["skipped"] if "convolutions" not in n}
    names = {row["contender"] for row in found["epochs"]} | skipped
    assert names == {
        "loop over examples",
        "PyTorch, eager",
        "PyTorch, compiled",
        "scikit-learn",
        "JAX, jit and scan",
        "preallocated NumPy",
        "nndl, plain",
        "nndl",
    }
    measured = {
        (row["contender"], str(row["sizes"]), row["batch_size"], row["dtype"])
        for row in found["epochs"]
    }
    assert len(measured) == len(found["epochs"])
    assert measured == {
        (name, str(sizes), m, dtype)
        for name in names - set(found["skipped"])
        for sizes in NETWORKS
        for m in (10, 128)
        for dtype in ("float64", "float32")
    }


def test_every_gradient_was_the_same(found):
    for name, error in found["gradient_errors"].items():
        exact = name == "nndl, float64"
        assert error < (1e-5 if "float32" in name else 1e-4 if exact else 1e-11)


def test_times_are_positive_and_several(found):
    for key in (
        "epochs",
        "convolutions",
        "limits",
        "growth",
        "other",
        "memory",
        "threads",
        "small",
    ):
        assert found[key] and positive(found[key]), key
    for row in found["epochs"]:
        assert sum(t is not None for t in row["seconds"]) >= 3
    assert {row["load"] for row in found["threads"]} == {"quiet", "busy"}


def test_the_floor_is_the_sum_of_its_parts_and_below_every_program_in_numpy(found):
    for row in found["limits"]:
        assert row["at_peak"] < row["floor"]
        assert row["products"] + row["memory"] < row["floor"]


def test_targets_are_those_of_the_measured_times(found, report):
    again = report.round_numbers(report.targets(found))
    assert len(again) == 3 * 8 + 1 + 2 * 5 + 2 * 2 + 2
    assert again == found["targets"]


def test_a_ratio_compares_rounds_with_themselves(report):
    assert report.ratio([4, None, 9], [2, 5, 3]) == 2.5
    assert report.ratio([], [2, 5, 3]) is None


def test_the_table_is_that_of_the_stored_file(found, report):
    written = (ROOT / "benchmarks" / "results.md").read_text()
    assert report.as_markdown(found) == written
