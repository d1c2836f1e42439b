"""The segments of a JPEG, up to its first scan, however much is put between them.

Layout: ITU-T T.81 (1992-09), B.1.1.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO

__all__ = ["SCAN", "segments"]

#: The marker of a scan's header; after its segment pixels follow, and no more segments.
SCAN = 0xDA
#: Segments that are looked at. Records of provenance may be some hundred.
MOST = 10_000
_END = 0xD9
#: What may stand before a marker: fill bytes, and markers that have no segment.
_ALONE = bytes((0xFF, 0x01, *range(0xD0, 0xD9)))
_BLOCK = 1 << 16


def segments(file: BinaryIO) -> Iterator[tuple[int, int]]:
    """(marker, bytes of data) of each segment, the file at its data; the last is the scan's.

    Ends without a scan where the file makes no sense, and after `MOST` segments.

    Raises:
        struct.error: the file ends in a segment's length.
    """
    file.seek(2)
    for _ in range(MOST):
        marker = _marker(file)
        if marker in (None, _END):
            return
        (length,) = struct.unpack(">H", file.read(2))
        if length < 2:
            return
        data = file.tell()
        yield marker, length - 2
        if marker == SCAN:
            return
        file.seek(data + length - 2)


def _marker(file: BinaryIO) -> int | None:
    """The next one that has a segment. What comes before it is read in blocks: some files
    have nothing else."""
    block = file.read(2)
    while block:
        if rest := block.lstrip(_ALONE):
            file.seek(1 - len(rest), 1)
            return rest[0]
        block = file.read(_BLOCK)
    return None
