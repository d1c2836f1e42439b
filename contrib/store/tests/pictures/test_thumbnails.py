"""Small pictures are made when first asked for, of nothing that is dangerous."""

from __future__ import annotations

import io
import struct
import sys
import zlib

import pytest
from PIL import Image as Pillow

from imagekit import Blob, Image, UsageError
from imagekit_store.pictures import Gone, NoThumbnail, Pictures
from imagekit_store.pictures.place import Area


def drawn(mode: str, size: tuple[int, int], kind: str, **options: object) -> Blob:
    written = io.BytesIO()
    Pillow.new(mode, size, "red").save(written, kind, **options)
    return Blob.of(written.getvalue())


@pytest.mark.parametrize(
    ("mode", "kind"), [("RGB", "jpeg"), ("RGBA", "png"), ("P", "gif"), ("L", "webp"), ("1", "bmp")]
)
def test_a_thumbnail_is_a_small_webp(pictures: Pictures, mode: str, kind: str) -> None:
    kept = pictures.keep(drawn(mode, (600, 300), kind))

    small = Image(0, blob=pictures.thumbnail(kept.sha256, 128))

    assert (small.media_type, small.pixels) == ("image/webp", (128, 64))


def test_it_is_made_once_and_removed_with_its_picture(pictures: Pictures) -> None:
    kept = pictures.keep(drawn("RGB", (300, 300), "png"))
    for longest in (128, 256, 128):
        pictures.thumbnail(kept.sha256, longest)
    assert len(list(pictures.place.listed(Area.THUMBNAILS))) == 2

    pictures.forget(kept.sha256)

    assert not list(pictures.place.listed(Area.THUMBNAILS))
    with pytest.raises(Gone):
        pictures.thumbnail(kept.sha256, 128)


def test_what_a_picture_says_of_itself_is_not_in_its_thumbnail(pictures: Pictures) -> None:
    exif = Pillow.Exif()
    exif[0x0112] = 6  # lies on its side
    exif[0x010E] = "a secret lily"
    kept = pictures.keep(drawn("RGB", (400, 200), "jpeg", exif=exif))

    small = pictures.thumbnail(kept.sha256, 128)

    assert Image(0, blob=small).pixels == (64, 128)
    assert b"lily" not in small.read()


def bomb(width: int, height: int) -> bytes:
    """The head of a PNG that would fill the memory."""
    head = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + head + struct.pack(">I", zlib.crc32(head))


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (bomb(9000, 9000), "9000x9000 pixels, which is too many"),
        (bomb(60_000, 60_000), "60000x60000 pixels"),
        (bomb(30, 30), "can't be decoded as PNG"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n", "no thumbnail of what is no picture"),
        (b"II*\x00" + bytes(40), "no thumbnail of image/tiff"),
    ],
)
def test_what_is_broken_or_dangerous_is_refused(pictures: Pictures, data: bytes, why: str) -> None:
    kept = pictures.keep(Blob.of(data))

    with pytest.raises(NoThumbnail, match=why):
        pictures.thumbnail(kept.sha256, 128)


def test_there_are_few_sizes_so_that_nobody_fills_the_disk(pictures: Pictures) -> None:
    with pytest.raises(UsageError, match="128, 256, 512, 1024 pixels on its longer side, not 129"):
        pictures.thumbnail("0" * 64, 129)


def test_without_pillow_it_says_what_to_install(
    pictures: Pictures, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = pictures.keep(drawn("RGB", (3, 3), "png"))
    monkeypatch.setitem(sys.modules, "PIL", None)

    with pytest.raises(ModuleNotFoundError, match=r"pip install 'imagekit-store\[thumbnails\]'"):
        pictures.thumbnail(kept.sha256, 128)
