"""A log of what calls do: one line of JSON for each event, for programs that read logs."""

from __future__ import annotations

import json
import logging
import os
import threading
from pathlib import Path

from imagekit.basics.forks import tell_in_child
from imagekit.events import Event
from imagekit.send.logged_events import Clock, record_of

__all__ = ["JSONLog"]

log = logging.getLogger("imagekit")

#: Each line is one write at the end of the file, so that those of several processes stay whole.
#: Nothing waits for the reader of a pipe: a call does not stand still for its log.
_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_NONBLOCK", 0)


class JSONLog:
    """An observer that writes a line of JSON for every event of a call: whom it is of, what it
    is charged and costs, and the host's id for it; no prompt, no picture, no key, no query of an
    address, and nothing that a host says in words of its own, since that may repeat a prompt.

    Threads, clients and processes may share one file. It is made for the user alone, and opened
    for each line, so that it may be moved away meanwhile. What can't be written is lost, and said
    once in the log ``imagekit``: no call fails for it.

    Args:
        path: the file, in a directory that is there.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path).expanduser().absolute()
        self._clock = Clock()
        self._failing = self._torn = False
        self.after_fork()
        tell_in_child(self)

    def after_fork(self) -> None:
        """In a child the lock may be held by a thread that it has not got."""
        self._lock = threading.Lock()

    def __call__(self, event: Event) -> None:
        """Write one event down."""
        if not event.call:  # a question about no picture, such as which models there are
            return
        with self._lock:
            record = record_of(event, self._clock.seconds(event))
            line = json.dumps(record, ensure_ascii=True, separators=(",", ":")).encode() + b"\n"
            try:
                self._write(line)
            except OSError as error:
                self._failed(error)
            else:
                self._failing = False

    def _write(self, line: bytes) -> None:
        """
        Raises:
            OSError: the disk said no, perhaps in the middle of the line.
        """
        opened = os.open(self.path, _FLAGS, 0o600)
        try:
            whole = b"\n" + line if self._torn else line
            written = os.write(opened, whole)
            self._torn = 0 < written < len(whole)
        finally:
            os.close(opened)
        if written < len(whole):
            raise OSError(0, "there is no room for the whole line")

    def _failed(self, error: OSError) -> None:
        if not self._failing:
            self._failing = True
            log.warning(
                "the log %s can't be written: %s; what happens until it can is not in it, and "
                "calls go on",
                self.path,
                error.strerror,
            )
