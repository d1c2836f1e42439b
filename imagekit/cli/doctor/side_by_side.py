"""Whoever has to be waited for is asked side by side with the others, and for so long at most."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Protocol

from imagekit.values.check import Check

__all__ = ["Asks", "side_by_side"]


class Asks(Protocol):
    """Somebody who looks at something."""

    def checks(self) -> Iterable[Check]:
        """What is found, as it is found. May raise anything."""

    def broken(self, error: BaseException) -> Check:
        """What is told where that has raised."""

    def silent(self, seconds: float) -> Check:
        """What is told where it has taken longer."""


def side_by_side(asked: Sequence[Asks], seconds: float, shown: str) -> Iterator[Check]:
    """What all of them find, in their order.

    Args:
        shown: on a terminal, meanwhile.
    """
    found: list[list[Check]] = [[] for _ in asked]
    threads = [
        threading.Thread(target=_ask, args=pair, daemon=True)
        for pair in zip(asked, found, strict=True)
    ]
    end = time.monotonic() + seconds
    with _shown(shown):
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(max(0.0, end - time.monotonic()))
    for one, thread, checks in zip(asked, threads, found, strict=True):
        is_silent = thread.is_alive()  # before its checks are read, which may become more
        yield from tuple(checks)
        if is_silent:
            yield one.silent(seconds)


def _ask(one: Asks, found: list[Check]) -> None:
    """What nobody has foreseen is told as well."""
    try:
        for check in one.checks():
            found.append(check)  # one by one: those before a failure count
    except (Exception, SystemExit) as error:
        found.append(one.broken(error))


def _shown(text: str) -> AbstractContextManager[Any]:
    """On a terminal, something that moves."""
    if not sys.stderr.isatty():
        return nullcontext()
    from rich.console import Console

    return Console(stderr=True).status(text)
