"""Saying again what is on the tape."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from pathlib import Path

from imagekit import errors
from imagekit.errors import ImagekitError
from imagekit.testing.cassette.tape import Fault, Kept, Told
from imagekit.values import Charged, Reply
from imagekit.values.http import Headers

__all__ = ["raised", "reply_of"]

_PIECE = 3 << 14  # a multiple of three, so that no group of base64 is torn


def reply_of(told: Told, folder: Path) -> Reply:
    """The reply that was recorded, its body read from the files while it is read."""
    return Reply(told.status, Headers(told.headers.items()), _Stream(told, folder))


def raised(fault: Fault) -> ImagekitError:
    """The error that was recorded, to be raised."""
    kind: type[ImagekitError] = getattr(errors, fault.error)
    error = kind(fault.message, retryable=fault.retryable, charged=Charged(fault.charged))
    return error.with_details(url=fault.url) if "url" in kind.details else error


class _Stream:
    """The body; it ends, or breaks off where the recording did."""

    def __init__(self, told: Told, folder: Path) -> None:
        self._pieces = _pieces(told, folder)
        self._complete = told.complete
        self._left = b""

    def read1(self, amount: int, /) -> bytes:
        self._left = self._left or next(self._pieces, b"")
        if not self._left and not self._complete:
            raise ConnectionError("the recorded answer ends here")
        data, self._left = self._left[:amount], self._left[amount:]
        return data

    def close(self) -> None:
        self._pieces.close()  # type: ignore[attr-defined]
        self._left = b""


def _pieces(told: Told, folder: Path) -> Iterator[bytes]:
    if told.file is not None:
        yield from _bytes(folder / told.file)
        return
    text = told.text if told.json is None else json.dumps(told.json)
    if not told.marks:
        yield (text or "").encode("utf-8", "surrogateescape")
        return
    marks = "|".join(map(re.escape, told.marks))
    for part in re.split(f"({marks})", text or ""):
        if part in told.marks:
            yield from _kept(told.marks[part], folder)
        elif part:
            yield part.encode("utf-8", "surrogateescape")


def _kept(kept: Kept, folder: Path) -> Iterator[bytes]:
    for piece in _bytes(folder / kept.file):
        yield base64.b64encode(piece) if kept.base64 else piece


def _bytes(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            yield piece
