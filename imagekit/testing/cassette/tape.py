"""The file of a cassette: JSON for people to read, with pictures as files beside it.

``corgi.json`` has the interactions, ``corgi.files/`` what is too large for it, each file
named by its digest: recording the same again changes nothing.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import IO, Any

import attrs
from attrs import field

from imagekit import errors
from imagekit.basics.blob import Blob
from imagekit.basics.classes import frozen
from imagekit.basics.media import EXTENSIONS, measure
from imagekit.errors import ImagekitError
from imagekit.values import Charged

__all__ = ["Asked", "CassetteError", "Fault", "Interaction", "Kept", "Tape", "Told"]

FORMAT = 1
VERSION = "imagekit_cassette"


class CassetteError(ImagekitError):
    """A cassette's file is missing or broken, or can't be written."""


@frozen
class Asked:
    """A request as it is compared. Pictures in its body are told by digest."""

    step: str
    method: str
    url: str
    body: Any = None


@frozen
class Kept:
    """What stands in a body where a mark is: the ``base64`` of a file, or its ``text``."""

    base64: str | None = None
    text: str | None = None

    @property
    def file(self) -> str:
        return self.base64 or self.text or ""


@frozen
class Told:
    """A reply. Its body is one of ``json``, ``text`` (both may have marks) and ``file``.

    ``complete`` is False when it broke off there, or nobody read on.
    """

    status: int
    headers: Mapping[str, str] = field(factory=dict)
    json: Any = None
    text: str | None = None
    file: str | None = None
    marks: Mapping[str, Kept] = field(factory=dict)
    complete: bool = True

    @property
    def files(self) -> list[str]:
        own = [self.file] if self.file else []
        return own + [kept.file for kept in self.marks.values()]


@frozen
class Fault:
    """What was raised instead of a reply: the name of an imagekit error, and its attributes."""

    error: str
    message: str
    retryable: bool
    charged: str
    url: str | None = None

    def __attrs_post_init__(self) -> None:
        if not issubclass(getattr(errors, self.error, object), errors.ImagekitError):
            raise ValueError("names no error of imagekit's")
        Charged(self.charged)


@frozen
class Interaction:
    """One request of a host, and its reply or fault."""

    host: str
    request: Asked
    reply: Told | None = None
    fault: Fault | None = None

    def __attrs_post_init__(self) -> None:
        if (self.reply is None) == (self.fault is None):
            raise ValueError("needs either a reply or a fault")


class Tape:
    """Where interactions are kept.

    Args:
        path: the JSON file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.folder = path.with_name(f"{path.stem}.files")

    def read(self) -> list[Interaction]:
        """All interactions.

        Raises:
            CassetteError: the file is missing or broken, or a picture of it is missing.
        """
        try:
            found = json.loads(self.path.read_text(encoding="utf-8"))
        except OSError as error:
            raise CassetteError(f"{self.path} can't be read: {error.strerror}") from None
        except (ValueError, RecursionError) as error:
            raise CassetteError(f"{self.path} is no cassette: not JSON: {error}") from None
        interactions = _interactions(self.path, found)
        for number, one in enumerate(interactions, 1):
            for name in one.reply.files if one.reply else ():
                self._check(number, name)
        return interactions

    def write(self, interactions: Iterable[Interaction]) -> None:
        """Replace the file, or leave it as it is: never half of it."""
        plain = [attrs.asdict(one, filter=_is_said) for one in interactions]
        document = {VERSION: FORMAT, "interactions": plain}
        try:
            data = json.dumps(document, indent=2, ensure_ascii=False).encode()
        except UnicodeEncodeError:  # bytes that are no UTF-8, which JSON can only escape
            data = json.dumps(document, indent=2).encode()
        self._replace(self.path, lambda file: file.write(data + b"\n"))

    def keep(self, blob: Blob, kind: str = "") -> str:
        """Put bytes beside the tape; returns the name of their file.

        Args:
            kind: the name's ending; that of the picture when not given.
        """
        found = None if kind else measure(blob.open())
        ending = kind or EXTENSIONS.get(found.media_type if found else "", ".bin")
        name = f"{blob.sha256[:16]}{ending}"
        if not (self.folder / name).exists():
            self._replace(self.folder / name, blob.copy_to)
        return name

    def sweep(self, interactions: Iterable[Interaction]) -> None:
        """Remove the files of earlier recordings."""
        used = {name for one in interactions if one.reply for name in one.reply.files}
        for path in self.folder.glob("*") if self.folder.is_dir() else ():
            if path.name not in used:
                path.unlink()
        if self.folder.is_dir() and not used:
            self.folder.rmdir()

    def _check(self, number: int, name: str) -> None:
        if Path(name).name != name or not (self.folder / name).is_file():
            raise CassetteError(
                f"{self.path} is broken: interaction {number} needs {self.folder.name}/{name}, "
                'which is missing; record it anew with mode="record"'
            )

    def _replace(self, path: Path, write: Callable[[IO[bytes]], object]) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_name(f"{path.name}.{os.getpid()}.new")
        try:
            with new.open("wb") as file:
                write(file)
            new.replace(path)
        finally:
            new.unlink(missing_ok=True)


def _is_said(attribute: attrs.Attribute[Any], value: Any) -> bool:
    return bool(value != attribute.default and value != {})


def _interactions(path: Path, found: Any) -> list[Interaction]:
    import cattrs

    from imagekit.values.plain.places import dotted
    from imagekit.values.plain.strict import make_strict, mistakes

    version = found.get(VERSION) if isinstance(found, dict) else None
    if not isinstance(version, int):
        raise CassetteError(f"{path} is no cassette: it has no {VERSION!r}")
    if version != FORMAT:
        raise CassetteError(
            f"{path} has format {version}, and this imagekit reads {FORMAT}; "
            'record it anew with mode="record"'
        )
    converter = cattrs.Converter(forbid_extra_keys=True)
    make_strict(converter)
    try:
        read = converter.structure(found.get("interactions"), tuple[Interaction, ...])
    except cattrs.BaseValidationError as error:
        wrong = "; ".join(f"{dotted(place)} {text}" for place, text in mistakes(error))
        raise CassetteError(f"{path} is broken: interactions: {wrong}") from None
    except ValueError as error:
        raise CassetteError(f"{path} is broken: interactions {error}") from None
    return list(read)
