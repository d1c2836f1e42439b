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
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import urlsplit

from attrs import field, frozen

from imagekit.blob import CHUNK, Blob, BlobWriter
from imagekit.errors import ImagekitError
from imagekit.media import measure
from imagekit.references.flaws import find_flaw
from imagekit.references.pillow import Drawn, is_drawn, name_of, written
from imagekit.values import Image

__all__ = [
    "PICTURES",
    "Reference",
    "Source",
    "called",
    "read_reference",
    "reference_of",
    "stored",
    "told",
]

#: The parameters whose values are pictures.
PICTURES = ("image", "mask")
#: Nobody takes nearly as much; reading stops here, so that no source is endless.
MAX_BYTES = 1 << 28


@frozen
class Reference:
    """One picture given to a call: where it is, or what it is.

    Attributes:
        name: for people: a file's name, a URL without its query, ``bytes``.
        url: where the host finds it, when it was given as a link; else None.
        blob: its bytes, when they are here. A link has none, nor has a reference of a
            job that another process began.
        size, sha256: of the bytes.
        media_type, pixels: from the bytes, never from a name; None when they don't say.
        defect: why it can't be used, to stand after its name; None when it can.
        original: the summary of what was given, when that was adapted.
        steps: what was done to it then.
    """

    name: str
    url: str | None = field(default=None, repr=False)
    blob: Blob | None = field(default=None, repr=False, eq=False)
    size: int | None = None
    sha256: str | None = None
    media_type: str | None = None
    pixels: tuple[int, int] | None = None
    defect: str | None = None
    original: Mapping[str, Any] | None = field(default=None, repr=False)
    steps: tuple[str, ...] = ()

    @property
    def summary(self) -> Any:
        """It as JSON has it, without its bytes: the URL, or name, size, digest and type."""
        if self.url is not None:
            return self.url
        width, height = self.pixels or (None, None)
        found = {
            "name": self.name,
            "media_type": self.media_type,
            "bytes": self.size,
            "sha256": self.sha256,
            "width": width,
            "height": height,
        }
        return {key: value for key, value in found.items() if value is not None}


#: What may be given as a reference picture or a mask.
Source = (
    str | os.PathLike[str] | bytes | bytearray | memoryview | BinaryIO | Image | Drawn | Reference
)


# --- without reading anything ----------------------------------------------------------------


def reference_of(value: Any) -> Reference:
    """The reference that a value is without reading a file: for plugins that change a
    call, and for calls that were stored (see `stored`).
    """
    if isinstance(value, Reference):
        return value
    if isinstance(value, Mapping):
        return _restored(value)
    if isinstance(value, str) and _is_url(value):
        return _from_data(value) if value[:5].lower() == "data:" else _from_link(value)
    return Reference(f"{value!r:.40}", defect="is no http(s) or data URL")


def called(parameter: str, number: int, reference: Reference) -> str:
    """How messages speak of one reference: by its place and its name."""
    return reference.name if parameter == "mask" else f"reference {number} ({reference.name})"


def told(value: Any) -> Any:
    """``value`` for receipts and problems: what was given, without bytes."""
    return _each(value, lambda one: one.original or one.summary)


def stored(given: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters of a call as JSON has them. Links stay; of other references the
    digest is kept, which is enough to wait for a job and to tell what was sent.
    """
    return {
        name: _each(value, _record) if name in PICTURES else value for name, value in given.items()
    }


def _each(value: Any, form: Callable[[Reference], Any]) -> Any:
    """``value`` with ``form`` of every reference; itself when it is or has none."""
    if isinstance(value, list) and any(isinstance(one, Reference) for one in value):
        return [_each(one, form) for one in value]
    return form(value) if isinstance(value, Reference) else value


def _record(reference: Reference) -> Any:
    if reference.original is None:
        return reference.summary
    return {
        **reference.summary,
        "original": dict(reference.original),
        "steps": list(reference.steps),
    }


def _restored(record: Mapping[str, Any]) -> Reference:
    width, height = record.get("width"), record.get("height")
    return Reference(
        str(record.get("name", "reference")),
        size=record.get("bytes"),
        sha256=record.get("sha256"),
        media_type=record.get("media_type"),
        pixels=(width, height) if width and height else None,
        original=record.get("original"),
        steps=tuple(record.get("steps", ())),
    )


# --- URLs --------------------------------------------------------------------------------------


def _is_url(text: str) -> bool:
    return text[:8].lower().startswith(("http://", "https://", "data:"))


def _from_link(url: str) -> Reference:
    from imagekit.urls import bare_url  # links are signed in their query

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
    found = measure(file)
    if found is None:
        return Reference(name, defect=_foreign(blob.read_at(0, 512)))
    return Reference(
        name,
        blob=blob,
        size=blob.size,
        sha256=blob.sha256,
        media_type=found.media_type,
        pixels=found.pixels,
        defect=find_flaw(file, blob.size, found.media_type) or _impossible(found.pixels),
    )


def _impossible(pixels: tuple[int, int] | None) -> str | None:
    return "says that it has no pixels" if pixels and min(pixels) < 1 else None


def _foreign(head: bytes) -> str:
    """What bytes are that are no picture."""
    text = head[:512].decode("utf-8", "ignore")
    if "\0" not in text and len(text.encode()) >= len(head[:512]) - 3:
        return "is text, not a picture; give a PNG, JPEG or WebP file"
    return "is no picture of a known kind; give a PNG, JPEG or WebP file"
