"""Reference pictures and masks: read once, hashed, and measured from their own bytes.

A reference is given as a path, an http(s) or data URL, bytes, a binary file, a picture of
Pillow's or one that imagekit made. `read_reference` turns any of them into a `Reference`; it
never raises for a bad one, which rather says itself what is wrong with it, so that a call can
tell all of its problems at once.
"""

from __future__ import annotations

import binascii
import io
import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import urlsplit

from imagekit.basics.blob import CHUNK, Blob, BlobWriter
from imagekit.basics.media import measure
from imagekit.errors import ImagekitError
from imagekit.plan.references.flaws import find_flaw
from imagekit.plan.references.pillow import Drawn, is_drawn, name_of, written
from imagekit.values import Image
from imagekit.values.reference import Reference, restored

__all__ = ["Source", "read_reference", "reference_of"]

#: Nobody takes nearly as much; reading stops here, so that no source is endless.
MAX_BYTES = 1 << 28


#: What may be given as a reference picture or a mask.
Source = (
    str | os.PathLike[str] | bytes | bytearray | memoryview | BinaryIO | Image | Drawn | Reference
)


# --- without reading anything ----------------------------------------------------------------


def reference_of(value: Any) -> Reference:
    """The reference that a value is without reading a file: for plugins that change a
    call, and for calls that were stored (see `without_bytes`).
    """
    if isinstance(value, Reference):
        return value
    if isinstance(value, Mapping):
        return restored(value)
    if isinstance(value, str) and _is_url(value):
        return _from_data(value) if value[:5].lower() == "data:" else _from_link(value)
    return Reference(f"{value!r:.40}", defect="is no http(s) or data URL")


# --- URLs --------------------------------------------------------------------------------------


def _is_url(text: str) -> bool:
    return text[:8].lower().startswith(("http://", "https://", "data:"))


def _from_link(url: str) -> Reference:
    from imagekit.basics.urls import bare_url  # links are signed in their query

    try:
        whole = bool(urlsplit(url).hostname) and url.isprintable() and " " not in url
    except ValueError:
        whole = False
    if not whole:
        return Reference("a URL", defect=f"is {bare_url(url)!r:.80}, which is no complete URL")
    return Reference(bare_url(url), url=url)


def _from_data(url: str) -> Reference:
    head = url[: url.find(",", 0, 200) + 1]
    if not head.lower().endswith(";base64,"):
        defect = "is not as it must be: data:image/png;base64,... with the type it has"
        return Reference("data URL", defect=defect)
    try:
        return _taken("data URL", _decoded(url, len(head)))
    except ValueError as error:
        return Reference("data URL", defect=f"is broken base64 ({error})")


def _decoded(text: str, begin: int) -> Iterator[bytes]:
    for at in range(begin, len(text), CHUNK):  # a multiple of four, so no group is torn
        yield binascii.a2b_base64(text[at : at + CHUNK].encode("ascii"), strict_mode=True)


# --- reading --------------------------------------------------------------------------------------


def read_reference(source: Source) -> Reference:
    """Read a reference, once.

    Args:
        source: a path; a URL, which is a text that begins with ``http://``, ``https://``
            or ``data:``; bytes; a file open for reading bytes, from where it stands;
            a generated `Image`; a ``PIL.Image.Image``, which is written as a PNG; a
            `Reference`, which is returned as it is.

    Returns:
        the reference; ``defect`` says why it can't be used, if so. Only regular files
        are opened, so nothing is waited for. A link is not followed: the host does that.
    """
    if isinstance(source, Reference) or (isinstance(source, str) and _is_url(source)):
        return reference_of(source)
    if isinstance(source, str | os.PathLike):
        return _from_path(os.fsdecode(source))
    if isinstance(source, bytes | bytearray | memoryview):
        return _taken("bytes", _pieces(io.BytesIO(source)))
    if isinstance(source, Image):
        return _from_image(source)
    if is_drawn(source):
        return _from_drawn(source)
    if hasattr(source, "read"):
        return _from_file(source)
    if isinstance(source, Mapping):
        name = reference_of(source).name
        return Reference(name, defect="is only described here; give the picture itself")
    kind = type(source).__name__
    return Reference(
        kind, defect="is no path, URL, bytes, Pillow image, or file open for reading bytes"
    )


def _from_path(path: str) -> Reference:
    name = Path(path).name or repr(path)
    if not path:
        return Reference(name, defect="is the name of no file")
    try:
        kind = stat.S_IFMT(Path(path).stat().st_mode)
        if kind != stat.S_IFREG:
            what = _KINDS.get(kind, "no regular file")
            return Reference(name, defect=f"is {what}; give a picture file")
        with open(path, "rb", opener=_without_waiting) as file:
            return _taken(name, _pieces(file))
    except (OSError, ValueError) as error:
        return Reference(name, defect=_unreadable(path, error))


_KINDS = {
    stat.S_IFDIR: "a directory",
    stat.S_IFIFO: "a named pipe",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFSOCK: "a socket",
}


def _without_waiting(path: str, flags: int) -> int:
    """Opens at once, even if the file has become a pipe since it was looked at."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _unreadable(path: str, error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        hint = "; of URLs only http, https and data are known" if "://" in path else ""
        return f"is not there: no file {path}{hint}"
    return f"can't be read: {getattr(error, 'strerror', None) or error}"


_TEXT = "gives text; open it with mode 'rb'"


def _from_file(file: Any) -> Reference:
    name = getattr(file, "name", None)
    name = Path(name).name if isinstance(name, str) else "file"
    if isinstance(file, io.TextIOBase):  # before it fails to decode a picture
        return Reference(name, defect=_TEXT)
    try:
        return _taken(name, _pieces(file))
    except (OSError, ValueError, TypeError) as error:
        return Reference(name, defect=_unreadable(name, error))


def _from_image(image: Image) -> Reference:
    name = f"picture {image.index}"
    try:
        return _measured(name, image.blob)
    except ImagekitError as error:
        return Reference(name, defect=f"can't be fetched: {error}")


def _from_drawn(picture: Drawn) -> Reference:
    name = name_of(picture)
    try:
        return _measured(name, written(picture))
    except Exception as error:  # decoders raise whatever they stumble over
        return Reference(name, defect=f"can't be written as a PNG: {error}")


def _pieces(file: Any) -> Iterator[bytes]:
    while piece := file.read(CHUNK):
        if not isinstance(piece, bytes):
            raise TypeError(f"it {_TEXT}")
        yield piece


def _taken(name: str, pieces: Iterable[bytes]) -> Reference:
    """Keep the bytes, as long as they look like a picture."""
    writer = BlobWriter()
    for piece in pieces:
        if writer.size == 0 and len(piece) >= 32 and measure(io.BytesIO(piece)) is None:
            return Reference(name, defect=_foreign(piece))
        writer.write(piece)
        if writer.size > MAX_BYTES:
            writer.discard()
            return Reference(name, defect=f"has more than {MAX_BYTES:,} bytes; nobody takes that")
    if writer.size == 0:
        return Reference(name, defect="is empty")
    return _measured(name, writer.finish())


def _measured(name: str, blob: Blob) -> Reference:
    file = blob.open()
    picture = measure(file)
    if picture is None:
        return Reference(name, defect=_foreign(blob.read_at(0, 512)))
    return Reference(
        name,
        blob=blob,
        size=blob.size,
        sha256=blob.sha256,
        media_type=picture.media_type,
        pixels=picture.pixels,
        defect=find_flaw(file, blob.size, picture.media_type) or _impossible(picture.pixels),
    )


def _impossible(pixels: tuple[int, int] | None) -> str | None:
    return "says that it has no pixels" if pixels and min(pixels) < 1 else None


def _foreign(head: bytes) -> str:
    """What bytes are that are no picture."""
    text = head[:512].decode("utf-8", "ignore")
    if "\0" not in text and len(text.encode()) >= len(head[:512]) - 3:
        return "is text, not a picture; give a PNG, JPEG or WebP file"
    return "is no picture of a known kind; give a PNG, JPEG or WebP file"
