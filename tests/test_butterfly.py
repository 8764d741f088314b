"""The data of the butterfly: complete, plausible, and what the script makes today."""

import json
import platform

import pytest
from loading import load


@pytest.fixture(scope="module")
def butterfly():
    """The script as a module, without running it."""
    return load("experiments/butterfly.py")


@pytest.fixture(scope="module")
def rows(butterfly):
    return {row["run"]: row for row in json.loads(butterfly.FILE.read_text())}


def test_the_file_holds_the_plan(butterfly, rows):
    assert list(rows) == list(butterfly.RUNS)
    for name, row in rows.items():
        assert {key: row[key] for key in butterfly.RUNS[name]} == butterfly.RUNS[name]
        assert row["steps"] == butterfly.STEPS
        assert len(row["difference"]) == len(row["steps"])
        assert {len(c) for c in row["correct"].values()} == {3}


def test_plain_runs_part_and_the_others_do_not(rows):
    plain, gentle = rows["plain"], rows["plain, gentle"]
    assert 0 < plain["difference"][1] < 1e-15
    assert max(plain["difference"][: plain["steps"].index(10_000) + 1]) > 0.2
    assert plain["correct"]["2004"] != plain["correct"]["2013"]
    assert 0 < max(gentle["difference"]) < 1e-12
    assert gentle["correct"]["2004"] == gentle["correct"]["2013"]
    assert set(rows["exact sums"]["difference"]) == {0}
    counts = rows["exact sums"]["correct"]
    assert counts["2004"] == counts["2013"]


@pytest.mark.skipif(
    platform.machine() not in ("x86_64", "AMD64"),
    reason="only an x86 processor can pass for another one",
)
@pytest.mark.parametrize("run", ["plain", "exact sums"])
def test_the_first_steps_come_out_alike_again(butterfly, rows, run):
    steps = butterfly.STEPS[:8]
    again, stored = butterfly.compare(run, steps)["difference"], rows[run]["difference"]
    for now, then in zip(again, stored[: len(steps)], strict=True):
        assert now == then == 0 or then / 10 < now < then * 10
