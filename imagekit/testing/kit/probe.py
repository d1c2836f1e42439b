"""What a plugin's module does when it is imported and its registration hooks are called.

Run in a process of its own (``python -m imagekit.testing.kit.probe MODULE``), since both must
be watched the first time they happen. Prints what it saw as JSON.
"""

from __future__ import annotations

import datetime
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterable
from functools import cache
from importlib import import_module
from types import FrameType
from typing import Any

__all__ = ["REGISTRATION", "Watch", "look_at"]

REGISTRATION = ("imagekit_families", "imagekit_wires", "imagekit_hosts", "imagekit_offers")
#: Nobody who only lists models wants to wait for these.
HEAVY = (
    *("PIL", "aiohttp", "anyio", "asyncio", "cattrs", "click", "google", "httpx", "numpy"),
    *("pandas", "pydantic", "pytest", "requests", "rich", "torch"),
)
_CLOCKS = (datetime.datetime, datetime.date)
_ENVIRONMENT = {
    os.getenv.__code__,
    type(os.environ).__getitem__.__code__,
    type(os.environ).__iter__.__code__,
}


@cache
def look_at(module: str) -> dict[str, Any]:
    """What a fresh process sees: ``heavy`` modules, ``started`` threads and sockets at import,
    ``touched`` while hooks run, ``error`` when it can't even be imported."""
    done = subprocess.run(
        [sys.executable, "-m", "imagekit.testing.kit.probe", module],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    lines = done.stdout.splitlines()
    if done.returncode or not lines:
        return {"error": done.stderr.strip().splitlines()[-1:]}
    seen: dict[str, Any] = json.loads(lines[-1])
    return seen


class Watch:
    """While it is entered: every look at environment, files, sockets and clocks, by name.

    What importing another module does is that module's own; it does not count.
    """

    def __init__(self) -> None:
        self.touched: list[str] = []
        self._importing = 0

    def __enter__(self) -> Watch:
        sys.setprofile(self._see)
        return self

    def __exit__(self, *_: object) -> None:
        sys.setprofile(None)

    def hear(self, event: str) -> None:
        """What Python's own audit says, which sees sockets however they are made."""
        if event.startswith("socket.") and not self._importing:
            self.touched.append(f"a socket ({event})")

    def _see(self, frame: FrameType, event: str, arg: Any) -> None:
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            self._importing += {"call": 1, "return": -1}.get(event, 0)
        elif not self._importing and event == "call" and frame.f_code in _ENVIRONMENT:
            self.touched.append("the environment")
        elif not self._importing and event == "c_call":
            self.touched += _kind(arg)


def _kind(function: Any) -> Iterable[str]:
    home, name = getattr(function, "__module__", None), getattr(function, "__name__", "")
    owner = getattr(function, "__self__", None)
    if home == "time" or (owner in _CLOCKS and name in ("now", "today", "utcnow")):
        return [f"the clock ({name})"]
    if home in ("_io", "io", "posix", "nt") and name in ("open", "open_code", "stat", "listdir"):
        return [f"a file ({name})"]
    return []


def _main(name: str) -> None:
    import imagekit.client.client  # noqa: F401  what is there before any plugin

    before = set(sys.modules)
    at_import, while_registering = Watch(), Watch()
    watching = [at_import]
    sys.addaudithook(lambda event, _: watching[-1].hear(event))
    module = import_module(name)
    loaded = {entry.partition(".")[0] for entry in set(sys.modules) - before}
    threads = threading.active_count() - 1
    started = [*at_import.touched, *([f"{threads} thread(s)"] if threads else [])]
    watching.append(while_registering)
    for hook in REGISTRATION:
        function = getattr(module, hook, None)
        if function is not None:
            with while_registering:
                list(function())
    found = {
        "heavy": sorted(loaded & set(HEAVY)),
        "started": started,
        "touched": sorted(set(while_registering.touched)),
    }
    print(json.dumps(found))  # noqa: T201  the parent reads it


if __name__ == "__main__":
    _main(sys.argv[1])
