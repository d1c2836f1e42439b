"""The incremental reader against ``json.loads``: the same document however it is cut up."""

from __future__ import annotations

import base64
import json
import tracemalloc
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from imagekit import Blob
from imagekit.send.reading.body import Defect, Reader
from imagekit.send.reading.json import (
    DEEPEST,
    LONG_TEXT,
    LONGEST_NUMBER,
    MOST_BLOBS,
    MOST_ITEMS,
    SKELETON,
)
from imagekit.send.reading.short_pictures import LONG_LINK, LONGEST_NAME

#: As short as they may be, so that every state meets every cut.
CUTS = st.lists(st.integers(1, 9), min_size=1, max_size=6)
KEYS = st.text(max_size=4) | st.sampled_from(["b64_json", "url", "data", "inline"])
DOCUMENTS = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(KEYS, inner),
    max_leaves=20,
)


def pieces(body: bytes, cuts: list[int]) -> list[bytes]:
    """``body`` in pieces of these sizes, over and over."""
    found, at, turn = [], 0, 0
    while at < len(body):
        size = cuts[turn % len(cuts)]
        found.append(body[at : at + size])
        at, turn = at + size, turn + 1
    return found


def read(
    body: bytes, cuts: list[int], blobs: tuple[str, ...] = (), links: tuple[str, ...] = ()
) -> Any:
    reader = Reader(frozenset(blobs), frozenset(links))
    for piece in pieces(body, cuts):
        reader.feed(piece)
    return reader.finish()


@given(DOCUMENTS, CUTS, st.booleans(), st.sampled_from([None, 1]))
@settings(deadline=None)
def test_any_document_in_any_pieces_is_what_json_makes_of_it(document, cuts, ascii_only, indent):
    text = json.dumps(document, ensure_ascii=ascii_only, indent=indent)
    body = text.encode("utf-8", "replace")
    assert read(body, cuts) == json.loads(body)


@st.composite
def escaped(draw: st.DrawFn, text: str) -> str:
    """The same JSON string with any of its characters written as an escape."""
    ways = {0: lambda c: c, 1: lambda c: f"\\u{ord(c):04x}", 2: lambda c: c.replace("/", "\\/")}
    return "".join(ways[draw(st.sampled_from([0, 0, 0, 1, 2]))](c) for c in text)


@given(st.lists(st.binary(min_size=1, max_size=40), max_size=4), CUTS, st.data())
@settings(deadline=None)
def test_pictures_are_decoded_whatever_their_escapes_prefix_and_pieces(pictures, cuts, data):
    items = []
    for picture in pictures:
        prefix = data.draw(st.sampled_from(["", "data:image/png;base64,"]))
        plain = prefix + base64.b64encode(picture).decode()
        items.append(f'{{"b64_json": "{data.draw(escaped(plain))}", "seed": 1}}')
    body = f'{{"data": [{", ".join(items)}]}}'.encode()
    found = read(body, cuts, blobs=("b64_json",))["data"]
    assert [item["b64_json"].read() for item in found] == pictures
    assert all(item["seed"] == 1 for item in found)


def test_a_field_may_be_declared_with_the_one_it_stands_in():
    """``data`` is a picture inside of ``inlineData``, and text anywhere else."""
    body = b'{"data": "QUJD", "parts": [{"inlineData": {"mimeType": "x", "data": "QUJD"}}]}'
    for cuts in ([len(body)], [3]):
        found = read(body, cuts, blobs=("inlineData.data",))
        assert found["data"] == "QUJD"
        assert found["parts"][0]["inlineData"]["data"].read() == b"ABC"


@pytest.mark.parametrize("cut", [1 << 20, 100])
def test_a_name_beyond_any_length_is_not_looked_up_for_what_stands_under_it(cut):
    """It would be made anew for each of a hundred thousand texts."""
    name = "n" * (LONGEST_NAME + 1)
    body = json.dumps({name: ["QUJD"], "a": {name: "QUJD"}, name[1:]: ["QUJD"], "n": "QUJD"})
    found = read(body.encode(), [cut], blobs=(name, name[1:], "n"))
    assert (found[name], found["a"]) == (["QUJD"], {name: "QUJD"})
    assert [found[name[1:]][0].read(), found["n"].read()] == [b"ABC"] * 2


@pytest.mark.parametrize("value", ["null", '""', "17", "[]", '{"b64_json": null}'])
def test_a_picture_field_without_a_picture_stays_as_it_is(value):
    body = f'{{"b64_json": {value}}}'.encode()
    for cuts in ([len(body)], [2]):
        assert read(body, cuts, blobs=("b64_json",)) == json.loads(body)


@pytest.mark.parametrize("link", ["https://h/" + "a" * LONG_LINK, "http://h/?" + "%20" * LONG_LINK])
def test_a_very_long_link_is_a_link(link):
    body = json.dumps({"url": link}).encode()
    assert read(body, [1000], links=("url",)) == {"url": link}


def test_a_picture_in_a_link_field_is_decoded_as_it_comes(png):
    for prefix in ("", "data:image/png;base64,"):
        text = prefix + base64.b64encode(png * 200).decode()
        found = read(json.dumps({"url": text}).encode(), [1000], links=("url",))
        assert found["url"].read() == png * 200


@pytest.mark.parametrize("cut", [1 << 20, 100])
def test_a_number_that_nobody_counts_up_to_stays_its_text(cut):
    """Python reads none of more than 4,300 digits, and a longer one would cost the picture."""
    least, endless = "9" * LONGEST_NUMBER, "9" * 5000
    body = f'{{"b64_json": "QUJD", "usage": [{least}, {least}0, -{endless}]}}'.encode()
    found = read(body, [cut], blobs=("b64_json",))
    assert found["b64_json"].read() == b"ABC"
    assert found["usage"] == [int(least), f"{least}0", f"-{endless}"]


@pytest.mark.parametrize("character", ["a", "é", "\\", '"', "\U0001f337", "\ud83c"])
def test_a_very_long_text_is_kept_verbatim_outside_of_memory(character):
    """Escapes, surrogate pairs and their halves included."""
    text = character * (LONG_TEXT + 3)
    body = json.dumps({"thoughtSignature": text, "n": 1}).encode()
    found = read(body, [7919])
    assert found["n"] == 1
    assert isinstance(found["thoughtSignature"], Blob)
    assert found["thoughtSignature"].read() == text.encode("utf-8", "surrogatepass")


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"[" + b"1," * (MOST_ITEMS + 2), f"more than {MOST_ITEMS:,} items"),
        (b"[" * (DEEPEST + 1), f"nested more than {DEEPEST} levels deep"),
        (b'["' + b'a","' * (SKELETON // 4 + 9), "more than"),
        (b'{"b64_json": "QUJD"},' * (MOST_BLOBS + 1), f"more than {MOST_BLOBS} pictures"),
        (b'[1, "a", NaN, 2]', "not JSON"),
        (b'[1, "a", -Infinity]', "not JSON"),
    ],
    ids=["items", "levels", "text", "pictures", "NaN", "Infinity"],
)
def test_what_no_answer_needs_is_given_up(body, says):
    with pytest.raises(Defect, match=says):
        read(body, [100], blobs=("b64_json",))


@pytest.mark.parametrize("escape", [r"\uZZZZ", r"\u12\u1234", r"\ud83d\uZZZZ", r"\ud83d\uddzz"])
@pytest.mark.parametrize("cut", [1, 7, 1 << 16])
def test_what_can_not_become_an_escape_ends_a_very_long_text(escape, cut):
    """It would be kept in memory with all that follows."""
    reader = Reader(frozenset(), frozenset())
    reader.feed(b'{"text": "')
    reader.feed(b"a" * (LONG_TEXT + 1))
    with pytest.raises(Defect, match="not JSON"):
        list(map(reader.feed, pieces(escape.encode() + b"b" * 12, [cut])))


@pytest.mark.parametrize(
    "text",
    [
        r"\ud83d",
        r"\ud83d\ud83d\ude00",
        r"\ud83d\u0041",
        r"\ud83d\n",
        r"\ud83da\ude00",
        r"\\ud83d\uD83D\uDE00",
    ],
)
@pytest.mark.parametrize("cut", [1, 2, 5, 7, 1 << 16])
def test_half_a_surrogate_pair_in_a_very_long_text_is_what_json_makes_of_it(text, cut):
    """And is taken once something else has come than the other half: it does not wait for more."""
    long = "a" * (LONG_TEXT + 1)
    reader = Reader(frozenset(), frozenset())
    reader.feed(f'["{long}'.encode())
    for piece in [*pieces(text.encode(), [cut]), b"b" * 50, b'"]']:
        reader.feed(piece)
    expected = json.loads(f'"{text}"').encode("utf-8", "surrogatepass")
    assert reader.finish()[0].read() == long.encode() + expected + b"b" * 50


def test_memory_does_not_grow_with_the_pictures():
    """Sixteen pictures of 4 MiB go through a few hundred kilobytes."""
    chunk = base64.b64encode(bytes(48 * 1024))
    reader = Reader(frozenset({"b64_json"}), frozenset())
    tracemalloc.start()
    try:
        reader.feed(b'{"data": [')
        for number in range(16):
            reader.feed(b'%s{"b64_json": "' % (b"," if number else b""))
            for _ in range(86):
                reader.feed(chunk)
            reader.feed(b'"}')
        reader.feed(b"]}")
        document = reader.finish()
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert sum(item["b64_json"].size for item in document["data"]) > 64 << 20
    assert peak < 4 << 20
