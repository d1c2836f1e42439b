"""Base64 as hosts write it, and as nobody should, against an obvious and slow reading of it."""

from __future__ import annotations

import base64
import binascii
import json
import re
import sys
from collections.abc import Iterator

import pytest
from hypothesis import given, settings, strategies as st

from imagekit import Blob
from imagekit.basics import codec
from imagekit.basics.blob import BlobWriter
from imagekit.send.reading.sinks import Base64Sink

#: Of what JSON strings are made; those are rare which make them no base64.
GOOD = [
    b"Q",
    b"z9+/",
    b"ABCD",
    b"iVBORw0K",
    b"-_",
    rb"\/",
    rb"\n",
    rb"\r\n",
    rb"\t",
    b" ",
    rb"\u0041",
]
BAD = [
    b"=",
    b"==",
    b"*",
    b"\0",
    b"\xff",
    b"\n",
    rb"\\",
    rb"\"",
    rb"\x",
    rb"\u00e9",
    rb"\ud83c",
    b"\\u",
]
TEXTS = st.lists(st.sampled_from([*GOOD, *GOOD, *GOOD, *BAD]), max_size=24).map(b"".join)
PREFIXES = st.sampled_from(
    [b"", b"", b"data:image/png;base64,", rb"DATA:image\/png;base64,", b"data:,"]
)
CUTS = st.lists(st.integers(1, 40), min_size=1, max_size=6)


def obviously(text: bytes) -> bytes | None:
    """What a string of JSON decodes to; None when it is none, or no base64."""
    try:
        read = json.loads(f'"{text.decode("latin-1")}"', strict=False)
    except ValueError:  # an escape that JSON has not, or half of one
        return None
    plain = read.encode("latin-1", "replace").translate(bytes.maketrans(b"-_", b"+/"), b" \n\r\t")
    plain = re.sub(rb"\Adata:[^,]{0,200};base64,", b"", plain, flags=re.IGNORECASE)
    if len(plain) % 4 == 1:
        return None
    return strictly(plain + b"=" * (-len(plain) % 4))


def strictly(plain: bytes) -> bytes | None:
    """By the alphabet of RFC 4648, section 4, group by group."""
    if re.fullmatch(rb"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?", plain):
        return binascii.a2b_base64(plain)
    return None


def decoded(pieces: list[bytes]) -> bytes | None:
    sink = Base64Sink(BlobWriter())
    for piece in pieces:
        sink.write(memoryview(piece))
    found = sink.finish()
    return found.read() if isinstance(found, Blob) else b"" if found == "" else None


def cut(text: bytes, cuts: list[int]) -> list[bytes]:
    found = []
    while text:
        for size in cuts:
            found.append(text[:size])
            text = text[size:]
    return found


@pytest.fixture(params=["pybase64", "binascii"], scope="module")
def decoder(request: pytest.FixtureRequest) -> Iterator[None]:
    """The sinks have this decoder."""
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "binascii":
            patch.setitem(sys.modules, "pybase64", None)
        codec.decoder.cache_clear()
        yield
    codec.decoder.cache_clear()


@pytest.mark.parametrize("text", [rb"-\n// //\\_", rb"\u/AAAAAA", rb"data:\x;base64,QUJD"])
@pytest.mark.parametrize("size", [1, 2, 3, 5, 10, 40])
def test_what_json_and_base64_refuse_is_no_picture(decoder, text, size):
    """Half an escape that is told apart wrongly would leave one that differs from what was sent."""
    assert obviously(text) is None
    for first in range(1, len(text)):
        assert decoded([text[:first], *cut(text[first:], [size])]) is None


@given(PREFIXES, TEXTS, CUTS)
@settings(deadline=None, max_examples=500)
def test_whatever_stands_in_a_string_is_read_alike_in_any_pieces(decoder, prefix, text, cuts):
    text = prefix + text
    assert decoded(cut(text, cuts)) == obviously(text)


@given(
    st.binary(max_size=900),
    st.sampled_from([rb"\n", rb"\r\n", b" ", rb"\/", rb"\u000a", rb"\t\n"]),
    st.integers(1, 80),
    CUTS,
    st.sampled_from([b"", rb"\\", b"*", rb"\x", rb"\n"]),
)
@settings(deadline=None)
def test_lines_of_any_length_are_joined(decoder, data, end, length, cuts, flaw):
    """Also where a flaw stands in the middle, which makes it no base64, or another."""
    plain = base64.b64encode(data)
    text = end.join(plain[at : at + length] for at in range(0, len(plain), length))
    text = text[: len(text) // 2] + flaw + text[len(text) // 2 :]
    assert decoded(cut(text, [size * 7 for size in cuts])) == obviously(text)


@given(
    st.lists(st.sampled_from(b"ABab01+/=\n -_\0\xff"), max_size=5).map(bytes), st.integers(0, 20)
)
@settings(deadline=None, max_examples=1000)
def test_the_decoder_takes_whole_groups_alone(decoder, tail, groups):
    """It is given nothing else. Long texts take another path in pybase64."""
    text = b"iVBORw0KGgoAAAAN" * groups + tail
    text = text[: len(text) & ~3]
    try:
        found = codec.decoder()(text)
    except ValueError:
        found = None
    assert found == strictly(text)
