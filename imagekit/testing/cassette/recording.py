"""What was heard of an answer, as the tape has it."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator, Mapping
from typing import Any

from imagekit.basics.blob import Blob, BlobWriter
from imagekit.testing.cassette.scrubbing import Scrubber
from imagekit.testing.cassette.tape import Kept, Tape, Told
from imagekit.testing.cassette.tee import Body
from imagekit.values import Reply

__all__ = ["told_reply"]

_SHORT_FILE = 1 << 16  # bytes of a run that is no base64 after all, and so stays text

#: About the transport, not the answer; the body that is kept is neither packed nor cut.
_OF_TRANSPORT = {"connection", "content-encoding", "content-length", "keep-alive"} | {
    "trailer",
    "transfer-encoding",
}


def told_reply(reply: Reply, body: Body, complete: bool, tape: Tape, scrub: Scrubber) -> Told:
    """A reply as the tape has it, what is large in it put into files."""
    said = {
        name: value
        for name, value in scrub.headers(reply.headers).items()
        if name not in _OF_TRANSPORT
    }
    if body.binary is not None:
        return Told(reply.status, said, file=tape.keep(body.binary.finish()), complete=complete)
    text, marks = _with_marks(body, tape)
    document = _document(text) if complete else None
    if document is not None:
        own = scrub.document(document)
        return Told(reply.status, said, json=own, marks=marks, complete=complete)
    return Told(reply.status, said, text=scrub.text(text), marks=marks, complete=complete)


def _with_marks(body: Body, tape: Tape) -> tuple[str, dict[str, Kept]]:
    """The text with a mark for every run that became a file, and what the marks stand for."""
    start = "{{file "
    while any(start.encode() in text for text in body.texts):
        start = f"{{{start}"
    marks: dict[str, Kept] = {}
    pieces = [_decoded(body.texts[0])]
    for run, text in zip(body.runs, body.texts[1:], strict=True):
        kept = _kept(run, tape)
        if kept:
            mark = f"{start}{len(marks) + 1}}}}}"
            marks[mark] = kept
            pieces.append(mark)
        else:
            pieces.append(_decoded(run.read()))
        pieces.append(_decoded(text))
    return "".join(pieces), marks


def _decoded(text: bytes | bytearray) -> str:
    return text.decode("utf-8", "surrogateescape")  # what is no UTF-8 survives like this


def _kept(run: Blob, tape: Tape) -> Kept | None:
    plain = _plain(run)
    if plain is not None:
        return Kept(base64=tape.keep(plain))
    return None if run.size < _SHORT_FILE else Kept(text=tape.keep(run, ".txt"))


def _plain(run: Blob) -> Blob | None:
    """What a run is the base64 of; None unless encoding it gives that very run again."""
    writer = BlobWriter()
    group = b""
    try:
        for group in _groups(run):
            if group:
                writer.write(binascii.a2b_base64(group, strict_mode=True))
        if group and base64.b64encode(binascii.a2b_base64(group)) != group:
            raise ValueError
        return writer.finish()
    except ValueError:
        writer.discard()
        return None


def _groups(run: Blob) -> Iterator[bytes]:
    """The run in pieces of whole groups of four, without the escapes JSON may have (``\\/``)."""
    rest = b""
    for piece in run.chunks():
        text = rest + piece
        torn = b"\\" if text.endswith(b"\\") else b""
        text = text.removesuffix(torn).replace(b"\\/", b"/")
        whole = len(text) & ~3
        yield text[:whole]
        rest = text[whole:] + torn
    if rest:
        yield rest


def _document(text: str) -> Any:
    """The JSON object or list, if that is what it is and nothing of it would be lost."""
    try:
        found = json.loads(text, object_pairs_hook=_object, parse_constant=_nothing)
        return found if isinstance(found, dict | list) else None
    except (ValueError, RecursionError):
        return None


def _object(pairs: list[tuple[str, Any]]) -> Mapping[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name twice")
    return found


def _nothing(word: str) -> Any:
    raise ValueError(word)
