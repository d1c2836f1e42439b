"""The script of ``make bench`` runs, with little to do: what it measures is not looked at."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


@pytest.mark.skipif(sys.platform == "win32", reason="processes are started as POSIX has it")
def test_every_figure_is_told() -> None:
    command = [sys.executable, "-m", "tests.bench.calls", "--quick"]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for figure in ("with a journal", "times ASCII", "AsyncClient", "look at a job", "--help"):
        assert figure in told
    assert told.count("aim ") == 5


@pytest.mark.parametrize("bench", ["calls", "payloads"])
@pytest.mark.parametrize(("asked", "code"), [("--help", 0), ("no-such-part", 2)])
def test_a_question_measures_nothing(bench: str, asked: str, code: int) -> None:
    command = [sys.executable, "-m", f"tests.bench.{bench}", asked]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == code
    assert "PART" in done.stdout + done.stderr
    assert "MiB/s  " not in done.stdout
