"""A record inside JPEG and WebP files: it comes back as it was put in, and no pixel has changed.

What holds of PNG files stands in test_png.py.
"""

from __future__ import annotations

import io
import random
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st
from PIL import Image as Pillow

from imagekit import Blob, Image, RecordError
from imagekit.client.metadata.chunks import LONGEST
from imagekit.client.metadata.record import KEYWORD, embed, read_record
from imagekit.plan.references.flaws import find_flaw

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(codec=None)),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


def drawn(kind: str, mode: str = "RGB", **options: Any) -> bytes:
    size = (60, 41)
    noise = random.Random(1).randbytes(size[0] * size[1] * len(mode))
    written = io.BytesIO()
    Pillow.frombytes(mode, size, noise).save(written, kind, **options)
    return written.getvalue()


def animated() -> bytes:
    frames = [Pillow.new("RGB", (60, 41), colour) for colour in ("red", "blue")]
    written = io.BytesIO()
    frames[0].save(written, "WEBP", save_all=True, append_images=frames[1:])
    return written.getvalue()


FILES = {
    "jpeg": drawn("JPEG"),
    "progressive jpeg": drawn("JPEG", progressive=True),
    "jpeg with exif": drawn("JPEG", exif=Pillow.Exif(), icc_profile=b"a profile" * 9_000),
    "jpeg with a comment": drawn("JPEG", comment=b"imagekit is not the author"),
    "webp": drawn("WEBP"),
    "lossless webp": drawn("WEBP", lossless=True),
    "webp with alpha": drawn("WEBP", "RGBA"),
    "lossless webp with alpha": drawn("WEBP", "RGBA", lossless=True),
    "webp with xmp": drawn("WEBP", xmp=b"<x:xmpmeta/>"),
    "animated webp": animated(),
}
each_file = pytest.mark.parametrize("file", FILES.values(), ids=FILES)


def embedded(record: Any, picture: bytes) -> bytes:
    return embed(Image(0, blob=Blob.of(picture)), record).read()


def read_bytes(file: bytes) -> Any:
    return read_record(io.BytesIO(file))


@given(JSON, st.sampled_from([*FILES.values()]))
def test_a_record_comes_back_as_it_was(record: Any, file: bytes) -> None:
    assert read_bytes(embedded(record, file)) == record


@each_file
def test_no_pixel_changes_and_the_file_stays_whole(file: bytes) -> None:
    told = embedded({"seed": 7}, file)
    with Pillow.open(io.BytesIO(file)) as before, Pillow.open(io.BytesIO(told)) as after:
        assert (after.mode, after.size) == (before.mode, before.size)
        assert after.tobytes() == before.tobytes()
        kept = {name: value for name, value in before.info.items() if name != "comment"}
        assert kept.items() <= after.info.items()
        assert getattr(after, "n_frames", 1) == getattr(before, "n_frames", 1)
    kind = f"image/{(before.format or '').lower()}"
    for one in (file, told):
        flaw = find_flaw(io.BytesIO(one), len(one), kind)
        assert (flaw is None) == (getattr(before, "n_frames", 1) == 1)


@each_file
def test_a_record_as_long_as_several_comments_comes_back(file: bytes) -> None:
    record = {"prompt": "北京" * 60_000}
    assert read_bytes(embedded(record, file)) == record


@each_file
def test_of_several_records_the_last_counts(file: bytes) -> None:
    assert read_bytes(embedded("second", embedded("first" * 20_000, file))) == "second"


@each_file
def test_a_picture_without_a_record_has_none(file: bytes) -> None:
    assert read_bytes(file) is None


def test_what_else_shows_comments_shows_the_record() -> None:
    with Pillow.open(io.BytesIO(embedded({"seed": 7}, FILES["jpeg"]))) as told:
        assert told.info["comment"] == b'imagekit 1/1\n{"seed": 7}'


def test_other_kinds_of_pictures_carry_none() -> None:
    with pytest.raises(
        RecordError, match="PNG, JPEG and WebP files only, and this one is image/gi"
    ):
        embedded("record", drawn("GIF"))
    with pytest.raises(RecordError, match="this is image/gif; only PNG, JPEG and WebP"):
        read_bytes(drawn("GIF"))
    with pytest.raises(RecordError, match="this is no picture"):
        read_bytes(b"a text")


@each_file
def test_a_record_that_is_too_long_is_refused(file: bytes) -> None:
    with pytest.raises(RecordError, match="too many to embed"):
        embedded("x" * LONGEST, file)


# --- hostile files -----------------------------------------------------------------------------


@each_file
def test_a_file_that_is_cut_off_anywhere_gets_a_sentence(file: bytes) -> None:
    told = embedded({"seed": 7}, file)
    for length in range(0, len(told), 7):
        with suppress(RecordError):
            assert read_bytes(told[:length]) in (None, {"seed": 7})
        with suppress(RecordError):
            embedded("record", told[:length])


@given(st.sampled_from([*FILES.values()]), st.data())
def test_a_file_that_lies_never_crashes(file: bytes, data: st.DataObject) -> None:
    told = bytearray(embedded({"seed": 7}, file))
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, min(len(told), 400) - 1) | st.integers(0, len(told) - 1))
        told[at] = data.draw(st.sampled_from([0, 1, 0x7F, 0xFE, 0xFF]) | st.integers(0, 255))
    for attempt in (read_bytes, lambda one: embedded("record", one)):
        with suppress(RecordError):
            attempt(bytes(told))


def comment(text: bytes) -> bytes:
    return b"\xff\xfe" + (len(text) + 2).to_bytes(2) + text


def jpeg_with(*more: bytes) -> bytes:
    return FILES["jpeg"][:2] + b"".join(more) + FILES["jpeg"][2:]


def webp_with(data: bytes, length: int | None = None) -> bytes:
    file = FILES["webp"]
    length = len(data) if length is None else length
    more = b"IMGK" + length.to_bytes(4, "little") + data + b"\0" * (len(data) % 2)
    return b"RIFF" + (len(file) - 8 + len(more)).to_bytes(4, "little") + file[8:] + more


@pytest.mark.parametrize(
    ("file", "says"),
    [
        (jpeg_with(comment(b"imagekit 1/2\n[1,")), "a part of it is missing"),
        (jpeg_with(comment(b"imagekit 1/3\n["), comment(b"imagekit 3/3\n]")), "is missing"),
        (jpeg_with(comment(b"imagekit 1/1\n\xff")), "not UTF-8"),
        (jpeg_with(comment(b"imagekit 1/1\n{")), "not JSON"),
        (jpeg_with(*[comment(b"imagekit 1/999\n" + b" " * 65_000)] * 2), "is missing"),
        (
            jpeg_with(*[comment(b"imagekit %d/300\n" % n + b" " * 65_000) for n in range(1, 301)]),
            "or more",
        ),
        (jpeg_with(b"\xff" * 20_000), "more than 16,384 segments"),
        (jpeg_with(b"\xff\xe0\0\1"), "malformed"),
        (jpeg_with(b"\xff\xd9"), "malformed"),
        (webp_with(b"imagekit\0\xff"), "not UTF-8"),
        (webp_with(b"imagekit\0{"), "not JSON"),
        (webp_with(b"imagekit\0" + b" " * LONGEST), "or more"),
        (webp_with(b"imagekit\0{}", 1 << 31), "truncated"),
    ],
)
def test_a_record_that_is_broken_gets_a_clear_sentence(file: bytes, says: str) -> None:
    with pytest.raises(RecordError, match=says):
        read_bytes(file)


@pytest.mark.parametrize(
    "file",
    [
        jpeg_with(comment(b"imagekit"), comment(b"imagekit 2/2\n{}"), comment(b"")),
        webp_with(b"imagekit"),
        webp_with(b"another\0{}"),
    ],
)
def test_what_is_not_ours_is_passed_over(file: bytes) -> None:
    assert read_bytes(file) is None
    assert read_bytes(embedded(KEYWORD, file)) == KEYWORD
