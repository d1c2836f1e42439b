"""Which jobs a command has made, and what has come of each."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable

from attrs import define, field

from imagekit import ImagekitError, Pending, Result, events

__all__ = ["Jobs"]


@define
class _Job:
    pending: Pending
    pictures: set[int] = field(factory=set)

    def is_delivered(self, delivered: Collection[int]) -> bool:
        return bool(self.pictures) and self.pictures <= set(delivered)


class Jobs:
    """An observer. Every call is told of in its own thread, which tells whose job it is."""

    def __init__(self) -> None:
        self._made: list[_Job] = []
        self._current: dict[int, _Job] = {}  # by thread

    def __call__(self, event: events.Event) -> None:
        thread = threading.get_ident()
        if isinstance(event, events.Sending) and event.step == "generate":
            self._current.pop(thread, None)
            return
        job = self._current.get(thread)
        if isinstance(event, events.Waiting):
            if job is None:
                job = self._current[thread] = _Job(event.pending)
                self._made.append(job)
            job.pending = event.pending
        elif job and isinstance(event, events.Picture):
            job.pictures.add(event.image.index)

    def under_way(self, delivered: Collection[int]) -> list[Pending]:
        """Those of which nothing came, or not all of it was delivered: picture by index."""
        return [job.pending for job in self._made if not job.is_delivered(delivered)]

    def left_by(self, error: ImagekitError) -> list[Pending]:
        """Those that may still bring pictures after an error, which may be that of several
        calls."""
        return [one.pending for one in (error, *error.others) if one.pending]

    def left_in(self, result: Result, delivered: Collection[int]) -> list[Pending]:
        """Those that a result lacks, and those whose pictures could not be saved."""
        failed = (failure.error and failure.error.pending for failure in result.failures)
        unsaved = (
            job.pending for job in self._made if job.pictures and not job.is_delivered(delivered)
        )
        return _each_once([*(pending for pending in failed if pending), *unsaved])


def _each_once(jobs: Iterable[Pending]) -> list[Pending]:
    """A call that was to make several pictures has a failure for each."""
    found: list[Pending] = []
    for job in jobs:
        if job not in found:
            found.append(job)
    return found
