"""The head of an answer: read as Python reads it, but for what that is too mild with."""

from __future__ import annotations

import http.client
import io

import pytest
from hypothesis import given, strategies as st

from imagekit.send.sockets.answer import Answer

OK = b"HTTP/1.1 200 OK\r\n"


class Wire:
    """A socket on which this has come."""

    def __init__(self, came: bytes) -> None:
        self.came = came

    def makefile(self, mode: str) -> io.BufferedReader:
        return io.BufferedReader(io.BytesIO(self.came))


def read(came: bytes) -> Answer:
    answer = Answer(Wire(came), method="POST")
    answer.begin()
    return answer


TEXTS = st.text(st.characters(min_codepoint=33, max_codepoint=255, exclude_characters="\x85"))
FIELDS = st.lists(
    st.one_of(
        st.tuples(st.from_regex(r"x-[a-z0-9]{1,8}", fullmatch=True), TEXTS),
        st.sampled_from(
            [
                ("Content-Length", "17"),
                ("Transfer-Encoding", "chunked"),
                ("Connection", "close"),
                ("connection", "Keep-Alive"),
            ]
        ),
    ),
    max_size=6,
    unique_by=lambda field: field[0].lower(),
)


@given(
    version=st.sampled_from(["HTTP/1.0", "HTTP/1.1"]),
    status=st.one_of(st.integers(200, 999), st.just(101)),
    reason=st.sampled_from(["", " OK", " Not Found"]),
    fields=FIELDS,
    end=st.sampled_from(["\r\n", "\n"]),
)
def test_a_head_means_what_it_means_to_python(version, status, reason, fields, end):
    head = [f"{version} {status}{reason}", *(f"{name}: {value}" for name, value in fields), "", ""]
    came = end.join(head).encode("iso-8859-1")
    ours, theirs = read(came), http.client.HTTPResponse(Wire(came), method="POST")
    theirs.begin()
    for name in ("version", "status", "length", "chunked", "will_close"):
        assert getattr(ours, name) == getattr(theirs, name), name
    assert ours.fields == {name.lower(): value for name, value in theirs.msg.items()}


@pytest.mark.parametrize(
    ("head", "name", "value"),
    [
        (b"A: one\r\nB: two\r\n", "b", "two"),
        (b"A: one\r\na: two\r\n", "A", "one, two"),
        (b"A: one\r\n  and more\r\n", "A", "one and more"),
        (b"A:one\rB: two\r\n", "A", "one B: two"),
        (b"no field\r\nA: one\r\n", "A", "one"),
        (b"A: \t b  c \r\n", "A", "b  c"),
        (b"A: b:c\r\n", "A", "b:c"),
        (b"A: caf\xe9\r\n", "A", "café"),
    ],
)
def test_fields_are_found_by_name(head, name, value):
    assert read(OK + head + b"\r\n").fields[name] == value


@pytest.mark.parametrize(
    "came",
    [
        b"",
        b"\r\n\r\n",
        b"SSH-2.0-OpenSSH\r\n\r\n",
        b"HTTP/1.1\r\n\r\n",
        b"HTTP/1.1 2000 OK\r\n\r\n",
        b"HTTP/1.1 099 OK\r\n\r\n",
        b"HTTP/2 200\r\n\r\n",
        OK + b"A: " + b"a" * 70_000 + b"\r\n\r\n",
        OK + b"A: a\r\n" * 101 + b"\r\n",
        OK + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\n",
        OK + b"Content-Length: 5, 6\r\n\r\n",
    ],
)
def test_what_is_no_head_is_refused(came):
    with pytest.raises((http.client.HTTPException, ConnectionError)):
        read(came)


@pytest.mark.parametrize("length", [b"5", b"5, 5", b"5\r\nContent-Length: 5"])
def test_a_length_that_is_said_twice_is_one(length):
    assert read(OK + b"Content-Length: " + length + b"\r\n\r\n").length == 5


@pytest.mark.parametrize(
    "length", [b"", b"-5", b"five", "٥".encode(), b"5.0", b"5 5", b"9" * 5000], ids=range(7)
)
def test_what_is_no_length_leaves_the_end_to_the_connection(length):
    answer = read(OK + b"Content-Length: " + length + b"\r\n\r\n")
    assert answer.length is None
    assert answer.will_close


@pytest.mark.parametrize("line", [b"a: b\r\n", b" goes on\r\n"])
def test_a_head_and_what_follows_the_last_chunk_come_to_an_end(line):
    fields = b"a: b\r\n" + 99 * line
    with pytest.raises(http.client.HTTPException, match="more than 100 headers"):
        read(OK + fields + line + b"\r\n")
    chunks = OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n" + fields
    assert read(chunks + b"\r\n").read() == b"{}"
    with pytest.raises(http.client.HTTPException, match="more than 100 headers"):
        read(chunks + line + b"\r\n").read()


def test_an_interim_answer_is_passed_over_with_its_fields():
    came = b"HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n" + OK + b"A: b\r\n\r\n"
    answer = read(came)
    assert (answer.status, [*answer.fields]) == (200, ["a"])
