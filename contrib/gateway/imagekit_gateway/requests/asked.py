"""A request as it came: JSON or a form, read in constant memory, as one table of fields."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import ExitStack
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.exceptions import HTTPException
from werkzeug.formparser import FormDataParser
from werkzeug.wrappers import Request
from werkzeug.wsgi import get_input_stream

from imagekit import Image, Reference, UsageError, read_json, read_reference
from imagekit_gateway.refusals import Refused

__all__ = ["MOST_FIELDS", "digest_of", "fields_of", "table_of"]

PIECE = 1 << 16
#: The fields whose texts may be pictures; those of OpenAI's ``images: [{"image_url": ...}]`` too.
PICTURES = ("image", "images", "mask", "image_url", "url")
#: Bytes of the fields of a form that are no files: data URLs among them.
MOST_TEXT = 32 << 20
MOST_PARTS = 200
#: Bytes of a file of a form up to which it is kept in memory.
SPOOLED = 1 << 19
#: Each that nobody knows is compared with all that somebody does.
MOST_FIELDS = 100
MOST_PICTURES = 100
#: What stands in a form in the place of bytes that are no text.
UNREADABLE = "\ufffd"
#: Bytes of a body without pictures.
MOST_OF_TABLE = 64 << 10
#: Fields of forms, where everything is text.
_NUMBER = re.compile(r"-?[0-9]{1,18}")
_NUMBERS = ("n", "seed", "partial_images", "output_compression", "frame_count")
_FLAGS = {"true": True, "false": False, "1": True, "0": False}
_SWITCHES = ("watermark", "stream")
_TABLES = ("sequential_image_generation_options", "native", "options")


def fields_of(request: Request, most: int) -> dict[str, Any]:
    """The fields of a request; its pictures as what `imagekit.Client.generate` takes, in a list
    ``image``, and links as the texts that they are.

    Raises:
        Refused: it can't be read, or has more than ``most`` bytes, or fields without end.
    """
    fields = _one_image(_read(request, most))
    if len(fields) > MOST_FIELDS:
        message = f"there are {len(fields):,} fields; no request needs more than {MOST_FIELDS}"
        raise Refused(400, "invalid_value", message)
    return fields


def table_of(request: Request) -> dict[str, Any]:
    """The fields of a request in which there are no pictures: JSON, and small.

    Raises:
        Refused: it can't be read, or is large.
    """
    _refuse_unread(request, MOST_OF_TABLE)
    if not _is_json(request):
        raise _other_kind(request, "application/json")
    return _json(request, MOST_OF_TABLE, ())


def _read(request: Request, most: int) -> dict[str, Any]:
    _refuse_unread(request, most)
    if request.mimetype == "multipart/form-data":
        return _form(request, most)
    if _is_json(request):
        return _json(request, most, PICTURES)
    raise _other_kind(request, "application/json, or multipart/form-data")


def _is_json(request: Request) -> bool:
    return request.mimetype == "application/json" or request.mimetype.endswith("+json")


def _refuse_unread(request: Request, most: int) -> None:
    """
    Raises:
        Refused: its head says that its body is not one to be read.
    """
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise Refused(415, "unsupported_encoding", "send the body as it is, not compressed")
    length = request.content_length
    if length is not None and length > most:
        raise _too_large(most)


def _other_kind(request: Request, wanted: str) -> Refused:
    message = f"Content-Type is {request.mimetype or 'nothing':.60}; send {wanted}"
    return Refused(415, "unsupported_media_type", message)


def _too_large(most: int) -> Refused:
    hint = "; give large references as links" if most > MOST_OF_TABLE else ""
    message = f"the body has more than {most:,} bytes{hint}"
    return Refused(413, "request_too_large", message, headers={"Connection": "close"})


class _Counted:
    """The body of a request: no more of it than is taken, and no less than it says it has."""

    def __init__(self, request: Request, most: int) -> None:
        self._stream: IO[bytes] = get_input_stream(request.environ)
        self._said, self._most, self._come = request.content_length, most, 0

    def read(self, size: int = -1) -> bytes:
        piece = self._stream.read(PIECE if size < 0 else size)
        self._come += len(piece)
        if self._come > self._most:
            raise _too_large(self._most)
        if not piece and self._said is not None and self._come < self._said:
            raise Refused(400, "truncated", f"the body breaks off after {self._come:,} bytes")
        return piece

    def pieces(self) -> Iterator[bytes]:
        while piece := self.read(PIECE):
            yield piece


def _json(request: Request, most: int, pictures: Collection[str]) -> dict[str, Any]:
    body = _Counted(request, most)
    try:
        fields = read_json(body.pieces(), pictures, most)
    except UsageError as error:
        raise Refused(400, "invalid_json", str(error)) from None
    if not isinstance(fields, dict):
        raise Refused(400, "invalid_json", 'the body is no object, such as {"prompt": "a corgi"}')
    return fields


def _form(request: Request, most: int) -> dict[str, Any]:
    with ExitStack() as spools:
        texts, files = _parts(_Counted(request, most), request, spools)
        fields, pictures = _texts(texts), _files(files)
    return {**fields, **{name: [*fields.get(name, ()), *pictures[name]] for name in pictures}}


def _parts(
    body: Any, request: Request, spools: ExitStack
) -> tuple[MultiDict[str, str], MultiDict[str, FileStorage]]:
    """
    Args:
        spools: closes what files are kept in meanwhile.
    """

    def spool(*_: object, **__: object) -> IO[bytes]:
        return spools.enter_context(SpooledTemporaryFile(SPOOLED))

    parser = FormDataParser(spool, MOST_TEXT, max_form_parts=MOST_PARTS, silent=False)
    try:
        _, texts, files = parser.parse(body, request.mimetype, None, request.mimetype_params)
    except HTTPException as error:
        raise Refused(error.code or 400, "invalid_form", "the form has too much text") from None
    except ValueError:
        raise Refused(400, "invalid_form", "the body is no form that can be read") from None
    return texts, files


def _texts(given: MultiDict[str, str]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for name, values in given.lists():
        name, several = name.removesuffix("[]"), len(values) > 1 or name.endswith("[]")
        if UNREADABLE in name or any(UNREADABLE in value for value in values):
            message = f"{name:.60} has characters that are no UTF-8"
            raise Refused(400, "invalid_form", message)
        if name in PICTURES:
            fields[name] = [*values]
        elif several:
            raise Refused(400, "invalid_form", f"the form has {name:.60} more than once")
        else:
            fields[name] = _typed(name, values[0])
    return fields


def _typed(name: str, text: str) -> Any:
    """What a field means; a text that means nothing of the kind stays one, to be refused with
    all other mistakes."""
    if name in _NUMBERS:
        return int(text) if _NUMBER.fullmatch(text.strip()) else text
    if name in _SWITCHES:
        return _FLAGS.get(text.strip().lower(), text)
    if name in _TABLES:
        try:
            return read_json([text.encode()], (), len(text.encode()))
        except UsageError:
            return text
    return text


def _files(given: MultiDict[str, FileStorage]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for name, values in given.lists():
        name = name.split("[", 1)[0]  # image, image[] and image[0]
        if name not in PICTURES:
            raise Refused(400, "invalid_form", f"the form has a file as {name:.60}")
        fields[name] = [*fields.get(name, []), *map(_picture, values)]
    return fields


def _picture(file: FileStorage) -> Reference:
    """What was sent as a file. Its name and its type are what somebody says of it, and don't
    count."""
    return read_reference(file.stream)  # type: ignore[arg-type]


# --- whether two requests are the same -----------------------------------------------------------


def digest_of(kind: str, fields: Mapping[str, Any]) -> str:
    """The sha256 of what is asked for, whichever way it was written down."""
    text = json.dumps([kind, fields], sort_keys=True, default=_digest)
    return hashlib.sha256(text.encode()).hexdigest()


def _digest(picture: Any) -> str:
    if isinstance(picture, Image):
        return picture.blob.sha256
    assert isinstance(picture, Reference)
    return picture.sha256 or picture.url or ""


# --- pictures, however they were named -----------------------------------------------------------


def _one_image(fields: dict[str, Any]) -> dict[str, Any]:
    """``image`` and ``images`` as one list; a mask by itself."""
    image, images = _listed(fields.pop("image", None)), _listed(fields.pop("images", None))
    if len(image) + len(images) > MOST_PICTURES:
        message = f"image: no model takes {len(image) + len(images):,} pictures"
        raise Refused(400, "invalid_value", message)
    if image or images:
        fields["image"] = [*image, *images]
    mask = _listed(fields.pop("mask", None))
    if len(mask) > 1:
        raise Refused(400, "invalid_value", "mask: there is one mask, for the first picture")
    return {**fields, "mask": mask[0]} if mask else fields


def _listed(given: Any) -> list[Any]:
    every = given if isinstance(given, list) else [] if given is None else [given]
    return [_unwrapped(one) for one in every]


def _unwrapped(given: Any) -> Any:
    """Of ``{"image_url": ...}``, as OpenAI's JSON has it, what is in it."""
    if isinstance(given, dict):
        inner = given.get("image_url", given.get("url"))
        inner = inner.get("url") if isinstance(inner, dict) else inner
        return given if inner is None else inner
    return given
