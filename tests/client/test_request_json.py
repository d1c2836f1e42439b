"""`read_json`: what strangers send to a server of ours."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, strategies as st

from imagekit import Image, UsageError, read_json
from imagekit.client.request_json import _fields
from imagekit.testing import picture as png

NAMES = ("image", "mask")
LINK = "https://example.com/a.png"


def pieces(text: bytes, size: int) -> Iterator[bytes]:
    return (text[at : at + size] for at in range(0, len(text), size))


def data_url(picture: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(picture).decode()}"


@pytest.mark.parametrize("size", [7, 1 << 16])
def test_pictures_are_decoded_wherever_they_stand_and_links_stay(size: int) -> None:
    picture = png(64, 64)
    body = {
        "image": [
            data_url(picture),
            LINK,
            base64.b64encode(picture).decode(),
        ],
        "mask": data_url(picture),
        "prompt": data_url(picture),
    }
    read = read_json(pieces(json.dumps(body).encode(), size), NAMES)
    first, link, bare = read["image"]
    assert [one.read() for one in (first, bare, read["mask"])] == [picture] * 3
    assert isinstance(first, Image)
    assert link == LINK
    assert read["prompt"] == body["prompt"]


def test_what_might_be_a_path_stays_a_text() -> None:
    assert read_json([b'{"image": "/etc/passwd"}'], NAMES) == {"image": "/etc/passwd"}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (b"", "empty"),
        (b"{", "truncated"),
        (b"hello", "not JSON"),
        (b'{"n": NaN}', "not JSON"),
        (b'{"n": 1, "n": 2}', "'n' is there twice"),
        (b'{"a": {"b": 1, "b": 1}}', "'b' is there twice"),
        (b'{"prompt": "a \xff"}', "not UTF-8"),
        (b'{"prompt": "\\ud800"}', "prompt has half a character"),
        (b'{"\\ud800": 1}', "a name in the body has half a character"),
        (b'{"a": [{"\\ud800": 1}]}', r"a name in a\[0\] has half a character"),
        (b'{"image": ["data:image/png;base64,@@@"]}', r"image\[0\]: bad base64"),
        (b'{"prompt": "' + b"x" * (2 << 20) + b'"}', "prompt is longer than any text"),
        (b"[" * 1000 + b"]" * 1000, "JSON"),
    ],
)
def test_what_a_strict_reader_does_not_take_is_refused_in_a_sentence(
    text: bytes, says: str
) -> None:
    with pytest.raises(UsageError, match=says):
        read_json(pieces(text, 1 << 16), NAMES)


def test_a_field_that_is_named_twice_is_found_in_one_pass() -> None:
    """Sixty thousand fields would else stop a server for half a minute."""
    looked_at = 0

    class Name(str):
        __slots__ = ()

        def __eq__(self, other: object) -> bool:
            nonlocal looked_at
            looked_at += 1
            return str.__eq__(self, other)

        __hash__ = str.__hash__

    names = [Name(number) for number in [*range(1000), 999]]
    with pytest.raises(UsageError, match="'999' is there twice"):
        _fields([(name, None) for name in names])
    assert looked_at < 3 * len(names)


def test_a_place_is_told_in_a_sentence_however_deep_and_long_its_names_are() -> None:
    """It is not put into words for what is as it has to be."""
    deep: Any = "\ud800"
    for number in range(100):
        deep = {"k" * 1000: [deep], "n": number}
    with pytest.raises(UsageError, match=r"^\.\.\..*kkk\[0\] has half a character") as caught:
        read_json([json.dumps(deep).encode()])
    assert len(str(caught.value)) < 1000


def test_no_more_is_read_than_is_taken() -> None:
    def endless() -> Iterator[bytes]:
        yield b'{"prompt": "'
        while True:
            yield b"x" * 1000

    with pytest.raises(UsageError, match="more than 5,000 bytes"):
        read_json(endless(), most=5000)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    ),
    st.integers(1, 50),
)
def test_what_is_no_picture_is_read_as_json_reads_it(value: Any, size: int) -> None:
    text = json.dumps(value).encode()
    assert read_json(pieces(text, size)) == json.loads(text)
