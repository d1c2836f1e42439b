"""Death at a chosen moment: before a process does something that the world can see, or when
half of it is done.

What the world can see of a process are its requests and its files. Each of these steps has a
line that describes it, such as::

    connect 127.0.0.1:8765              send POST /ark/api/v3/images/generations HTTP/1.1
    receive                             open /home/me/kept/.3fa2.part
    write {"step":"sending","id":...    sync
    os.link /home/me/kept/.3fa2.part /home/me/kept/heron.jpg

What is hidden in a library, such as a statement of a database, its program tells with `reached`.
"""

from __future__ import annotations

import errno
import os
import re
import signal
import socket
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from attrs import define, field

__all__ = ["ARRIVED", "BUYING", "RESUMING", "Moment", "reached"]

#: What a buyer may be at: before which step it dies, or in the middle of it.
BUYING: Mapping[str, Mapping[str, Any]] = {
    "noting what it sends": {"pattern": 'write .*"sending"'},
    "sending": {"pattern": "send POST"},
    "sending the body": {"pattern": "send {"},
    "waiting for the answer": {"pattern": "receive"},
    "noting the job": {"pattern": 'write .*"accepted"'},
    "the first look": {"pattern": "send GET /(?!_)"},
    "a later look": {"pattern": "send GET /(?!_)", "nth": 2},
    "writing a file of the journal": {"pattern": "open .*/journal/pictures/"},
    "naming it": {"pattern": "os.rename .*/journal/pictures/"},
    "noting the answer": {"pattern": 'write .*"answered"'},
    "noting the next picture": {"pattern": 'write .*"answered"', "nth": 2},
    "fetching a link": {"pattern": "send GET /_sandbox"},
    "writing the picture": {"pattern": "open .*kept/"},
    "naming the picture": {"pattern": "os.(rename|link) .*kept/"},
    "noting that it is kept": {"pattern": 'write .*"kept"'},
    "removing a file of the journal": {"pattern": "os.remove .*/journal/pictures/"},
    "removing the journal": {"pattern": r"os.remove .*\.journal"},
}

#: By then the answer had been noted, or of a stream the first picture: that has to be back.
ARRIVED = (
    "noting the next picture",
    "fetching a link",
    "writing the picture",
    "naming the picture",
    "noting that it is kept",
    "removing a file of the journal",
    "removing the journal",
)

#: What its heir may be at.
RESUMING: Mapping[str, Mapping[str, Any]] = {
    "taking over the first line": {"pattern": 'write .*"sending"'},
    "taking over the answer": {"pattern": 'write .*"answered"'},
    "removing the journal of the dead": {"pattern": r"os.remove .*\.journal"},
    "asking": {"pattern": "send GET"},
    "writing the picture": {"pattern": "open .*kept/"},
    "naming the picture": {"pattern": "os.(rename|link) .*kept/"},
    "noting the end": {"pattern": 'write .*"(kept|forgotten)"'},
}

_FILES = {"os.link", "os.remove", "os.rename", "os.mkdir", "os.truncate"}
_WRITES = os.O_WRONLY | os.O_RDWR


@define
class Moment:
    """When a process dies of itself.

    Attributes:
        pattern: what the line of the step contains, as a regular expression.
        nth: at which of those that match.
        half: do half of it first, if it is something that is written or sent.
        full: don't die: from now on the disk is full for whatever matches.
        note: the file that is told which step it was.
    """

    pattern: str = ""
    nth: int = 1
    half: bool = False
    full: bool = False
    note: str = ""
    _seen: int = field(default=0, init=False)
    _lock: threading.RLock = field(factory=threading.RLock, init=False)

    def expect(self) -> None:
        """From now on, every step of this process may be its last."""
        _expected.append(self)
        sys.addaudithook(self._audited)
        os.fsync = self._around(os.fsync, lambda *_: "sync")
        os.write = self._around(os.write, lambda _, data: _told("write", data))
        sends = self._around(socket.socket.sendall, lambda _, data: _told("send", data))
        receives = self._around(socket.socket.recv_into, lambda *_: "receive")
        socket.socket.sendall, socket.socket.recv_into = sends, receives

    def _audited(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event in _FILES:
            self.step(" ".join([event, *(str(one) for one in arguments if one != -1)]))
        elif event == "socket.connect":
            self.step("connect {}:{}".format(*arguments[1][:2]))
        elif event == "open" and isinstance(arguments[0], str) and arguments[2] & _WRITES:
            self.step(f"open {arguments[0]}")

    def _around(self, do: Callable[..., Any], tell: Callable[..., str]) -> Callable[..., Any]:
        def done(*arguments: Any) -> Any:
            halved = [
                one[: len(one) // 2] if isinstance(one, bytes | memoryview) else one
                for one in arguments
            ]
            self.step(tell(*arguments), lambda: do(*halved) if halved != [*arguments] else None)
            return do(*arguments)

        return done

    def step(self, line: str, half: Callable[[], object] = lambda: None) -> None:
        with self._lock:
            if not re.search(self.pattern, line):
                return
            self._seen += 1
            if self.full and self._seen >= self.nth:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            if self._seen == self.nth:
                self._seen += 1  # what is done now, to die, is no step
                if self.half:
                    half()
                Path(self.note).write_text(line + "\n", encoding="utf-8")
                os.kill(os.getpid(), signal.SIGKILL)


_expected: list[Moment] = []


def reached(line: str) -> None:
    """This process is about to do, or has done, what the line says."""
    for moment in _expected:
        moment.step(line)


def _told(what: str, data: bytes) -> str:
    line = bytes(data[:200]).partition(b"\r\n")[0]
    return f"{what} {line.decode('ascii', 'replace')}"
