"""Streams of events as nobody should send them, against an obvious and slow reading of them."""

from __future__ import annotations

import json
import re
from typing import Any

from hypothesis import example, given, settings, strategies as st

from imagekit import Blob, Reply
from imagekit.declare.wire import Wire
from imagekit.send.reading.sse import server_events

LINES = [b"data:", b"data: ", b"data", b"event:x", b"event: y", b": c", b":", b"id:1", b"retry:2"]
ENDS = [b"\n", b"\n\n", b"\r", b"\r\n", b"\r\r\n", b"\r\n\r\n"]
REST = [b"\xef\xbb\xbf", b"\0", b'{"a":1}', b'{"b64_json":"QUJD', b'"}', b"[DONE]", b"null", b"1"]
TEXTS = st.lists(st.sampled_from([*LINES, *ENDS, *ENDS, *REST]), max_size=24).map(b"".join)
CUTS = st.lists(st.integers(1, 30), min_size=1, max_size=6)


class Stream:
    """A reply's body, in pieces of these sizes, over and over."""

    def __init__(self, text: bytes, cuts: list[int]) -> None:
        self.text, self.cuts, self.turn = text, cuts, 0

    def read1(self, amount: int, /) -> bytes:
        size = self.cuts[self.turn % len(self.cuts)]
        self.turn += 1
        piece, self.text = self.text[:size], self.text[size:]
        return piece

    def close(self) -> None:
        pass


def obviously(text: bytes) -> list[tuple[str, Any]]:
    """(name, document) of each event; the document is None where it is no JSON."""
    found: list[tuple[str, Any]] = []
    name, data = b"", []
    lines = re.split(rb"\r\n|\n|\r", text)
    for number, line in enumerate(lines):
        field, colon, value = line.partition(b":")
        if field == b"data" and colon:
            data.append(value)
        elif field == b"event" and colon:
            name = value
        if (not line and data) or number == len(lines) - 1:
            whole = b"\n".join(data)
            if whole.strip() == b"[DONE]":
                break
            if whole.strip() not in (b"", b"null"):
                found.append((name.strip().decode(), parsed(whole)))
            name, data = b"", []
    return found


def parsed(text: bytes) -> Any:
    try:
        document = json.loads(text)
    except ValueError:
        return None
    if isinstance(document, dict) and document.get("b64_json") == "QUJD":
        document["b64_json"] = b"ABC"
    return document


@given(TEXTS, CUTS)
@settings(deadline=None, max_examples=500)
@example(b"event: a\nevent: b\ndata: 1\n\n", [1])
def test_events_are_those_of_the_lines_whatever_ends_them_and_however_they_are_cut(text, cuts):
    reply = Reply(200, {}, Stream(text, cuts))
    wire = Wire("events", blobs=frozenset({"b64_json"}))
    found = []
    for event in server_events(reply, wire, lambda: None):
        document = event.document
        if isinstance(document, dict) and isinstance(document.get("b64_json"), Blob):
            document = {**document, "b64_json": document["b64_json"].read()}
        found.append((event.name, document))
    assert found == obviously(text)
