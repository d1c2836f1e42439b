"""Bytes of any size, held in little memory: in RAM first, then in a temporary file."""

from __future__ import annotations

import hashlib
import io
import os
import threading
from collections.abc import Iterator
from typing import IO, Any

from attrs import frozen

__all__ = ["Blob", "BlobWriter", "BrokenBlob"]

SPOOL_AT = 1 << 20  # bytes kept in memory before a temporary file takes over
CHUNK = 1 << 16
COPY = 1 << 20


class Blob:
    """An immutable run of bytes. Made by `BlobWriter` or `Blob.of`.

    Several threads may read one blob at once; each `open` has its own position.

    Attributes:
        size: length in bytes.
        sha256: hex digest, computed while the bytes were written.
    """

    def __init__(self, file: IO[bytes], size: int, sha256: str) -> None:
        self._file = file
        self._lock = threading.Lock()
        self.size = size
        self.sha256 = sha256

    @classmethod
    def of(cls, data: bytes) -> Blob:
        writer = BlobWriter()
        writer.write(data)
        return writer.finish()

    def read_at(self, offset: int, length: int) -> bytes:
        """Up to ``length`` bytes from ``offset``; empty at the end."""
        if isinstance(self._file, io.BytesIO):
            return self._file.getvalue()[offset : offset + length]
        if hasattr(os, "pread"):  # moves no position: a forked process shares that
            return os.pread(self._file.fileno(), length, offset)
        with self._lock:
            self._file.seek(offset)
            return self._file.read(length)

    def chunks(self, size: int = CHUNK) -> Iterator[bytes]:
        """The bytes in order, in pieces of at most ``size``."""
        for offset in range(0, self.size, size):
            yield self.read_at(offset, size)

    def copy_to(self, target: IO[bytes]) -> None:
        """Write the bytes to an open file; by the kernel alone where that is possible."""
        if self._copied_by_kernel(target):
            return
        for chunk in self.chunks(COPY):
            target.write(chunk)

    def _copied_by_kernel(self, target: IO[bytes]) -> bool:
        """Whether everything could be copied without passing through this process."""
        done = 0
        try:
            source, to = self._file.fileno(), target.fileno()
            while done < self.size:
                done += os.copy_file_range(source, to, self.size - done, offset_src=done)
        except (AttributeError, OSError):  # in memory, a pipe, another system
            if done:
                raise
            return False
        return True

    def read(self) -> bytes:
        """All the bytes, in memory. Prefer `chunks` or `open` for large ones."""
        return self.read_at(0, self.size)

    def open(self) -> io.BufferedReader:
        """A new seekable binary file over these bytes."""
        return io.BufferedReader(_Reader(self))

    def __len__(self) -> int:
        return self.size

    def __repr__(self) -> str:
        return f"<Blob {self.size:,} bytes sha256:{self.sha256[:12]}>"

    def __del__(self) -> None:
        self._file.close()  # a spooled file that nobody closed would warn of it

    def __reduce__(self) -> tuple[Any, ...]:
        return Blob.of, (self.read(),)


@frozen
class BrokenBlob:
    """Stands where a picture should: what came is no picture, and why."""

    reason: str


class BlobWriter:
    """Collects bytes into a `Blob`, hashing as they come."""

    def __init__(self, spool_at: int = SPOOL_AT) -> None:
        self._file: IO[bytes] = io.BytesIO()
        self._spool_at = spool_at
        self._in_memory = True
        self._hash = hashlib.sha256()
        self.size = 0

    def write(self, data: bytes) -> None:
        self.size += len(data)
        if self._in_memory and self.size > self._spool_at:
            self._move_to_disk()
        self._hash.update(data)
        self._file.write(data)

    def finish(self) -> Blob:
        self._file.flush()  # it is read past its buffer
        return Blob(self._file, self.size, self._hash.hexdigest())

    def discard(self) -> None:
        """Forget what was written, e.g. because the source broke off."""
        self._file.close()

    def _move_to_disk(self) -> None:
        import tempfile  # costs 10 ms to import, and small answers never need it

        memory, self._file = self._file, tempfile.TemporaryFile()  # noqa: SIM115
        self._file.write(memory.getvalue())  # type: ignore[attr-defined]
        self._in_memory = False


class _Reader(io.RawIOBase):
    """One reader's own position in a shared blob."""

    def __init__(self, blob: Blob) -> None:
        self._blob = blob
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._blob.size}[whence]
        self._position = max(0, base + offset)
        return self._position

    def readinto(self, buffer: Any) -> int:
        data = self._blob.read_at(self._position, len(buffer))
        buffer[: len(data)] = data
        self._position += len(data)
        return len(data)
