"""Text inside JPEG files: comments written or read, every other byte left alone.

A comment holds less than 64 KiB, so that a long text takes several, one after another. Each
begins with a line such as ``imagekit 2/3``. Layout: ITU-T T.81, B.1.1.2 and B.2.4.5.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from imagekit.basics.blob import Blob, BlobWriter
from imagekit.basics.classes import frozen
from imagekit.client.metadata.chunks import LONGEST, copied, decoded, encoded, too_long
from imagekit.errors import RecordError

__all__ = ["text_in", "with_text"]

MOST_SEGMENTS = 1 << 14  # before the picture itself; fill bytes count, too
_ROOM = 65_000  # of the 65,533 bytes of a comment
_COMMENT, _SCAN = 0xFE, 0xDA
#: Markers that stand alone have no length, and none of them belongs before a scan.
_ALONE = {0x00, 0x01, *range(0xD0, 0xDA)}


@frozen
class _Segment:
    """Where a segment begins, what it is, and how many bytes it has after its marker."""

    offset: int
    marker: int
    length: int

    @property
    def data(self) -> int:
        return self.offset + 4

    @property
    def end(self) -> int:
        return self.offset + 2 + self.length


@frozen
class _Part:
    """One comment of a text: where its part is, and which of how many it is."""

    begin: int
    end: int
    number: int
    of: int


def with_text(picture: Blob, keyword: str, text: str) -> Blob:
    """The same file with comments right before its picture, after all that are there.

    Raises:
        RecordError: it is no whole JPEG, or the text is too long.
    """
    data = encoded(text)
    parts = [data[at : at + _ROOM] for at in range(0, len(data), _ROOM)] or [b""]
    *_, scan = _segments(picture.open())
    writer = BlobWriter()
    copied(picture, 0, scan.offset, writer)
    for number, part in enumerate(parts, 1):
        comment = f"{keyword} {number}/{len(parts)}\n".encode() + part
        writer.write(bytes((0xFF, _COMMENT)) + (len(comment) + 2).to_bytes(2) + comment)
    copied(picture, scan.offset, picture.size, writer)
    return writer.finish()


def text_in(file: BinaryIO, keyword: str) -> str | None:
    """The text under this keyword in a JPEG; of several the last. None: there is none.

    Raises:
        RecordError: the file is no whole JPEG, or the text is damaged or too long.
    """
    texts: list[list[_Part]] = []
    for part in _parts(file, keyword):
        if part.number == 1:
            texts.append([])
        if texts:
            texts[-1].append(part)
    return _joined(file, texts[-1]) if texts else None


def _segments(file: BinaryIO) -> Iterator[_Segment]:
    """Every segment up to the first scan, which is the last one."""
    file.seek(0)
    if file.read(2) != b"\xff\xd8":
        raise RecordError("this is no JPEG file")
    offset = 2
    for _ in range(MOST_SEGMENTS):
        file.seek(offset)
        head = file.read(4)
        if len(head) < 4:
            raise RecordError("this JPEG file is truncated")
        if head[:2] == b"\xff\xff":  # fill bytes may repeat
            offset += 1
            continue
        segment = _Segment(offset, head[1], int.from_bytes(head[2:]))
        if head[0] != 0xFF or segment.marker in _ALONE or segment.length < 2:
            raise RecordError("this JPEG file is malformed")
        yield segment
        if segment.marker == _SCAN:
            return
        offset = segment.end
    raise RecordError(f"this JPEG file has more than {MOST_SEGMENTS:,} segments")


def _parts(file: BinaryIO, keyword: str) -> Iterator[_Part]:
    head = re.compile(rb"%b (\d{1,4})/(\d{1,4})\n" % re.escape(keyword.encode()))
    for segment in _segments(file):
        if segment.marker == _COMMENT:
            file.seek(segment.data)
            found = head.match(file.read(min(segment.length - 2, 80)))
            if found:
                begin = segment.data + found.end()
                yield _Part(begin, segment.end, int(found[1]), int(found[2]))


def _joined(file: BinaryIO, parts: list[_Part]) -> str:
    length = sum(part.end - part.begin for part in parts)
    if length > LONGEST:
        raise too_long(length, "JPEG")
    if [(part.number, part.of) for part in parts] != [
        (number, len(parts)) for number in range(1, len(parts) + 1)
    ]:
        raise RecordError("the text in this JPEG file is damaged: a part of it is missing")
    data = b""
    for part in parts:
        file.seek(part.begin)
        data += file.read(part.end - part.begin)
    return decoded(data, "JPEG")
