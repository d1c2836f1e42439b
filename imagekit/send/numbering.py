"""Which index a picture gets, when several calls make the pictures of one request."""

from __future__ import annotations

from imagekit.basics.classes import evolve
from imagekit.plan.call import Call
from imagekit.values import Result

__all__ = ["MOST", "Numbering", "renumbered"]

#: More pictures than one answer has, so that a place is a number that any journal can keep.
MOST = 100_000


def renumbered(call: Call, result: Result) -> Result:
    """The result of one call of several, with the indices of the request."""
    numbering = Numbering(call)
    for image in result.images:
        image.index = numbering.take(image.index)
    failures = (evolve(failure, index=numbering.take(failure.index)) for failure in result.failures)
    return evolve(result, failures=tuple(failures))


class Numbering:
    """The indices of one call's pictures among those of the request; no two are the same.

    A call keeps to those meant for it. What it makes beyond them is numbered after the
    pictures of all the calls, as is what the host gives a number that is taken.
    """

    def __init__(self, call: Call) -> None:
        self._places = range(MOST) if call.places is None else call.places
        self._spare = call.spare
        self._taken: set[int] = set()
        self._least = 0  # how many of the first of its own are known to be taken

    def take(self, index: int) -> int:
        """The index in the request of the picture that the host calls ``index``; a number that
        it can't have gets it the next that is free.
        """
        free = 0 <= index < len(self._places) and self._places[index] not in self._taken
        taken = self._places[index] if free else self._next()
        self._taken.add(taken)
        return taken

    def _next(self) -> int:
        while self._least < len(self._places) and self._places[self._least] in self._taken:
            self._least += 1
        return self._places[self._least] if self._least < len(self._places) else next(self._spare)
