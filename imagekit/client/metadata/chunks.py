"""What the carriers of a record share: chunks, how long a text may be, and copying around it."""

from __future__ import annotations

from imagekit.basics.blob import Blob, BlobWriter
from imagekit.basics.classes import frozen
from imagekit.errors import RecordError

__all__ = ["LONGEST", "Chunk", "copied", "decoded", "encoded", "too_long"]

LONGEST = 16 << 20  # bytes of text written, and read however well it is compressed
_AT_ONCE = 1 << 16


@frozen
class Chunk:
    """Where a chunk begins, what it is, how many bytes of data it has, and how many follow them
    that are none: a checksum, or padding."""

    offset: int
    kind: bytes
    length: int
    after: int

    @property
    def data(self) -> int:
        return self.offset + 8

    @property
    def end(self) -> int:
        return self.data + self.length + self.after


def copied(picture: Blob, begin: int, end: int, writer: BlobWriter) -> None:
    for offset in range(begin, end, _AT_ONCE):
        writer.write(picture.read_at(offset, min(_AT_ONCE, end - offset)))


def encoded(text: str) -> bytes:
    data = text.encode()
    if len(data) > LONGEST:
        raise RecordError(f"{len(data):,} bytes are too many to embed; {LONGEST:,} are allowed")
    return data


def decoded(data: bytes, kind: str) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise RecordError(f"the text in this {kind} file is not UTF-8: {error}") from error


def too_long(length: int, kind: str) -> RecordError:
    return RecordError(
        f"the text in this {kind} file has {length:,} bytes or more; {LONGEST:,} are read"
    )
