"""A picture of a bucket as a file: obstore's own has other ways to read and to fail."""

from __future__ import annotations

import os
from io import RawIOBase
from typing import TYPE_CHECKING, Any

from imagekit_store.pictures.bucket_trouble import Named, told

if TYPE_CHECKING:
    from obstore import ReadableFile

__all__ = ["BucketFile"]


class BucketFile(RawIOBase):
    """Reads by ranges; only what is asked for, and a little ahead, is brought."""

    def __init__(self, file: ReadableFile, bucket: Named) -> None:
        self._file = file
        self._bucket = bucket

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        with told(self._bucket):
            return self._file.seek(offset, whence)

    def readinto(self, buffer: Any) -> int:
        with told(self._bucket):
            data = self._file.read(len(buffer))
        buffer[: len(data)] = memoryview(data)
        return len(data)
