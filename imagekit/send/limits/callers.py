"""For whom calls are made, so that none of them keeps the others waiting."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from imagekit.plan.call import Call, request_of

__all__ = ["caller_of", "calling_for"]

_caller: ContextVar[str | None] = ContextVar("imagekit_caller", default=None)


@contextmanager
def calling_for(caller: str) -> Iterator[None]:
    """Whatever is asked for inside is this caller's: a customer, a team, a key. Where a host's
    own ``rpm`` or ``at_once`` is reached, callers take turns, however much each of them asks for.

    Without it, each request is a caller of its own.
    """
    token = _caller.set(caller)
    try:
        yield
    finally:
        _caller.reset(token)


def caller_of(call: Call) -> str:
    """Whoever has said so; else the request that the call is one of."""
    caller = _caller.get()
    return f"for {caller}" if caller is not None else request_of(call)
