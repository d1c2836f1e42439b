"""The record of a picture: made from its result, put into its file, read again."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, BinaryIO

from imagekit.basics.classes import evolve
from imagekit.basics.media import measure
from imagekit.basics.urls import bare_url
from imagekit.errors import RecordError
from imagekit.plan.provenance import portable
from imagekit.values import Image, Result
from imagekit.values.abridged import digest_note, document

__all__ = ["KEYWORD", "embed", "read_record", "record_of"]

#: What the text is called inside a file.
KEYWORD = "imagekit"
CARRIERS = "PNG, JPEG and WebP"

_DATA = re.compile(r"data:[^,]{0,200};base64,", re.IGNORECASE)
_LINK = re.compile(r"https?://\S+\?\S*", re.IGNORECASE)


def record_of(result: Result) -> dict[str, Any]:
    """What a file made public may tell of a result, as JSON: its provenance and receipt.

    Links lose their query, which may be a signature; bytes are told by their digest.

    Raises:
        RecordError: the result is not of an engine, or nested deeper than JSON goes.
    """
    from imagekit.values.plain.convert import to_plain

    if result.provenance is None:
        raise RecordError("nobody noted where this result came from, so there is no record")
    asked = portable(result.provenance)
    record = {
        "date": asked.date,
        "model": asked.model,
        "host": asked.host,
        "served_model": result.served_model,
        "request_id": result.request_id,
        "arguments": to_plain(asked.arguments()),
        "request": {"url": asked.url, "body": document(asked.body)},
        "receipt": to_plain(result.receipt),
    }
    try:
        return _each_text(record, _public)  # type: ignore[no-any-return]
    except RecursionError as error:
        raise RecordError("what was asked is nested too deeply for a record") from error


def embed(image: Image, record: Any) -> Image:
    """The same picture with a record in its file; not a pixel is touched.

    Args:
        image: a PNG, JPEG or WebP; it is downloaded if it must be.
        record: anything that JSON has, such as `record_of` a result.

    Raises:
        RecordError: it is no whole picture of these kinds, or the record is no JSON or too
            long.
        DownloadError: the picture can't be fetched.
    """
    carrier = _carrier(image.media_type)
    if carrier is None:
        kind = image.media_type or "unknown"
        raise RecordError(f"a record fits into {CARRIERS} files only, and this one is {kind}")
    return evolve(image, blob=carrier.with_text(image.blob, KEYWORD, _dumped(record)))


def read_record(file: BinaryIO) -> Any:
    """The record in a PNG, JPEG or WebP file, or None when there is none.

    Raises:
        RecordError: it is no whole picture of these kinds, or what stands there is no record.
    """
    found = measure(file)
    carrier = _carrier(found.media_type if found else None)
    if carrier is None:
        kind = found.media_type if found else "no picture"
        raise RecordError(f"this is {kind}; only {CARRIERS} files carry records")
    text = carrier.text_in(file, KEYWORD)
    try:
        return None if text is None else json.loads(text)
    except (ValueError, RecursionError) as error:
        raise RecordError(f"what stands in this file is not JSON: {error}") from error


def _carrier(media_type: str | None) -> Any:
    """The module that reads and writes the text of such files; every call notes, few embed."""
    match media_type:
        case "image/png":
            from imagekit.client.metadata import png as carrier
        case "image/jpeg":
            from imagekit.client.metadata import jpeg as carrier  # type: ignore[no-redef]
        case "image/webp":
            from imagekit.client.metadata import webp as carrier  # type: ignore[no-redef]
        case _:
            return None
    return carrier


def _dumped(record: Any) -> str:
    try:
        text = json.dumps(record, ensure_ascii=False, allow_nan=False)
        text.encode()
    except UnicodeEncodeError:  # half a surrogate pair, which JSON can only escape
        return json.dumps(record)
    except (TypeError, ValueError, RecursionError) as error:
        raise RecordError(f"the record is not JSON: {error}") from error
    return text


def _public(text: str) -> str:
    if _LINK.fullmatch(text):
        return bare_url(text)
    return digest_note(text.encode()) if _DATA.match(text) else text


def _each_text(value: Any, change: Any) -> Any:
    """``value`` with every text in it changed, however deep."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Mapping):
        return {key: _each_text(inner, change) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_each_text(inner, change) for inner in value]
    return value
