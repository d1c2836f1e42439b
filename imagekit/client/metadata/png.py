"""Text inside PNG files: one ``iTXt`` chunk written or read, every other byte left alone.

Nothing is decoded or encoded again, and nothing is held but one chunk of text, whatever the
size of the picture. Layout: W3C REC-png-3, 2025-06-24, sections 5 and 11.3.3.4.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import BinaryIO

from imagekit.basics.blob import Blob, BlobWriter
from imagekit.client.metadata.chunks import LONGEST, Chunk, copied, decoded, encoded, too_long
from imagekit.errors import RecordError

__all__ = ["text_in", "with_text"]

SIGNATURE = b"\x89PNG\r\n\x1a\n"
CHECKSUM = 4  # bytes after the data of each chunk
MOST_CHUNKS = 1 << 20  # a 4K picture has some thousands


def with_text(picture: Blob, keyword: str, text: str) -> Blob:
    """The same file with a text chunk before its end.

    Raises:
        RecordError: it is no whole PNG, or the text is too long.
    """
    data = keyword.encode("latin-1") + b"\0\0\0\0\0" + encoded(text)
    end = next(chunk.offset for chunk in _chunks(picture.open()) if chunk.kind == b"IEND")
    writer = BlobWriter()
    copied(picture, 0, end, writer)
    writer.write(len(data).to_bytes(4) + b"iTXt" + data + _crc(b"iTXt", data))
    copied(picture, end, picture.size, writer)
    return writer.finish()


def text_in(file: BinaryIO, keyword: str) -> str | None:
    """The text under this keyword in a PNG; of several the last. None: there is none.

    Raises:
        RecordError: the file is no whole PNG, or the text is damaged or too long.
    """
    found = None
    start = keyword.encode("latin-1") + b"\0"
    for chunk in _chunks(file):
        if chunk.kind == b"iTXt":
            file.seek(chunk.data)
            if file.read(len(start)) == start:
                found = chunk
    return _text(file, found, len(start)) if found else None


def _chunks(file: BinaryIO) -> Iterator[Chunk]:
    """Every chunk of a PNG up to and including ``IEND``."""
    file.seek(0)
    if file.read(len(SIGNATURE)) != SIGNATURE:
        raise RecordError("this is no PNG file")
    offset = len(SIGNATURE)
    for _ in range(MOST_CHUNKS):
        file.seek(offset)
        head = file.read(8)
        chunk = Chunk(offset, head[4:], int.from_bytes(head[:4]), CHECKSUM)
        file.seek(chunk.end - 1 if len(head) == 8 else offset)
        if len(head) < 8 or not file.read(1):
            raise RecordError("this PNG file is truncated")
        yield chunk
        if chunk.kind == b"IEND":
            return
        offset = chunk.end
    raise RecordError(f"this PNG file has more than {MOST_CHUNKS:,} chunks")


def _text(file: BinaryIO, chunk: Chunk, start: int) -> str:
    if chunk.length > LONGEST:
        raise too_long(chunk.length, "PNG")
    file.seek(chunk.data)
    data, crc = file.read(chunk.length), file.read(4)
    if crc != _crc(chunk.kind, data):
        raise RecordError("the text in this PNG file is damaged: its checksum is wrong")
    flags, (_, *rest) = data[start : start + 2], data[start + 2 :].split(b"\0", 2)
    if len(flags) < 2 or len(rest) < 2 or flags not in (b"\0\0", b"\0\1", b"\1\0"):
        raise RecordError("the text in this PNG file is malformed")
    text = _inflated(rest[1]) if flags[0] else rest[1]
    return decoded(text, "PNG")


def _inflated(data: bytes) -> bytes:
    """At most `LONGEST` bytes: a megabyte of a bomb would become a gigabyte."""
    stream = zlib.decompressobj()
    try:
        text = stream.decompress(data, LONGEST + 1)
    except zlib.error as error:
        raise RecordError(f"the text in this PNG file can't be decompressed: {error}") from error
    if len(text) > LONGEST:
        raise too_long(len(text), "PNG")
    if not stream.eof:
        raise RecordError("the text in this PNG file breaks off")
    return text


def _crc(kind: bytes, data: bytes) -> bytes:
    return zlib.crc32(data, zlib.crc32(kind)).to_bytes(4)
