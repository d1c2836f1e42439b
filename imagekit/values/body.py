"""The bytes that a request carries: of a known size, and read only while they are sent.

Fourteen pictures as base64 are far more than a program wants to hold. So a body keeps the blobs
they are in, and every reader of it (the digest in a journal, the connection, the next attempt)
has them made into text anew, a piece at a time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from hashlib import sha256
from itertools import groupby

from attrs import field

from imagekit.basics.blob import Blob
from imagekit.basics.classes import frozen
from imagekit.basics.codec import encoder

__all__ = ["Body", "Inline", "Part", "TornBody"]

_PIECE = 3 << 14  # bytes of a blob; a multiple of three, so that no group of base64 is torn


class TornBody(OSError):
    """Bytes that a body is made of can't be read any more. What was sent of it is no request."""


@frozen
class Inline:
    """Stands in a body for a text: ``prefix`` and the base64 of ``blob``."""

    blob: Blob
    prefix: str

    @property
    def size(self) -> int:
        """Bytes of that text, in UTF-8."""
        return len(self.prefix.encode()) + 4 * ((self.blob.size + 2) // 3)

    def chunks(self) -> Iterator[bytes]:
        yield self.prefix.encode()
        encode = encoder()
        for piece in self.blob.chunks(_PIECE):
            yield encode(piece)


#: What a body is made of.
Part = bytes | Blob | Inline


def _joined(parts: Iterable[Part]) -> tuple[Part, ...]:
    """Neighbouring bytes as one."""
    parts = tuple(parts)
    if len(parts) == 1 and isinstance(parts[0], bytes):  # nearly always
        return parts
    found: list[Part] = []
    for kind, run in groupby(parts, type):
        several = [*run]
        if not issubclass(kind, Part):
            raise TypeError(f"a body is made of bytes and blobs, not of {kind.__name__}")
        found += [b"".join(several)] if kind is bytes else several  # type: ignore[arg-type]
    return tuple(found)


@frozen(eq=False, repr=False)
class Body:
    """The bytes that a request carries. Bodies of the same bytes are equal.

    Attributes:
        parts: what they are, in order: ``bytes``, a `Blob` as it is, or an `Inline` as its text.
        size: length in bytes.
        sha256: hex digest; the blobs are read for it, once.

    Raises:
        TypeError: a part is nothing of these.
    """

    parts: tuple[Part, ...] = field(converter=_joined)
    size: int = field(init=False)

    @size.default
    def _whole_size(self) -> int:
        return sum([len(part) if isinstance(part, bytes) else part.size for part in self.parts])

    @cached_property
    def sha256(self) -> str:
        digest = sha256()
        for chunk in self.chunks():
            digest.update(chunk)
        return digest.hexdigest()

    def chunks(self) -> Iterator[bytes]:
        """The bytes in order, of blobs in pieces of about 64 KiB; read anew each time.

        Raises:
            TornBody: a blob can't be read, or ends before its size. All that has come until then
                is less than the body.
        """
        for part in self.parts:
            if isinstance(part, bytes):
                yield part
            else:
                yield from _read(part)

    def read(self) -> bytes:
        """All the bytes, in memory. Prefer `chunks` for large ones. Raises as `chunks` does."""
        return b"".join(self.chunks())

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Body):
            return NotImplemented
        return self.size == other.size and self.sha256 == other.sha256

    def __hash__(self) -> int:
        return hash(self.sha256)

    def __repr__(self) -> str:
        return f"<Body {self.size:,} bytes>"


def _read(part: Blob | Inline) -> Iterator[bytes]:
    """Whatever a blob's keeper raises is told as one thing, and never taken for the network's."""
    try:
        yield from part.chunks()
    except Exception as error:
        raise TornBody(f"a part of the body can't be read any more: {error}") from error
