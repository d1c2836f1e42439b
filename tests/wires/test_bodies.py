"""Bodies in JSON: what is sent is what `json.dumps` would make, and no picture is held for it."""

from __future__ import annotations

import base64
import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from imagekit import Blob
from imagekit.wires import Inline, json_body

#: Few and shared: making them is what takes time.
BLOBS = [Blob.of(bytes(range(250)) * 280), Blob.of(b"x"), Blob.of(b"")]

texts = st.text(st.characters(codec="utf-8"), max_size=5)
inlines = st.builds(Inline, st.sampled_from(BLOBS), texts)
documents = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), texts, inlines),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(texts, inner, max_size=3)),
    max_leaves=8,
)


def with_texts(document: Any) -> Any:
    """The document with the text of each `Inline` in its place."""
    if isinstance(document, Inline):
        return document.prefix + base64.b64encode(document.blob.read()).decode()
    if isinstance(document, dict):
        return {name: with_texts(inner) for name, inner in document.items()}
    return [*map(with_texts, document)] if isinstance(document, list) else document


@settings(deadline=None)
@given(documents)
def test_it_is_what_json_dumps_would_make(document: Any) -> None:
    wanted = json.dumps(with_texts(document), ensure_ascii=False, separators=(",", ":")).encode()
    body = json_body(document)
    assert body.read() == wanted
    assert body.size == len(wanted)


def test_a_document_without_pictures_is_one_piece() -> None:
    assert json_body({"prompt": "a lily"}).parts == (b'{"prompt":"a lily"}',)


def test_a_small_picture_is_text_among_others() -> None:
    small = Inline(Blob.of(b"lily"), "data:,")
    assert json_body({"image": small}).parts == (b'{"image":"data:,bGlseQ=="}',)


def test_a_large_picture_stays_in_its_file() -> None:
    large = Inline(Blob.of(bytes(100_000)), "data:,")
    parts = (b'{"image":["', large, b'","', large, b'"]}')
    assert json_body({"image": [large, large]}).parts == parts


@pytest.mark.parametrize("beside", [None, Inline(Blob.of(b"lily"), "")])
def test_what_json_has_no_word_for_is_named(beside: Any) -> None:
    with pytest.raises(TypeError, match="no word for a value of the type date"):
        json_body([beside, date(2026, 11, 21)])
