"""What is wrong with a call, and what became of each of its parameters."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from imagekit.basics.classes import frozen

__all__ = ["Action", "Added", "Line", "Problem", "Receipt"]


@frozen
class Problem:
    """One rule that a call breaks.

    Attributes:
        field: the canonical parameter, dotted for a part of one.
        message: what is wrong and what would be right, in one sentence.
        value: what was given.
        nearest: the closest value that would pass, or None when there is none to name.
        advice: True when the vendor only recommends it; advice never stops a call.
    """

    field: str
    message: str
    value: Any = None
    nearest: Any = None
    advice: bool = False

    def __str__(self) -> str:
        return f"{self.field}: {self.message}"


# --- the receipt -------------------------------------------------------------


class Action(StrEnum):
    """What became of a given parameter."""

    SENT = "sent"  # as given, under its own name
    MAPPED = "mapped"  # the same meaning in the host's words
    ADAPTED = "adapted"  # the nearest thing the host can do; only when asked for
    DROPPED = "dropped"  # left out; only when asked for
    NATIVE = "native"  # verbatim, unchecked, at the caller's own risk


@frozen
class Line:
    """What became of one given parameter.

    ``fields`` are the wire fields it ended in, as (dotted path, value) pairs;
    ``by`` is who gave it: ``caller``, ``alias``, ``configuration``, or ``policy:<plugin>``.
    """

    parameter: str
    value: Any
    action: Action
    fields: tuple[tuple[str, Any], ...] = ()
    by: str = "caller"
    note: str = ""


@frozen
class Added:
    """A value in the request that nobody gave, and why it is there."""

    field: str
    value: Any
    why: str


@frozen
class Receipt:
    """One line per parameter given, one entry per value added; nothing else changed."""

    lines: tuple[Line, ...] = ()
    added: tuple[Added, ...] = ()

    def __getitem__(self, parameter: str) -> Line:
        for line in self.lines:
            if line.parameter == parameter:
                return line
        raise KeyError(parameter)
