"""The script of ``make bench-gateway`` runs, with little to do: its figures are not looked at."""

from __future__ import annotations

import sys

import pytest

from tests.bench.gateway.__main__ import bench_held, bench_large
from tests.bench.gateway.profiling import counted
from tests.bench.gateway.speed import bench_speed

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="time is looked up in /proc")


def test_both_keys_are_measured(capsys: pytest.CaptureFixture[str]) -> None:
    bench_speed([], rounds=2, seconds=0.1, warm_up=0.1)
    lines = capsys.readouterr().out.splitlines()
    assert sum("   aim " in line for line in lines) == 2


def test_many_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    bench_held(count=3, seconds=0.1)
    assert ", 0 failed" in capsys.readouterr().out


def test_large_pictures(capsys: pytest.CaptureFixture[str]) -> None:
    bench_large(count=2, size=1000, given=2, each=1000)
    assert capsys.readouterr().out.count("   aim ") == 3


def test_a_function_counts_by_itself_and_with_what_it_calls() -> None:
    own, whole = counted(["a (x.py:1);b (x.py:7) 2", "a (x.py:3) 5"])
    assert own == {"a (x.py)": 5, "b (x.py)": 2}
    assert whole == {"a (x.py)": 7, "b (x.py)": 2}
