"""What a notebook shows of pictures, and Pillow's way to them."""

from __future__ import annotations

import base64
import io
import random
import sys
from typing import Any

import pytest
from PIL import Image as Pillow

from imagekit import Client, DownloadError, Failure, Image, Result
from imagekit.basics.blob import Blob
from imagekit.values.jupyter import ACROSS, MOST_BYTES, MOST_PICTURES

LINK = "https://pictures.example/a.png?signature=s3cret"


def drawn(kind: str = "PNG", size: tuple[int, int] = (2000, 1000), mode: str = "RGB") -> bytes:
    """Noise, which no format makes small."""
    noise = random.Random(1).randbytes(size[0] * size[1] * len(mode))
    written = io.BytesIO()
    Pillow.frombytes(mode, size, noise).save(written, kind)
    return written.getvalue()


def picture(data: bytes | None = None, index: int = 0, url: str | None = None) -> Image:
    return Image(index, url, blob=None if data is None else Blob.of(data))


def shown(thing: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    return thing._repr_mimebundle_(include=None, exclude=None)


def decoded(text: str) -> Pillow.Image:
    return Pillow.open(io.BytesIO(base64.b64decode(text)))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_a_small_picture_is_shown_as_it_is(kind: str) -> None:
    data = drawn(kind, (250, 500))
    bundle, metadata = shown(picture(data))
    media_type = f"image/{kind.lower()}"
    assert base64.b64decode(bundle[media_type]) == data
    assert metadata == {media_type: {"width": 250, "height": 500}}
    assert bundle["text/plain"].startswith(f"picture 1: 250x500 {kind.lower()}, ")


@pytest.mark.parametrize(
    ("kind", "mode", "as_what"),
    [
        ("PNG", "RGB", "JPEG"),
        ("PNG", "RGBA", "PNG"),
        ("WEBP", "RGB", "JPEG"),
        ("TIFF", "RGB", "JPEG"),
        ("BMP", "L", "JPEG"),
    ],
)
def test_a_large_picture_is_scaled_down(kind: str, mode: str, as_what: str) -> None:
    bundle, metadata = shown(picture(drawn(kind, (900, 900), mode)))
    media_type = f"image/{as_what.lower()}"
    assert len(bundle[media_type]) <= MOST_BYTES * 4 // 3 + 4
    with decoded(bundle[media_type]) as small:
        assert small.format == as_what
        assert max(small.size) == (ACROSS if as_what == "JPEG" else ACROSS // 2)  # it is noise
        assert metadata == {media_type: {"width": small.width, "height": small.height}}


def test_without_pillow_a_large_picture_is_told_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    large, small = drawn(), drawn("JPEG", (64, 64))
    monkeypatch.setitem(sys.modules, "PIL", None)
    assert [*shown(picture(large))[0]] == ["text/plain"]
    assert "image/jpeg" in shown(picture(small))[0]
    with pytest.raises(ModuleNotFoundError, match=r"imagekit\[pillow\]"):
        picture(small).pil()


@pytest.mark.parametrize("data", [b"no picture at all" * 9, drawn()[:700_000]])
def test_a_broken_picture_breaks_no_notebook(data: bytes) -> None:
    image = picture(data)
    assert [*shown(image)[0]] == ["text/plain"]
    with pytest.raises(OSError, match="picture 1 can't be decoded: "):
        image.pil()


def test_a_picture_of_far_too_many_pixels_is_left_alone() -> None:
    bomb = bytearray(drawn("PNG", (8, 8)))
    bomb[16:24] = (60_000).to_bytes(4) * 2
    assert [*shown(picture(bytes(bomb)))[0]] == ["text/plain"]


def test_looking_at_a_picture_fetches_nothing() -> None:
    image = picture(url=LINK)
    image._fetch = lambda url: pytest.fail("it was fetched")
    told = "picture 1: not fetched, at https://pictures.example/a.png"
    assert shown(image) == ({"text/plain": told}, {})
    image.error = DownloadError("the link has expired")
    assert shown(image) == ({"text/plain": f"{told}: the link has expired"}, {})


def test_a_result_shows_its_pictures_and_all_there_is_to_know() -> None:
    result = Result(
        (picture(drawn("JPEG", (640, 480))), picture(index=2, url=LINK)),
        (Failure(1, "moderated", "no <b>\x1b[31m"),),
        model="lily",
        host="garden",
        notes=("a note",),
    )
    bundle, _ = shown(result)
    assert bundle["text/plain"].splitlines()[2:] == [
        "picture 3: not fetched, at https://pictures.example/a.png",
        "picture 2: not made: no <b>\\x1b[31m",
        "note: a note",
    ]
    assert bundle["text/html"].count("<img") == 1
    assert "not made: no &lt;b&gt;" in bundle["text/html"]


def test_a_result_of_many_pictures_stays_small() -> None:
    data = drawn("PNG", (600, 600))
    bundle, _ = shown(Result(tuple(picture(data, at) for at in range(MOST_PICTURES + 4))))
    assert bundle["text/html"].count("<img") == MOST_PICTURES
    assert len(bundle["text/html"]) < MOST_PICTURES * MOST_BYTES
    assert bundle["text/plain"].count("\npicture ") == MOST_PICTURES + 4


def test_a_picture_becomes_one_of_pillows_and_goes_back_as_a_reference(tmp_path: Any) -> None:
    with Client(environment={}) as client:
        image = client.generate("a corgi", model="sandbox:seedream-4.0", resolution="1K").image
        small = image.pil().convert("L").resize((512, 512))
        again = client.generate("greyer", model="sandbox:seedream-4.0", image=small)
    assert again.receipt.lines[-1].value[0]["width"] == 512


def test_an_existing_file_is_kept_and_the_way_to_replace_it_named(tmp_path: Any) -> None:
    image = picture(drawn("PNG", (8, 8)))
    image.save(tmp_path / "a.png")
    with pytest.raises(FileExistsError, match=r"there already; overwrite=True takes its place"):
        image.save(tmp_path / "a.png")
