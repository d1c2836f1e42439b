"""What a picture really is, from its bytes: held against files that Pillow wrote."""

from __future__ import annotations

import io
import struct
from functools import cache, partial
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from imagekit.basics.media import EXTENSIONS, Measured, measure
from imagekit.plan.references.flaws import find_flaw
from imagekit.plan.references.jpeg_drafts import may_be_drafted

pillow = pytest.importorskip("PIL.Image", reason="needs Pillow, which the sandbox brings")

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

#: name -> (media type, Pillow's format, mode, how to save)
KINDS: dict[str, tuple[str, str, str, dict[str, Any]]] = {
    "png": ("image/png", "PNG", "RGB", {}),
    "png with alpha": ("image/png", "PNG", "RGBA", {}),
    "jpeg": ("image/jpeg", "JPEG", "RGB", {}),
    "progressive jpeg": ("image/jpeg", "JPEG", "RGB", {"progressive": True}),
    "grey jpeg": ("image/jpeg", "JPEG", "L", {}),
    "lossy webp": ("image/webp", "WEBP", "RGB", {"quality": 60}),
    "lossless webp": ("image/webp", "WEBP", "RGB", {"lossless": True}),
    "lossy webp with alpha": ("image/webp", "WEBP", "RGBA", {"quality": 60}),
    "lossless webp with alpha": ("image/webp", "WEBP", "RGBA", {"lossless": True}),
    "gif": ("image/gif", "GIF", "P", {}),
    "bmp": ("image/bmp", "BMP", "RGB", {}),
}
MEDIA_TYPES = {media_type for media_type, *_ in KINDS.values()}
# 1 and the sizes where a byte or a field of the header overflows
SIZES = [(1, 1), (255, 3), (256, 2), (3, 257), (1201, 4), (2, 4097)]


@cache
def picture(kind: str, width: int = 37, height: int = 21) -> bytes:
    """A picture as Pillow writes it; the upper left corner is see-through where it can be."""
    _, format_, mode, options = KINDS[kind]
    image = pillow.new(mode, (width, height), 200)
    if mode == "RGBA":
        image.putpixel((0, 0), (9, 8, 7, 0))
    file = io.BytesIO()
    image.save(file, format_, **options)
    return file.getvalue()


def measured(data: bytes) -> Measured | None:
    return measure(io.BytesIO(data))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("width", "height"), SIZES)
def test_type_and_pixels_are_those_of_the_file(kind: str, width: int, height: int) -> None:
    assert measured(picture(kind, width, height)) == Measured(KINDS[kind][0], (width, height))


def test_the_three_layouts_of_webp_are_all_among_them() -> None:
    """Otherwise the test above would say less than it seems to."""
    layouts = {picture(kind)[12:16] for kind in KINDS if "webp" in kind}
    assert layouts == {b"VP8 ", b"VP8L", b"VP8X"}


@pytest.mark.parametrize("kind", ["jpeg", "progressive jpeg"])
@pytest.mark.parametrize("marker", [b"\xeb", b"\xfe", b"\xc4"], ids=["APP11", "COM", "DHT"])
@pytest.mark.parametrize("size", [2, 3, 500, 0xFFFF])
def test_a_jpeg_with_big_segments_before_its_size(kind: str, marker: bytes, size: int) -> None:
    """Provenance records and previews stand before the frame header, some with headers inside."""
    inside = (picture("jpeg", 5, 5) * 200)[: size - 2]
    segment = b"\xff" + marker + struct.pack(">H", size) + inside
    plain = picture(kind, 321, 123)
    data = plain[:2] + segment * 3 + plain[2:]
    assert measured(data) == Measured("image/jpeg", (321, 123))


def test_fill_bytes_before_a_jpeg_marker_are_skipped() -> None:
    plain = picture("jpeg")
    assert measured(plain[:2] + b"\xff" * 9 + plain[2:]) == Measured("image/jpeg", (37, 21))


class Counted(io.BytesIO):
    """A file that counts how often it is read."""

    reads = 0

    def read(self, size: int | None = -1, /) -> bytes:
        self.reads += 1
        return super().read(size)


@pytest.mark.parametrize("filling", [b"\xff", b"\xd0", b"\xff\xe0\x00\x02"])
@pytest.mark.parametrize(
    "look",
    [
        measure,
        partial(find_flaw, size=1 << 24, media_type="image/jpeg"),
        partial(may_be_drafted, pixels=1),
    ],
    ids=["measure", "find_flaw", "may_be_drafted"],
)
def test_what_a_jpeg_is_filled_with_is_not_read_byte_by_byte(filling: bytes, look: Any) -> None:
    data = b"\xff\xd8\xff" + filling * ((1 << 24) // len(filling))
    file = Counted(data)
    look(file)
    assert file.reads < 50_000


def test_a_bmp_stored_from_the_top_has_a_positive_height() -> None:
    data = bytearray(picture("bmp"))
    data[22:26] = struct.pack("<i", -21)
    assert measured(bytes(data)) == Measured("image/bmp", (37, 21))


@pytest.mark.parametrize(
    ("head", "media_type"),
    [
        (b"II*\0", "image/tiff"),
        (b"MM\0*", "image/tiff"),
        (b"\0\0\0\x20ftypavif", "image/avif"),
        (b"\0\0\0\x20ftypavis", "image/avif"),
        (b"\0\0\0\x18ftypheic", "image/heic"),
        (b"\0\0\0\x18ftypmif1", "image/heic"),
    ],
)
def test_formats_that_are_named_but_not_measured(head: bytes, media_type: str) -> None:
    assert measured(head + bytes(40)) == Measured(media_type, None)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x89PNG",
        b'{"error": "no"}',
        b"<!doctype html>",
        b"\0\0\0\x18ftypmp42",
        b"BM",
        b"RIFF",
    ],
)
def test_what_is_no_picture_has_no_type(data: bytes) -> None:
    assert measured(data) is None


def test_every_type_has_an_extension() -> None:
    assert all(EXTENSIONS[media_type].startswith(".") for media_type in MEDIA_TYPES)
    assert EXTENSIONS["image/jpeg"] == ".jpg"


def test_the_file_may_stand_anywhere_when_it_is_measured() -> None:
    file = io.BytesIO(picture("png"))
    file.seek(0, io.SEEK_END)
    assert measure(file) == Measured("image/png", (37, 21))


# --- hostile bytes -------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_that_breaks_off_tells_the_truth_or_nothing(kind: str) -> None:
    """At every length: the right type or none, the right pixels or none."""
    data, media_type = picture(kind), KINDS[kind][0]
    whole = Measured(media_type, (37, 21))
    header = data[:700]
    found = {measured(header[:length]) for length in range(len(header) + 1)}
    assert {None, whole} <= found <= {None, whole, Measured(media_type, None)}


@given(
    st.sampled_from(sorted(KINDS)).map(picture),
    st.lists(st.tuples(st.integers(0, 699), st.integers(0, 255)), max_size=8),
    st.integers(0, 700),
)
def test_damaged_files_never_raise(data: bytes, damage: list[tuple[int, int]], length: int) -> None:
    broken = bytearray(data[:length])
    for at, byte in damage:
        if at < len(broken):
            broken[at] = byte
    found = measured(bytes(broken))
    assert found is None or found.media_type in EXTENSIONS


@given(
    st.sampled_from(
        [b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"BM", b"RIFF1234WEBP"]
    ),
    st.binary(max_size=200),
)
def test_random_bytes_never_raise(start: bytes, rest: bytes) -> None:
    found = measured(start + rest)
    assert found is None or found.media_type in EXTENSIONS
