"""Requests of this process that are somebody's: see `Store.on_behalf`."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from attrs import define, evolve, field

from imagekit import ImagekitError, UsageError
from imagekit_store.limits.admitting import Admission
from imagekit_store.values.callers import NO_LIMITS, Caller, Standing

__all__ = ["Behalf", "Behalves"]


@define(eq=False)
class Behalf:
    """A request while it is a caller's.

    Attributes:
        caller: whose.
        standing: what their key has left, once the first call of the request is written down;
            None where it has no limits.
    """

    caller: Caller
    standing: Standing | None = field(default=None, init=False)
    users: int = field(default=0, init=False)
    _is_in: bool = field(default=False, init=False)
    _refusal: ImagekitError | None = field(default=None, init=False)
    _lock: threading.Lock = field(factory=threading.Lock, init=False)

    def enter(self, id: str, write: Callable[[Caller], Admission]) -> None:
        """Write a call down. Its first decides for all calls of the request, which may begin at
        the same moment: all of them are sent, or none.

        Raises:
            ImagekitError: the request is refused.
        """
        with self._lock:
            if not self._is_in and self._refusal is None:
                admission = write(self.caller)
                if admission.refuses(id):
                    self._refusal = admission.refusal
                else:
                    self._is_in, self.standing = True, admission.standing
                    return
        if self._refusal is not None:
            raise self._refusal
        write(evolve(self.caller, limits=NO_LIMITS))


class Behalves:
    """Those of one process, by the ids of their requests. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._of: dict[str, Behalf] = {}

    def of(self, id: str) -> Behalf | None:
        return self._of.get(id)

    @contextmanager
    def during(self, id: str, caller: Caller) -> Iterator[Behalf]:
        """Several threads may carry out calls of one request.

        Raises:
            UsageError: it is another's at this moment.
        """
        with self._lock:
            behalf = self._of.setdefault(id, Behalf(caller))
            if behalf.caller != caller:
                raise UsageError(f"the request {id:.60} is another caller's at this moment")
            behalf.users += 1
        try:
            yield behalf
        finally:
            with self._lock:
                behalf.users -= 1
                if not behalf.users:
                    del self._of[id]
