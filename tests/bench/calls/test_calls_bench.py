"""The script of ``make bench`` runs, with little to do: what it measures is not looked at."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


@pytest.mark.skipif(sys.platform == "win32", reason="processes are started as POSIX has it")
def test_every_figure_is_told() -> None:
    command = [sys.executable, "-m", "tests.bench.calls", "quick"]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for figure in ("with a journal", "times ASCII", "AsyncClient", "look at a job", "--help"):
        assert figure in told
    assert told.count("aim ") == 5
