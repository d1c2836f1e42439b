"""Text inside WebP files: one chunk of our own written or read, every other one left alone.

Readers pass over chunks that they don't know, in files of the extended format; a file of the
simple ones becomes such a file. Layout: RFC 9649, 2024-11, sections 2.3 to 2.7.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from imagekit.basics.blob import Blob, BlobWriter
from imagekit.basics.media import measure
from imagekit.client.metadata.chunks import LONGEST, Chunk, copied, decoded, encoded, too_long
from imagekit.errors import RecordError

__all__ = ["text_in", "with_text"]

#: The chunk's name; nobody has registered it, as there is no register.
NAME = b"IMGK"
MOST_CHUNKS = 1 << 16  # an animation has a few for each frame
_ALPHA = 0x10  # the flag of the extended format
_HEADER = 12


def with_text(picture: Blob, keyword: str, text: str) -> Blob:
    """The same file with a chunk of text at its end.

    Raises:
        RecordError: it is no whole WebP, or the text is too long.
    """
    file = picture.open()
    chunks = [*_chunks(file)]
    if not chunks:
        raise RecordError("this WebP file has no picture")
    extended = b"" if chunks[0].kind == b"VP8X" else _chunk(b"VP8X", _canvas(picture, chunks[0]))
    ours = _chunk(NAME, keyword.encode() + b"\0" + encoded(text))
    end = chunks[-1].end
    size = 4 + len(extended) + end - _HEADER + len(ours)
    writer = BlobWriter()
    writer.write(b"RIFF" + size.to_bytes(4, "little") + b"WEBP" + extended)
    copied(picture, _HEADER, end, writer)
    writer.write(ours)
    return writer.finish()


def text_in(file: BinaryIO, keyword: str) -> str | None:
    """The text under this keyword in a WebP; of several the last. None: there is none.

    Raises:
        RecordError: the file is no whole WebP, or the text is damaged or too long.
    """
    found, start = None, keyword.encode() + b"\0"
    for chunk in _chunks(file):
        if chunk.kind == NAME:
            file.seek(chunk.data)
            if file.read(min(chunk.length, len(start))) == start:
                found = chunk
    if found is None:
        return None
    if found.length > LONGEST:
        raise too_long(found.length, "WebP")
    file.seek(found.data + len(start))
    return decoded(file.read(found.length - len(start)), "WebP")


def _chunks(file: BinaryIO) -> Iterator[Chunk]:
    """Every chunk of a WebP; what may stand behind them is no part of it."""
    file.seek(0)
    head = file.read(_HEADER)
    if head[:4] != b"RIFF" or head[8:] != b"WEBP":
        raise RecordError("this is no WebP file")
    offset, end = _HEADER, 8 + int.from_bytes(head[4:8], "little")
    for _ in range(MOST_CHUNKS):
        if offset >= end:
            return
        file.seek(offset)
        head = file.read(8)
        length = int.from_bytes(head[4:], "little")
        chunk = Chunk(offset, head[:4], length, after=length % 2)
        file.seek(chunk.end - 1 if len(head) == 8 else offset)
        if len(head) < 8 or chunk.end > end or not file.read(1):
            raise RecordError("this WebP file is truncated")
        yield chunk
        offset = chunk.end
    raise RecordError(f"this WebP file has more than {MOST_CHUNKS:,} chunks")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return kind + len(data).to_bytes(4, "little") + data + b"\0" * (len(data) % 2)


def _canvas(picture: Blob, first: Chunk) -> bytes:
    """What the extended format says first: flags, and the size of the picture."""
    found = measure(picture.open())
    if found is None or found.pixels is None or first.kind not in (b"VP8 ", b"VP8L"):
        raise RecordError("this WebP file is malformed")
    alpha = first.kind == b"VP8L" and picture.read_at(first.data + 4, 1)[0] & 0x10
    sides = b"".join((side - 1).to_bytes(3, "little") for side in found.pixels)
    return bytes((_ALPHA if alpha else 0, 0, 0, 0)) + sides
