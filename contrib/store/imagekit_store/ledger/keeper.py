"""The pictures of calls that go on in this process, while they are kept."""

from __future__ import annotations

import errno
import time
from typing import Any

from imagekit import Charged, Image, Purchase, Result, Trouble
from imagekit_store.ledger.rows import failure_rows, picture_row
from imagekit_store.pictures import Kept, Pictures

__all__ = ["Keeper"]

#: Seconds between two tries of a place that does not take a picture.
PAUSE = 0.5
#: Bytes that have to fit where pictures are kept, so that another one is bought.
ROOM = 32 << 20


class Keeper:
    """Keeps what has come of a call, each picture once, and knows which those are. Thread-safe."""

    def __init__(self, keeping: Pictures) -> None:
        self._keeping = keeping
        self.begin_anew()

    def begin_anew(self) -> None:
        """In a child: what its parent keeps is the parent's. A bucket that is in use does not
        survive a fork."""
        self._here: dict[str, dict[int, Kept]] = {}
        self._is_proven = False  # that pictures can be kept, until one could not

    def refuse_without_place(self) -> None:
        """Nothing is bought that could not be kept. Where one picture could not, it is tried
        first whether anything can.

        Raises:
            OSError: why it can't.
        """
        free = self._keeping.place.free() if self._is_proven else self._keeping.check()
        if free is not None and free < ROOM:
            where = f"{free:,} bytes are free where pictures are kept, in {self._keeping.place.url}"
            raise OSError(errno.ENOSPC, f"{where}, and a call needs {ROOM:,}")
        self._is_proven = True

    def known(self, purchase: Purchase) -> frozenset[int]:
        """The places of those that are kept so far."""
        return frozenset(self._here.get(purchase.id, ()))

    def rows(
        self, purchase: Purchase, result: Result, until: float = 0.0
    ) -> tuple[list[dict[str, Any]], list[OSError]]:
        """The rows of what has come, the bytes kept; and what could not be kept, though it was
        tried until then, by the clock that never jumps."""
        rows, lost = failure_rows(purchase, result), []
        for image in result.images:
            kept, error = None, image.error
            if image.is_here:
                try:
                    kept = self._keep_patiently(purchase, image, until)
                except OSError as failure:
                    self._is_proven = False
                    lost.append(failure)
                    error = Trouble("OSError", f"it could not be kept: {failure}", Charged.YES)
            rows.append(picture_row(purchase, image, kept, error))
        return rows, lost

    def withdraw(self, purchase: Purchase, before: frozenset[int]) -> None:
        """The rows are written of all that are kept; of those `known` before they were already."""
        for place, kept in self._here.get(purchase.id, {}).items():
            if place not in before:
                self._keeping.withdraw(f"{purchase.id}.{place}", [kept.sha256])

    def over(self, purchase: Purchase) -> None:
        """It goes on no more, or elsewhere."""
        self._here.pop(purchase.id, None)

    def _keep_patiently(self, purchase: Purchase, image: Image, until: float) -> Kept:
        """What has a link can be fetched once more; what came in the answer is nowhere else."""
        while True:
            try:
                return self._keep(purchase, image)
            except OSError:
                if image.url or time.monotonic() + PAUSE > until:
                    raise
                time.sleep(PAUSE)

    def _keep(self, purchase: Purchase, image: Image) -> Kept:
        """The bytes are durable when this returns. Before, it is said whose they are: so nobody
        removes them until their row is written, and they are found if it never is."""
        here = self._here.setdefault(purchase.id, {})
        if image.index not in here:
            name = f"{purchase.id}.{image.index}"
            here[image.index] = self._keeping.keep_for(name, image.blob)
        return here[image.index]
