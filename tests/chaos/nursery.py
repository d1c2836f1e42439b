"""Where victims come from: a process that has imported everything, and forks.

A program that is killed after a second should not spend it on imports. It is asked by lines of
JSON on its stdin, and says the process id of each program that it started.
"""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import threading
import time
import traceback
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

from attrs import define, field

__all__ = ["Nursery", "Victim"]

ROOT = Path(__file__).parents[2]


@define
class Victim:
    """A program that runs, and may be killed.

    Attributes:
        waits: when it was looked at, and for how many seconds it had wanted to run till then
            and could not, because others did.
    """

    pid: int
    _handle: int
    waits: list[tuple[float, float]] = field(factory=list)
    _threads: dict[str, float] = field(factory=dict)

    def look(self) -> None:
        self._threads |= _waited(self.pid)  # those that have ended count, too
        self.waits.append((time.time(), sum(self._threads.values())))

    def kill(self, by: int = signal.SIGKILL) -> float:
        """Returns when, in Unix seconds: what the upstream wrote before that it may have got."""
        self.look()
        at = time.time()
        try:
            signal.pidfd_send_signal(self._handle, by)
        except ProcessLookupError:
            return at
        return at

    def wait(self, seconds: float = 60.0) -> bool:
        """Whether it is gone."""
        poll = select.poll()
        poll.register(self._handle, select.POLLIN)
        return bool(poll.poll(seconds * 1000))

    def __del__(self) -> None:
        os.close(self._handle)

    def held_up(self, since: float) -> float:
        """For how many seconds it could not run since then, for there was no processor free."""
        before = [waited for at, waited in self.waits if at <= since]
        return self.waits[-1][1] - (before[-1] if before else 0.0) if self.waits else 0.0


def _waited(pid: int) -> dict[str, float]:
    """For how long each of its threads has waited for a processor."""
    found: dict[str, float] = {}
    for path in Path(f"/proc/{pid}/task").glob("*/schedstat"):
        with suppress(OSError):  # a thread may end at any time
            found[path.parent.name] = int(path.read_text().split()[1]) / 1e9
    return found


@define
class Nursery:
    """A context manager.

    Attributes:
        school: the module that has the programs, as ``PROGRAMS``, and imports in ``warm`` what
            they need.
    """

    school: str = "tests.chaos.victims"
    _lock: threading.Lock = field(factory=threading.Lock, init=False)
    _process: Any = field(default=None, init=False)

    def __enter__(self) -> Nursery:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.chaos.nursery", self.school],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        return self

    def __exit__(self, *_: object) -> None:
        with self._process as process:
            process.stdin.close()

    def start(self, program: str, where: Path, **given: Any) -> Victim:
        """Start a program of the school with its output in ``where/log``."""
        order = {"program": program, "where": str(where), **given}
        with self._lock:
            self._say(json.dumps(order))
            pid = int(self._process.stdout.readline())
            handle = os.pidfd_open(pid)
            self._say("")  # now it may be buried, should it be dead already
        return Victim(pid, handle)

    def _say(self, line: str) -> None:
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()


def _serve(school: str) -> None:
    """The process itself. A child stays to be opened until the next line says that it was."""
    taught = import_module(school)
    taught.warm()
    for line in iter(sys.stdin.readline, ""):
        if (pid := os.fork()) == 0:
            _be(taught.PROGRAMS, json.loads(line))
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()
        sys.stdin.readline()
        _bury()


def _bury() -> None:
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def _be(programs: Any, order: dict[str, Any]) -> None:
    """In the child: run the program, and end without anything of the parent's."""
    code = 1
    try:
        where = Path(order.pop("where"))
        _redirect(where / "log")
        program, moment = programs[order.pop("program")], order.pop("moment", None)
        if moment:
            from tests.chaos.moments import Moment

            Moment(**moment, note=str(where / "died")).expect()
        code = program(where, **order) or 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _redirect(log: Path) -> None:
    nothing, output = os.open(os.devnull, os.O_RDONLY), os.open(log, os.O_RDWR | os.O_CREAT, 0o600)
    os.lseek(output, 0, os.SEEK_END)
    for descriptor, source in ((0, nothing), (1, output), (2, output)):
        os.dup2(source, descriptor)


if __name__ == "__main__":
    _serve(sys.argv[1])
