"""Bytes of any size, held in little memory: in RAM first, then in a temporary file; or where
somebody keeps them already.
"""

from __future__ import annotations

import errno
import hashlib
import io
import os
import stat
import threading
import weakref
from collections.abc import Callable, Iterable, Iterator
from typing import IO, Any

from imagekit.basics.classes import frozen
from imagekit.basics.nameless import Nameless

__all__ = ["Blob", "BlobWriter", "BrokenBlob"]

SPOOL_AT = 1 << 20  # bytes kept in memory before a temporary file takes over
#: Bytes of one blob kept in memory where that file has no room: they may have been paid for.
MOST_IN_MEMORY = 64 << 20
CHUNK = 1 << 16
COPY = 1 << 20


class Blob:
    """An immutable run of bytes. Made by `BlobWriter`, `Blob.of`, `Blob.of_pieces`,
    `Blob.of_file` and `Blob.of_object`.

    Several threads may read one blob at once; each `open` has its own position.

    Attributes:
        size: length in bytes.
        sha256: hex digest; computed when first asked for.
    """

    #: Its file, where that is one of its own.
    _nameless: Nameless | None = None

    def __init__(self, file: IO[bytes], size: int, sha256: str | None) -> None:
        self._file = file
        self._lock = threading.Lock()
        self.size = size
        self._sha256 = sha256
        # Not `__del__`: where a blob is part of a circle, its file might go first, and warn of it.
        weakref.finalize(self, file.close).atexit = False

    @classmethod
    def of(cls, data: bytes) -> Blob:
        return cls.of_pieces([data])

    @classmethod
    def of_pieces(cls, pieces: Iterable[bytes]) -> Blob:
        """Bytes as they come, such as from a network: in memory while they are few, then in a
        temporary file. Whatever ``pieces`` raises, the caller gets.

        Raises:
            OSError: there is no room for them.
        """
        writer = BlobWriter()
        try:
            for piece in pieces:
                writer.write(piece)
        except BaseException:
            writer.discard()
            raise
        return writer.finish()

    @classmethod
    def of_file(cls, path: str | os.PathLike[str], sha256: str | None = None) -> Blob:
        """The bytes of a file that nobody changes. It is opened, and not copied: where the system
        allows it, the file may be renamed or removed from then on.

        Args:
            sha256: its digest as hex, where that is known; else computed when first asked for.

        Raises:
            OSError: it can't be opened, or is no regular file.
        """
        file = open(path, "rb", buffering=0, opener=_without_waiting)  # noqa: SIM115
        status = os.fstat(file.fileno())
        if stat.S_ISREG(status.st_mode):
            return cls(file, status.st_size, sha256)
        file.close()
        raise OSError(errno.EINVAL, "no regular file", os.fspath(path))

    @classmethod
    def of_object(cls, get: Callable[[], Blob], size: int, sha256: str) -> Blob:
        """Bytes that are kept elsewhere, such as in a bucket. ``get`` brings them when they are
        first read; whatever it raises, the reader gets.

        Reading raises an `OSError` where ``get`` brings others than these.
        """
        return _OfObject(get, size, sha256)

    @property
    def sha256(self) -> str:
        if self._sha256 is None:
            digest = hashlib.sha256()
            for chunk in self.chunks(COPY):
                digest.update(chunk)
            self._sha256 = digest.hexdigest()
        return self._sha256

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
        """The bytes in order, in pieces of ``size``; the last may be shorter.

        Raises:
            OSError: they can't be read, or not all of them are there any more.
        """
        for offset in range(0, self.size, size):
            wanted = min(size, self.size - offset)  # and no more, of a file that has grown
            piece = self.read_at(offset, wanted)
            if len(piece) < wanted:
                raise OSError(_gone(self.size, offset + len(piece)))
            yield piece

    def copy_to(self, target: IO[bytes]) -> None:
        """Write the bytes to an open file; by the kernel alone where that is possible."""
        if self._copied_by_kernel(target):
            return
        for chunk in self.chunks(COPY):
            target.write(chunk)

    def link_to(
        self, path: str | os.PathLike[str], *, private: bool = False, passing: bool = False
    ) -> bool:
        """Give these bytes a name, without a copy; whether that was possible. Where it was not,
        nothing has changed, and `copy_to` is left: bytes in memory, of another file system, or on
        another system than Linux.

        The blob and that file are one from then on: whoever changes the file changes the blob. So
        the path is one that nobody writes to, or the blob is let go of. Only one file that stays
        comes of a blob; two would be one.

        Args:
            private: nobody else may read the file.
            passing: it is removed before long, so that there may be another.
        """
        return self._nameless is not None and self._nameless.link_to(
            os.fspath(path), private=private, passing=passing
        )

    def _copied_by_kernel(self, target: IO[bytes]) -> bool:
        """Whether everything could be copied without passing through this process."""
        done = 0
        try:
            source, to = self._file.fileno(), target.fileno()
            while done < self.size:
                copied = os.copy_file_range(source, to, self.size - done, offset_src=done)
                if not copied:
                    raise OSError(_gone(self.size, done))
                done += copied
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
        return f"<Blob {self.size:,} bytes>"  # the digest is not asked for: it may take seconds

    def __reduce__(self) -> tuple[Any, ...]:
        return Blob.of, (self.read(),)


class _OfObject(Blob):
    """Bytes that are brought when they are first read: until then there is no file."""

    def __init__(self, get: Callable[[], Blob], size: int, sha256: str) -> None:
        self._get = get
        self._brought: Blob | None = None
        self.size, self._sha256 = size, sha256

    def _blob(self) -> Blob:
        brought = self._brought
        if brought is None:
            brought = self._get()
            if (brought.size, brought.sha256) != (self.size, self.sha256):
                what = f"{brought.size:,} bytes, sha256 {brought.sha256}"
                told = f"{self.size:,} bytes, sha256 {self.sha256}"
                raise OSError(f"instead of {told} what is kept there is {what}")
            self._brought = brought
        return brought

    def read_at(self, offset: int, length: int) -> bytes:
        return self._blob().read_at(offset, length)

    def _copied_by_kernel(self, target: IO[bytes]) -> bool:
        return self._blob()._copied_by_kernel(target)


def _gone(size: int, left: int) -> str:
    return f"of {size:,} bytes only {left:,} are there any more"


def _without_waiting(path: str, flags: int) -> int:
    """Opens at once, also what is a pipe."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


@frozen
class BrokenBlob:
    """Stands where a picture should: what came is no picture, and why."""

    reason: str


class BlobWriter:
    """Collects bytes into a `Blob`: in memory while they are few, then in a temporary file; and
    where that has no room, up to `MOST_IN_MEMORY` of them in memory again.
    """

    def __init__(self, spool_at: int = SPOOL_AT) -> None:
        self._file: IO[bytes] = io.BytesIO()
        self._nameless: Nameless | None = None
        self._spool_at = spool_at
        self.size = 0

    def write(self, data: bytes) -> None:
        """
        Raises:
            OSError: there is no room for it; what was written before is there.
        """
        size = self.size + len(data)
        try:
            if self._nameless is None and size > self._spool_at:
                self._move_to_disk()
            _write_all(self._file, data)
        except OSError:
            if size > MOST_IN_MEMORY:
                raise
            self._move_to_memory()
            self._file.write(data)
        self.size = size

    def finish(self) -> Blob:
        blob = Blob(self._file, self.size, None)
        blob._nameless = self._nameless
        return blob

    def discard(self) -> None:
        """Forget what was written, e.g. because the source broke off."""
        self._file.close()

    def _move_to_disk(self) -> None:
        nameless = Nameless()
        try:
            _write_all(nameless.file, self._file.getvalue())  # type: ignore[attr-defined]
        except BaseException:
            nameless.file.close()
            raise
        self._nameless, self._file = nameless, nameless.file

    def _move_to_memory(self) -> None:
        """What is whole of the file; a disk that is full is left alone from then on."""
        self._spool_at = MOST_IN_MEMORY
        if self._nameless is not None:
            self._file.seek(0)
            memory = io.BytesIO(self._file.read(self.size))
            memory.seek(0, os.SEEK_END)
            self._file.close()
            self._nameless, self._file = None, memory


def _write_all(file: IO[bytes], data: bytes) -> None:
    """A file without a buffer takes as much at once as there is room for."""
    rest = memoryview(data)
    while rest:
        rest = rest[file.write(rest) :]


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
