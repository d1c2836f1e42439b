"""What the checks share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from imagekit.basics.closest import closest
from imagekit.errors import ImagekitError
from imagekit.plan.policies import POLICIES
from imagekit.values import Problem

__all__ = ["lookup", "meant", "policy"]


def lookup(place: str, find: Callable[..., object], *names: str) -> Iterator[Problem]:
    """The problem of a name that leads nowhere, in the words of whoever looked it up."""
    try:
        find(*names)
    except ImagekitError as error:
        yield Problem(place, error.message)


def meant(name: object, known: Iterable[str]) -> str:
    """``; did you mean ...?``, or nothing."""
    near = closest(str(name), known)
    return f"; did you mean {near[0]}?" if near else ""


def policy(place: str, given: object) -> Iterator[Problem]:
    """The problem of a value for ``on_unsupported``."""
    if given not in POLICIES:
        message = f"must be one of {', '.join(POLICIES)}{meant(given, POLICIES)}"
        yield Problem(place, message, given)
