"""Where a picture came from: written down by the engine, and carried inside its file."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from attrs import evolve

from imagekit.blob import Blob
from imagekit.errors import RecordError
from imagekit.family import CANONICAL
from imagekit.media import measure
from imagekit.references import PICTURES, Reference, stored
from imagekit.shortening import document, shortened, told
from imagekit.spelling import Call
from imagekit.urls import bare_url
from imagekit.values import Image, Provenance, Request, Result

__all__ = ["KEYWORD", "embed", "portable", "provenance_of", "read", "record_of"]

#: What the text is called inside a file.
KEYWORD = "imagekit"
CARRIERS = "PNG, JPEG and WebP"

_DATA = re.compile(r"data:[^,]{0,200};base64,", re.IGNORECASE)
_LINK = re.compile(r"https?://\S+\?\S*", re.IGNORECASE)


# --- by the engine, for every result ------------------------------------------------------


def provenance_of(call: Call, request: Request, now: float) -> Provenance:
    """What the engine notes before it sends: ``call`` as it was given, before any policy."""
    return Provenance(
        date=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now)),
        model=call.route.model.name,
        host=call.route.host.name,
        parameters=_parameters(call.given),
        on_unsupported=call.on_unsupported,
        url=bare_url(request.url),
        body=shortened(request, _pictures(call.given)),
    )


def portable(provenance: Provenance) -> Provenance:
    """The same as JSON has it: a reference that is no link is told by its digest, and
    whoever wants to ask again has to bring it.
    """
    return evolve(provenance, parameters=stored(provenance.parameters))


def _parameters(given: Mapping[str, Any]) -> dict[str, Any]:
    """As `Client.generate` takes them: what belongs to a family stands in ``options``."""
    own = {name: _link(given[name]) for name in given if name in CANONICAL or name == "native"}
    options = {name: value for name, value in given.items() if name not in own}
    own.pop("model", None)
    return own | ({"options": options} if options else {})


def _pictures(given: Mapping[str, Any]) -> Iterator[Blob]:
    for name in PICTURES:
        value = given.get(name)
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, Reference) and one.blob is not None:
                yield one.blob


def _link(value: Any) -> Any:
    """References that are links as the text they were given as; all else as it is."""
    if isinstance(value, list):
        return [_link(one) for one in value]
    return value.url if isinstance(value, Reference) and value.url is not None else value


# --- inside a file --------------------------------------------------------------------------


def record_of(result: Result) -> dict[str, Any]:
    """What a file made public may tell of a result, as JSON: its provenance and receipt.

    Links lose their query, which may be a signature; bytes are told by their digest.

    Raises:
        RecordError: the result is not of an engine, or nested deeper than JSON goes.
    """
    from imagekit.convert import to_plain

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


def read(file: BinaryIO) -> Any:
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
            from imagekit.provenance import png as carrier
        case "image/jpeg":
            from imagekit.provenance import jpeg as carrier  # type: ignore[no-redef]
        case "image/webp":
            from imagekit.provenance import webp as carrier  # type: ignore[no-redef]
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
    return told(text.encode()) if _DATA.match(text) else text


def _each_text(value: Any, change: Any) -> Any:
    """``value`` with every text in it changed, however deep."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Mapping):
        return {key: _each_text(inner, change) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_each_text(inner, change) for inner in value]
    return value
