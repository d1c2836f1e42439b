"""A record inside a PNG: it comes back as it was put in, and nothing else has changed."""

from __future__ import annotations

import io
import struct
import zlib
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st
from PIL import Image as Pillow, PngImagePlugin

from imagekit import Blob, Image, RecordError
from imagekit.client.metadata.chunks import LONGEST
from imagekit.client.metadata.record import KEYWORD, embed, read_record

Chunks = list[tuple[bytes, bytes]]
SIGNATURE = b"\x89PNG\r\n\x1a\n"

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec=None)),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


def chunk(kind: bytes, data: bytes = b"", crc: int | None = None) -> bytes:
    crc = zlib.crc32(kind + data) if crc is None else crc
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", crc)


def chunks(file: bytes) -> Chunks:
    found, offset = [], 8
    while offset < len(file):
        (length,) = struct.unpack_from(">I", file, offset)
        found.append((file[offset + 4 : offset + 8], file[offset + 8 : offset + 8 + length]))
        offset += 12 + length
    return found


def drawn(**options: Any) -> bytes:
    """A picture of many pixels, with chunks of its own, as Pillow writes it."""
    picture = Pillow.effect_noise((96, 64), 50)
    file = io.BytesIO()
    picture.save(file, "PNG", dpi=(72, 72), **options)
    return file.getvalue()


PICTURE = drawn()
SMALL = PICTURE[:33] + PICTURE[-12:]  # a header and an end


def embedded(record: Any, picture: bytes = PICTURE) -> bytes:
    return embed(Image(0, blob=Blob.of(picture)), record).read()


def read_bytes(file: bytes) -> Any:
    return read_record(io.BytesIO(file))


# --- there and back --------------------------------------------------------------------------


@settings(deadline=None)
@given(JSON)
def test_a_record_comes_back_and_no_pixel_and_no_other_chunk_has_changed(record):
    file = embedded(record)
    assert read_bytes(file) == record
    *kept, text, end = chunks(file)
    assert [*kept, end] == chunks(PICTURE)
    assert text[0] == b"iTXt"
    with Pillow.open(io.BytesIO(file)) as after, Pillow.open(io.BytesIO(PICTURE)) as before:
        assert after.tobytes() == before.tobytes()


def test_other_programs_can_read_the_record_and_find_the_file_sound():
    with Pillow.open(io.BytesIO(embedded({"prompt": "ein Bär ☃"}))) as picture:
        picture.load()
        assert picture.text[KEYWORD] == '{"prompt": "ein Bär ☃"}'


def test_what_stands_after_the_end_stays_there():
    file = embedded("record", PICTURE + b"left over")
    assert file.endswith(b"left over")
    assert read_bytes(file) == "record"


def test_of_several_records_the_last_counts():
    assert read_bytes(embedded("second", embedded("first"))) == "second"


def test_a_compressed_record_is_read_as_well():
    """imagekit writes none, but other programs pack text when they save a picture anew."""
    info = PngImagePlugin.PngInfo()
    info.add_itxt(KEYWORD, '{"seed": 7}', zip=True)
    assert read_bytes(drawn(pnginfo=info)) == {"seed": 7}


def test_a_picture_without_a_record_has_none():
    assert read_bytes(PICTURE) is None


# --- what can't be embedded ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("picture", "says"),
    [
        (b"text", "this one is unknown"),
        (SIGNATURE, "truncated"),
        (PICTURE[:-1], "truncated"),
        (PICTURE[:100], "truncated"),
    ],
)
def test_a_record_fits_into_a_whole_png_only(picture, says):
    with pytest.raises(RecordError, match=says):
        embedded("record", picture)


@pytest.mark.parametrize(
    ("record", "says"),
    [
        (float("nan"), "not JSON"),
        ({1, 2}, "not JSON"),
        ("x" * LONGEST, "too many to embed"),
    ],
    ids=["nan", "set", "long"],
)
def test_a_record_is_json_of_a_sane_length(record, says):
    with pytest.raises(RecordError, match=says):
        embedded(record)


# --- hostile files -----------------------------------------------------------------------------


def png_with(*more: bytes) -> bytes:
    return b"".join((PICTURE[:-12], *more, PICTURE[-12:]))


def itxt(text: bytes, flags: bytes = b"\0\0") -> bytes:
    return KEYWORD.encode() + b"\0" + flags + b"\0\0" + text


BOMB = zlib.compress(b"0" * (LONGEST + 1))


@pytest.mark.parametrize(
    ("file", "says"),
    [
        (b"", "no picture"),
        (png_with(chunk(b"iTXt", itxt(b"{}"), crc=0)), "checksum is wrong"),
        (png_with(chunk(b"iTXt", itxt(b"\xff"))), "not UTF-8"),
        (png_with(chunk(b"iTXt", itxt(b"{"))), "not JSON"),
        (png_with(chunk(b"iTXt", itxt(b"[" * 200_000))), "not JSON"),
        (png_with(chunk(b"iTXt", itxt(b"9" * 5_000))), "not JSON"),
        (png_with(chunk(b"iTXt", itxt(BOMB, b"\1\0"))), "or more"),
        (png_with(chunk(b"iTXt", itxt(b"no deflate", b"\1\0"))), "can't be decompressed"),
        (png_with(chunk(b"iTXt", itxt(BOMB[:500], b"\1\0"))), "breaks off"),
        (png_with(chunk(b"iTXt", itxt(b"{}", b"\1\1"))), "malformed"),
        (png_with(chunk(b"iTXt", itxt(b"{}", b"\2\0"))), "malformed"),
        (png_with(chunk(b"iTXt", KEYWORD.encode() + b"\0")), "malformed"),
        (png_with(chunk(b"iTXt", KEYWORD.encode() + b"\0\0\0no end")), "malformed"),
        (png_with(b"\xff\xff\xff\xffiTXt" + itxt(b"{}")), "truncated"),
        (png_with(chunk(b"iTXt", itxt(b" " * LONGEST))), "or more"),
    ],
)
def test_a_file_that_lies_gets_a_clear_sentence(file, says):
    with pytest.raises(RecordError, match=says):
        read_bytes(file)


@settings(deadline=None)
@given(st.data())
def test_no_damage_to_a_file_is_more_than_a_record_error(data):
    file = bytearray(embedded({"prompt": "a corgi"}, SMALL))
    for at in data.draw(st.lists(st.integers(0, len(file) - 1), max_size=4)):
        file[at] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(file)))
    with suppress(RecordError):
        read_bytes(bytes(file[:cut]))
    with suppress(RecordError):
        embedded("another", bytes(file[:cut]))
