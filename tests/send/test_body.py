"""Reading an answer: whatever a host sends is a document or a named defect, never a crash."""

from __future__ import annotations

import base64
import gzip
import io
import json
from contextlib import closing
from http.client import HTTPResponse
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from imagekit import Blob, Reply, Request, Response
from imagekit.basics.blob import BrokenBlob
from imagekit.send.reading.body import read
from imagekit.send.reading.json import HEAD
from imagekit.send.transport import Transport
from imagekit.testing import Answer, Loopback

BLOBS, LINKS = frozenset({"b64_json"}), frozenset({"url"})
DOCUMENT = {"données": [{"url": 'https://h/é"}]\\.png', "n": -1.5e3}, True, None], "x": {}}


class Body(io.BytesIO):
    """A body that gives at most ``step`` bytes at once, and may break off at its end."""

    def __init__(self, data: bytes, step: int = 1 << 16, breaks: bool = False) -> None:
        super().__init__(data)
        self.step, self.breaks = step, breaks

    def read1(self, size: int | None = -1) -> bytes:
        data = super().read1(self.step)
        if not data and self.breaks:
            raise ConnectionError("reset by peer")
        return data


def read_body(body: bytes, **how: Any) -> Response:
    return read(Reply(200, {}, Body(body)), BLOBS, LINKS, **how)


# --- documents and defects -----------------------------------------------------------------


def test_a_document_is_given_as_it_is():
    assert read_body(json.dumps(DOCUMENT).encode()).document == DOCUMENT


@pytest.mark.parametrize("body", [b"", b"  \r\n"])
def test_a_body_without_anything_is_empty(body):
    response = read_body(body)
    assert (response.document, response.defect) == (None, "empty")


@pytest.mark.parametrize(
    "body",
    [
        b"upstream error",
        b"<!doctype html><html><title>502 Bad Gateway</title></html>",
        b'{"a": 1}}',
        b"{'a': 1}",
        b"\xff\xd8\xff\xe0 a picture",
    ],
)
def test_a_body_that_is_not_json_keeps_its_start_for_the_error(body):
    response = read_body(body)
    assert (response.document, response.defect, response.head) == (None, "not JSON", body)


def test_no_more_than_the_start_of_a_body_is_kept():
    assert len(read_body(b"<" * (HEAD + 1)).head) == HEAD


@pytest.mark.parametrize("ascii_only", [True, False])
def test_a_document_cut_at_any_byte_is_truncated(ascii_only):
    """Inside a word, an escape or a character of several bytes, too."""
    body = json.dumps(DOCUMENT, ensure_ascii=ascii_only).encode()
    for length in range(1, len(body)):
        assert read_body(body[:length]).defect == "truncated", body[:length]


def test_a_connection_that_breaks_in_the_middle_is_truncated_though_the_json_is_whole():
    response = read(Reply(200, {}, Body(b'{"data": []}', breaks=True)))
    assert (response.document, response.defect) == (None, "truncated")


@pytest.mark.parametrize("depth", [900, 1_500, 20_000, 200_000])
@pytest.mark.parametrize("brackets", [("[", "]"), ('{"a":', "}")])
def test_nesting_without_end_is_no_crash(depth, brackets):
    """Python's own limit is about a thousand; whoever stays below it has a document."""
    opening, closing_ = brackets
    response = read_body(f"{opening * depth}0{closing_ * depth}".encode())
    assert (response.document is None) == bool(response.defect)


@settings(deadline=None)
@given(st.binary(max_size=40) | st.text('{}[]":,\\u1e-.ntf ', max_size=40).map(str.encode))
def test_no_bytes_at_all_crash_the_reader(body):
    response = read_body(body)
    assert response.defect in {None, "empty", "not JSON", "truncated", "bad base64"}


# --- pictures ------------------------------------------------------------------------------


def one(field: str, text: str) -> Any:
    """What stands in a field of an answer after reading."""
    response = read_body(json.dumps({"data": [{field: text}]}).encode())
    return response.defect or response.document["data"][0][field]


def test_base64_in_a_picture_field_is_decoded(png):
    found = one("b64_json", base64.b64encode(png).decode())
    assert isinstance(found, Blob)
    assert found.read() == png


def test_base64_with_line_breaks_is_decoded(png):
    assert one("b64_json", base64.encodebytes(png).decode()).read() == png


@pytest.mark.parametrize("field", ["b64_json", "url"])
def test_a_data_url_is_decoded_wherever_it_stands(png, field):
    text = "data:image/png;base64," + base64.b64encode(png).decode()
    assert one(field, text).read() == png


def test_bare_base64_in_a_link_field_is_decoded(png):
    assert one("url", base64.b64encode(png * 2).decode()).read() == png * 2


@pytest.mark.parametrize(
    "link", ["https://h/" + "A" * 96, "/pictures/" + "A" * 95, "abcd", "", "A" * 98 + "!!"]
)
def test_a_link_stays_a_link(link):
    assert one("url", link) == link


@pytest.mark.parametrize("text", ["A", "AAAAA", "<html>nothing here</html>", "éé==", "QUJD*"])
@pytest.mark.parametrize("prefix", ["", "data:image/png;base64,"])
def test_base64_that_is_none_is_no_picture_and_spoils_no_other(text, prefix):
    assert one("b64_json", prefix + text) == BrokenBlob("bad base64")


def test_fields_that_are_not_declared_stay_text(png):
    text = base64.b64encode(png).decode()
    assert one("thought_signature", text) == text


# --- limits --------------------------------------------------------------------------------


def test_a_body_over_the_limit_is_given_up():
    response = read_body(b"[" + b"1," * 5_000 + b"1]", limit=10_000)
    assert (response.document, response.defect) == (None, "more than 10,000 bytes")


def test_the_stream_is_closed_when_the_caller_gives_up():
    class Enough(Exception):
        pass

    def tick() -> None:
        raise Enough

    body = Body(b"{}" * 100, step=1)
    with pytest.raises(Enough):
        read(Reply(200, {}, body), tick=tick)
    assert body.closed


def test_a_read_that_fails_because_time_is_up_is_no_truncation():
    """The host did not break off: the caller's deadline did, and says so itself."""

    class TimeIsUp(Exception):
        pass

    def tick() -> None:
        raise TimeIsUp

    with pytest.raises(TimeIsUp):
        read(Reply(200, {}, Body(b"", breaks=True)), tick=tick)


# --- over a real socket ----------------------------------------------------------------------


def over_a_socket(answer: Answer, limit: int = 1 << 20) -> Response:
    with Loopback(answer) as server, closing(Transport(read_timeout=5.0)) as transport:
        return read(transport.send(Request("GET", server.url)), BLOBS, LINKS, limit=limit)


BODY = json.dumps(DOCUMENT).encode()
CHUNKED = {"Transfer-Encoding": "chunked"}


def in_chunks(body: bytes, size: int = 7) -> bytes:
    pieces = [body[at : at + size] for at in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in [*pieces, b""])


@pytest.mark.parametrize(
    "answer",
    [
        Answer(body=BODY),
        Answer(body=gzip.compress(BODY), headers={"Content-Encoding": "gzip"}),
        Answer(body=in_chunks(BODY), headers=CHUNKED),
        Answer(
            body=in_chunks(gzip.compress(BODY)), headers={**CHUNKED, "Content-Encoding": "gzip"}
        ),
        Answer(body=BODY, headers={"Transfer-Encoding": "identity", "Connection": "close"}),
    ],
    ids=["plain", "gzip", "chunked", "gzip in chunks", "until closed"],
)
def test_every_way_of_sending_a_body_is_read(answer):
    assert over_a_socket(answer).document == DOCUMENT


def test_an_answer_that_says_its_length_is_not_read_beyond_it(monkeypatch):
    pieces, read1 = [], HTTPResponse.read1

    def counted(self, amount):
        pieces.append(read1(self, amount))
        return pieces[-1]

    monkeypatch.setattr(HTTPResponse, "read1", counted)
    assert over_a_socket(Answer(body=BODY)).document == DOCUMENT
    assert b"".join(pieces) == BODY
    assert pieces[-1]


@pytest.mark.parametrize(
    "answer",
    [
        Answer(body=BODY, cut=20),
        Answer(body=in_chunks(BODY), headers=CHUNKED, cut=40),
        Answer(body=gzip.compress(BODY), headers={"Content-Encoding": "gzip"}, cut=30),
        Answer(body=b"not gzip at all", headers={"Content-Encoding": "gzip"}),
        Answer(body=b"zz\r\n", headers=CHUNKED),
    ],
    ids=["plain", "chunked", "gzip", "no gzip", "no chunk"],
)
def test_every_way_of_breaking_off_is_truncated(answer):
    assert over_a_socket(answer).defect == "truncated"


def test_the_limit_counts_what_comes_out_of_the_compression():
    """A few kilobytes of gzip may hold gigabytes."""
    bomb = Answer(body=gzip.compress(b" " * 1_000_000), headers={"Content-Encoding": "gzip"})
    assert over_a_socket(bomb, limit=10_000).defect == "more than 10,000 bytes"
