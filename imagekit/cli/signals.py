"""Ctrl-C, a closed terminal, and being told to end: all of them end a command in one way, as
what was paid for is to be told and kept whoever says stop.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

__all__ = ["Stopped", "held", "number_of", "stoppable"]

_NAMES = ("SIGINT", "SIGTERM", "SIGHUP")
_SIGNALS = [getattr(signal, name) for name in _NAMES if hasattr(signal, name)]


class Stopped(KeyboardInterrupt):
    """Another signal than Ctrl-C's that ends a command as Ctrl-C does."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.number = number


def number_of(stop: BaseException) -> int:
    """Which signal it was."""
    return stop.number if isinstance(stop, Stopped) else int(signal.SIGINT)


@contextmanager
def stoppable() -> Iterator[None]:
    """Every such signal is raised as a `KeyboardInterrupt`, but one that whoever started us
    wants to be ignored, as ``nohup`` does."""
    with _handled(_raise, unless=signal.SIG_IGN):
        yield


def _raise(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt if number == signal.SIGINT else Stopped(number)


@contextmanager
def held() -> Iterator[None]:
    """Such a signal waits for the end of this block: a file that has its name is told of."""
    came: list[int] = []
    with _handled(lambda number, frame: came.append(number), unless=signal.SIG_DFL):
        yield
    for number in came[:1]:
        signal.raise_signal(number)


@contextmanager
def _handled(handler: Any, unless: signal.Handlers) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():  # which alone hears of them
        yield
        return
    before = {number: signal.getsignal(number) for number in _SIGNALS}
    before = {number: old for number, old in before.items() if old not in (unless, None)}
    try:
        for number in before:
            signal.signal(number, handler)
        yield
    finally:
        for number, old in before.items():
            signal.signal(number, old)
