"""Telling a person what a call is doing, and remembering how far it got."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Any

from imagekit import events
from imagekit.cli.output import close, note
from imagekit.cli.text import clean, hanging

__all__ = ["Progress"]


class Progress:
    """An observer. A terminal sees a spinner with the seconds; a pipe sees plain lines.

    ``sent`` is True from when a request that may be paid for is out; only a refusal that
    was certainly free takes it back. Headers of an answer are not its pictures yet. ``tasks``
    are the hosts' ids of the jobs that were made.
    """

    def __init__(self, quiet: bool = False) -> None:
        self._out = 0  # requests, of several calls side by side
        self.tasks: list[str] = []
        self.quiet = quiet
        self._waited: set[tuple[str, str]] = set()
        self._begun = time.monotonic()
        self._status: Any = None

    def __enter__(self) -> Progress:
        if not self.quiet and sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import Progress as Bar, SpinnerColumn, TextColumn, TimeElapsedColumn

            doing = TextColumn("{task.description}", markup=False)
            columns = (SpinnerColumn(), doing, TimeElapsedColumn())
            self._status = Bar(*columns, console=Console(stderr=True), transient=True)
            self._task = self._status.add_task("starting")
            self._status.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._status is not None:
            try:
                self._status.stop()
            except OSError:  # a terminal that was closed
                close(sys.stderr)

    def __call__(self, event: events.Event) -> None:
        if isinstance(event, events.Sending):
            self._out += event.step == "generate"
            doing = {"generate": "generating", "poll": "asking", "download": "downloading"}
            self._say(f"{doing.get(event.step, event.step)} at {event.route}")
        elif isinstance(event, events.Retrying):
            self._out -= event.step == "generate"
            self._say(f"{event.error}; sending again in {event.wait:.1f} s")
        elif isinstance(event, events.Queued):
            self._wait(event.route.partition(":")[0], event)
        elif isinstance(event, events.Waiting):
            if event.pending.task and event.pending.task not in self.tasks:
                self.tasks.append(event.pending.task)
            state = event.pending.progress or "not done yet"
            self._say(f"{event.route}: {state}")

    @property
    def sent(self) -> bool:
        return self._out > 0

    @property
    def seconds(self) -> float:
        """Since the beginning."""
        return time.monotonic() - self._begun

    def note(self, text: str) -> None:
        """A line that stays, while the call goes on."""
        if self.quiet:
            return
        if self._status is not None:
            plainly = {"markup": False, "highlight": False, "emoji": False, "soft_wrap": True}
            self._status.console.print(clean(hanging(text)), style="dim", **plainly)
        else:
            note(text)

    def _wait(self, host: str, event: events.Queued) -> None:
        """Of many calls that wait side by side, a pipe is told once."""
        if self._status is not None or (host, event.limit) not in self._waited:
            self._waited.add((host, event.limit))
            self._say(f"waiting for a place at {host}: {event.why}")

    def _say(self, text: str) -> None:
        if self._status is not None:
            self._status.update(self._task, description=clean(text))
        elif not self.quiet:
            note(text)
