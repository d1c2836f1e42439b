"""What a request carries: its size and digest are those of its bytes, which nobody holds."""

from __future__ import annotations

import base64
import hashlib
import os
import pickle
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st

from imagekit import Blob, Body, Request
from imagekit.values.body import Inline, Part, TornBody

PIECE = 1 << 16  # bytes, the longest piece of a blob or of its base64


def plain(part: Part) -> bytes:
    if isinstance(part, Inline):
        return part.prefix.encode() + base64.b64encode(part.blob.read())
    return part if isinstance(part, bytes) else part.read()


texts = st.binary(max_size=20)
blobs = st.one_of(st.integers(0, 7), st.integers(49_150, 49_156), st.integers(98_303, 98_305)).map(
    lambda size: Blob.of(os.urandom(size))
)
inlines = st.builds(Inline, blobs, st.sampled_from(["", "data:image/png;base64,", "é"]))


@settings(deadline=None)
@given(st.lists(st.one_of(texts, blobs, inlines), max_size=6))
def test_it_is_the_bytes_of_its_parts(parts: list[Part]) -> None:
    body, whole = Body(parts), b"".join(map(plain, parts))
    assert body.read() == whole
    assert body.size == len(whole)
    assert body.sha256 == hashlib.sha256(whole).hexdigest()
    assert all(len(chunk) <= PIECE for chunk in body.chunks())


def test_it_can_be_read_again_and_again() -> None:
    body = Body([b"a ", Blob.of(b"lily"), b"!"])
    assert [*body.chunks()] == [*body.chunks()] == [b"a ", b"lily", b"!"]


def test_neighbouring_bytes_are_one_part() -> None:
    assert Body([b"a", b"b", blob := Blob.of(b"c"), b"d"]).parts == (b"ab", blob, b"d")


def test_bodies_of_the_same_bytes_are_equal() -> None:
    one, other = Body([b"a lily"]), Body([b"a ", Blob.of(b"lily")])
    assert one == other
    assert hash(one) == hash(other)
    assert one != Body([b"a lilo"])
    assert one != b"a lily"


def test_its_repr_tells_nothing_but_its_size() -> None:
    assert repr(Body([b"a lily " * 300])) == "<Body 2,100 bytes>"


def test_it_can_be_pickled() -> None:
    body = Body([b"a ", Inline(Blob.of(b"lily"), "base64:")])
    assert pickle.loads(pickle.dumps(body)) == body


@pytest.mark.parametrize("part", ["a lily", None, 5])
def test_what_is_no_bytes_is_no_part(part) -> None:
    kind = type(part).__name__
    with pytest.raises(TypeError, match=f"made of bytes and blobs, not of {kind}"):
        Body([part])


def test_a_request_takes_bytes_as_well() -> None:
    assert Request("POST", "https://garden.invalid", body=b"a lily").body == Body([b"a lily"])


@pytest.mark.skipif(os.name == "nt", reason="an open file can't be cut off there")
@pytest.mark.parametrize("part", [lambda blob: blob, lambda blob: Inline(blob, "")])
def test_a_file_that_was_cut_off_is_noticed_before_too_little_is_given(part, tmp_path: Path):
    path = tmp_path / "lily.png"
    path.write_bytes(bytes(200_000))
    body = Body([b"a lily: ", part(Blob.of_file(path)), b"!"])
    os.truncate(path, 100_000)
    given: list[bytes] = []
    with pytest.raises(TornBody, match="of 200,000 bytes only 100,000 are there any more"):
        given.extend(body.chunks())
    assert given[0] == b"a lily: "
    assert b"!" not in given
    with pytest.raises(TornBody):
        body.sha256  # noqa: B018


def test_whatever_a_keeper_of_bytes_raises_is_told_as_one_thing() -> None:
    def get() -> Blob:
        raise LookupError("the bucket is gone")

    with pytest.raises(TornBody, match="the bucket is gone"):
        Body([Blob.of_object(get, 5, "0" * 64)]).read()
