"""Pictures that begin well: whole, cut off, or animated, as Pillow writes them."""

from __future__ import annotations

import io
import struct
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from imagekit.basics.media import measure
from imagekit.plan.references.flaws import ANIMATED, TRUNCATED, find_flaw

pillow = pytest.importorskip("PIL.Image", reason="needs Pillow, which the sandbox brings")

WHOLE: dict[str, tuple[str, dict[str, Any]]] = {
    "png": ("PNG", {}),
    "jpeg": ("JPEG", {}),
    "progressive jpeg": ("JPEG", {"progressive": True}),
    "jpeg with a comment that looks like an end": ("JPEG", {"comment": b"\xff\xd9"}),
    "gif": ("GIF", {}),
    "lossy webp": ("WEBP", {}),
    "lossless webp": ("WEBP", {"lossless": True}),
    "webp with a profile": ("WEBP", {"icc_profile": b"x" * 99}),
    "bmp": ("BMP", {}),
}
MOVING: dict[str, dict[str, Any]] = {"PNG": {}, "GIF": {}, "WEBP": {"lossless": True}}


def picture(kind: str, **options: Any) -> bytes:
    frame = pillow.linear_gradient("L").resize((40, 30)).convert("RGB")
    file = io.BytesIO()
    frame.save(file, kind, **options)
    return file.getvalue()


def flaw(data: bytes) -> str | None:
    found = measure(io.BytesIO(data))
    assert found is not None
    return find_flaw(io.BytesIO(data), len(data), found.media_type)


@pytest.mark.parametrize("name", WHOLE)
def test_a_whole_picture_has_no_flaw(name: str) -> None:
    kind, options = WHOLE[name]
    assert flaw(picture(kind, **options)) is None


@pytest.mark.parametrize("name", WHOLE)
@pytest.mark.parametrize("kept", [0.3, 0.7, 0.99])
def test_a_part_of_one_is_cut_off(name: str, kept: float) -> None:
    kind, options = WHOLE[name]
    data = picture(kind, **options)
    assert flaw(data[: int(len(data) * kept)]) == TRUNCATED


@pytest.mark.parametrize("kind", MOVING)
def test_several_frames_are_animated(kind: str) -> None:
    frames = [pillow.new("RGB", (40, 30), color) for color in ("red", "blue")]
    data = picture(kind, save_all=True, append_images=frames, **MOVING[kind])
    assert flaw(data) == ANIMATED


def test_what_cameras_append_is_no_flaw() -> None:
    assert flaw(picture("JPEG") + bytes(70_000)) is None
    assert flaw(picture("PNG") + b"trailer") is None


def test_an_end_marker_may_be_torn_by_the_chunks_it_is_read_in() -> None:
    """The scan of a picture of any length ends where its marker is, wherever that falls."""
    head = picture("JPEG")
    scan = head.index(b"\xff\xda")
    begin = scan + 2 + struct.unpack(">H", head[scan + 2 : scan + 4])[0]
    data = head[:begin] + b"\x01" * ((1 << 16) - 1) + b"\xff\xd9" + bytes(9)
    assert flaw(data) is None


def test_a_gif_whose_writer_forgot_the_trailer_is_whole() -> None:
    assert flaw(picture("GIF")[:-1]) is None


@pytest.mark.parametrize(
    ("brand", "rest", "expected"),
    [
        (b"avif", struct.pack(">I4s", 8, b"mdat"), None),
        (b"avif", struct.pack(">I4s", 0, b"mdat") + b"all the rest", None),
        (b"avif", struct.pack(">I4sQ", 1, b"mdat", 16), None),
        (b"heic", struct.pack(">I4s", 99, b"mdat"), TRUNCATED),
        (b"heic", struct.pack(">I4sQ", 1, b"mdat", 1 << 40), TRUNCATED),
        (b"heic", b"\0\0", TRUNCATED),
        (b"avis", b"", ANIMATED),
    ],
)
def test_heic_and_avif_are_told_by_their_boxes(
    brand: bytes, rest: bytes, expected: str | None
) -> None:
    assert flaw(struct.pack(">I4s4s4s", 16, b"ftyp", brand, bytes(4)) + rest) == expected


@settings(deadline=None)
@given(st.sampled_from(sorted(WHOLE)), st.data())
def test_hostile_bytes_never_raise_and_always_end(name: str, data: st.DataObject) -> None:
    kind, options = WHOLE[name]
    whole = picture(kind, **options)
    at = data.draw(st.integers(4, len(whole)))
    noise = data.draw(st.binary(max_size=200))
    broken = whole[:at] + noise + whole[at + data.draw(st.integers(0, 50)) :]
    found = measure(io.BytesIO(broken))
    media_type = found.media_type if found else "image/png"
    assert find_flaw(io.BytesIO(broken), len(broken), media_type) in (None, TRUNCATED, ANIMATED)
