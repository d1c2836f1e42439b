"""Reference pictures and masks, as values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from attrs import field

from imagekit.basics.blob import Blob
from imagekit.basics.classes import frozen

__all__ = ["PICTURES", "Reference", "label", "restored", "summarized", "without_bytes"]

#: The parameters whose values are pictures.
PICTURES = ("image", "mask")


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
        facts = {
            "name": self.name,
            "media_type": self.media_type,
            "bytes": self.size,
            "sha256": self.sha256,
            "width": width,
            "height": height,
        }
        return {key: value for key, value in facts.items() if value is not None}


def label(parameter: str, number: int, reference: Reference) -> str:
    """How messages speak of one reference: by its place and its name."""
    return reference.name if parameter == "mask" else f"reference {number} ({reference.name})"


def summarized(value: Any) -> Any:
    """``value`` for receipts and problems: what was given, without bytes."""
    return _each(value, lambda reference: reference.original or reference.summary)


def without_bytes(given: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters of a call as JSON has them. Links stay; of other references the
    digest is kept, which is enough to wait for a job and to tell what was sent.
    """
    return {
        name: _each(value, _record) if name in PICTURES else value for name, value in given.items()
    }


def _each(value: Any, form: Callable[[Reference], Any]) -> Any:
    """``value`` with ``form`` of every reference; itself when it is or has none."""
    if isinstance(value, list) and any(isinstance(item, Reference) for item in value):
        return [_each(item, form) for item in value]
    return form(value) if isinstance(value, Reference) else value


def _record(reference: Reference) -> Any:
    if reference.original is None:
        return reference.summary
    return {
        **reference.summary,
        "original": dict(reference.original),
        "steps": list(reference.steps),
    }


def restored(record: Mapping[str, Any]) -> Reference:
    """The reference of a stored call: what it was, without its bytes."""
    width, height = record.get("width"), record.get("height")
    steps, original = record.get("steps", ()), record.get("original")
    return Reference(
        str(record.get("name", "reference")),
        size=record.get("bytes"),
        sha256=record.get("sha256"),
        media_type=record.get("media_type"),
        pixels=(width, height) if width and height else None,
        original=original if isinstance(original, Mapping) else None,
        steps=tuple(map(str, steps)) if isinstance(steps, list | tuple) else (),
    )
