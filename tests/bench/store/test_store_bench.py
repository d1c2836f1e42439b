"""The scripts of ``make bench`` run, with little to do: what they measure is not looked at."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from tests.bench.store.__main__ import bench_jobs, bench_memory, bench_pages, bench_steps
from tests.chaos.store.databases import Databases, databases

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="memory is looked up in /proc")


@pytest.fixture(scope="module")
def make() -> Iterator[Databases]:
    with databases() as running:
        yield running


def test_steps(make: Databases, capsys: pytest.CaptureFixture[str]) -> None:
    bench_steps(make, purchases=16)
    lines = capsys.readouterr().out.splitlines()
    assert sum("+ picture" in line for line in lines) == 6


def test_pages(make: Databases, capsys: pytest.CaptureFixture[str]) -> None:
    """All that the first of them is asked for is there."""
    bench_pages(make, count=300, rounds=2)
    lines = capsys.readouterr().out.splitlines()
    found = [line.split() for line in lines if line.startswith("in the middle")]
    assert [words[6] for words in found] == ["100"] * 2


def test_jobs(make: Databases, capsys: pytest.CaptureFixture[str]) -> None:
    bench_jobs(make, count=3, latency=0.1)
    assert "done 3 in" in capsys.readouterr().out


def test_memory(make: Databases, capsys: pytest.CaptureFixture[str]) -> None:
    bench_memory(make, count=10)
    assert "after 10:" in capsys.readouterr().out
