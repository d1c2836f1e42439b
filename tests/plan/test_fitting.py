"""The limits on references, and what adapting does about them: nothing that is not told."""

from __future__ import annotations

import base64
import io
import json
import struct
import sys
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from attrs import evolve

from imagekit import (
    Client,
    Family,
    Host,
    Model,
    NoAuth,
    Offer,
    Plan,
    Plugins,
    Reference,
    ReferenceLimits,
    hookimpl,
    read_reference,
    spell,
)
from imagekit.plan.references.fitting import fitted

pillow = pytest.importorskip("PIL.Image", reason="needs Pillow, which the sandbox brings")

STRICT = ReferenceLimits(
    formats=("image/jpeg", "image/png"),
    max_bytes=20_000,
    min_side=30,
    max_side=400,
    min_pixels=1200,
    max_pixels=90_000,
    min_ratio="2:5",
    max_ratio="5:2",
)
ORIENTATION = 0x0112


class Irises:
    """A plugin: one model with strict limits at one host."""

    @hookimpl
    def imagekit_families(self) -> list[Family]:
        return [Family("iris", "Iris", (Model("iris", "Iris", references=STRICT),))]

    @hookimpl
    def imagekit_hosts(self) -> list[Host]:
        offer = Offer("iris", "iris", "openai-images", spell("image mask"))
        return [Host("pond", "Pond", "http://127.0.0.1:1", NoAuth(), (offer,))]


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with Client(plugins=Plugins.of(Irises()), environment={}) as client:
        yield client


@pytest.fixture
def plan(client: Client) -> Callable[..., Plan]:
    return lambda **given: client.plan("a corgi", model="pond:iris", **given)


@pytest.fixture
def adapted(plan: Callable[..., Plan]) -> Callable[[bytes], tuple[Any, str]]:
    """What is sent of a picture under ``adapt``, opened, and what the receipt says of it."""

    def adapted(picture: bytes) -> tuple[Any, str]:
        made = plan(image=picture, on_unsupported="adapt")
        assert made.problems == ()
        data = json.loads(made.request.body.read())["image"].partition(",")[2]
        line = made.receipt["image"]
        assert line.action == "adapted"
        assert line.value[0]["bytes"] == len(picture)
        assert line.fields[0][1]["bytes"] == len(base64.b64decode(data))
        return pillow.open(io.BytesIO(base64.b64decode(data))), line.note

    return adapted


def file_of(picture: Any, kind: str = "PNG", **options: Any) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def plain(width: int = 60, height: int = 40, kind: str = "PNG", **options: Any) -> bytes:
    """A picture that is red on the left and blue on the right."""
    picture = pillow.new("RGB", (width, height), "red")
    picture.paste("blue", (width // 2, 0, width, height))
    return file_of(picture, kind, **options)


def noise(width: int, height: int, kind: str = "PNG", **options: Any) -> bytes:
    return file_of(pillow.effect_noise((width, height), 99), kind, **options)


def claiming(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says it has any number of pixels."""
    chunks = [(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))]
    chunks += [(b"IDAT", zlib.compress(bytes(99))), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


# --- the limits --------------------------------------------------------------------------------


def test_a_picture_within_the_limits_passes(plan: Callable[..., Plan]) -> None:
    assert plan(image=[plain(), plain(kind="JPEG"), plain(75, 30), plain(300, 300)]).problems == ()


BROKEN: dict[str, tuple[bytes, Any, Any, str]] = {
    "format": (
        plain(kind="WEBP"),
        "image/webp",
        "image/png",
        "is image/webp; taken are image/jpeg, image/png; "
        "on_unsupported='adapt' would convert it to image/png or image/jpeg",
    ),
    "bytes": (
        plain() + bytes(20_000),
        20_000 + len(plain()),
        20_000,
        f"has {20_000 + len(plain()):,} bytes; at most 20,000 are taken; "
        "on_unsupported='adapt' would make it smaller",
    ),
    "least side": (
        plain(60, 29),
        29,
        30,
        "is 60x29; each side must have at least 30 pixels",
    ),
    "greatest side": (
        plain(500, 200),
        500,
        400,
        "is 500x200, 500 pixels; at most 400 pixels a side are taken: 400x160 would be; "
        "on_unsupported='adapt' would scale it down to 400x160",
    ),
    "least area": (
        plain(39, 30),
        1170,
        1200,
        "is 39x30; it must have at least 1,200 pixels",
    ),
    "greatest area": (
        plain(400, 400),
        160_000,
        90_000,
        "is 400x400, 160,000 pixels; at most 90,000 pixels are taken: 300x300 would be; "
        "on_unsupported='adapt' would scale it down to 300x300",
    ),
    "least ratio": (
        plain(39, 100),
        "39:100",
        "2:5",
        "is 39x100; width : height must be from 2:5 to 5:2",
    ),
    "greatest ratio": (
        plain(101, 40),
        "101:40",
        "5:2",
        "is 101x40; width : height must be from 2:5 to 5:2",
    ),
}


@pytest.mark.parametrize("limit", BROKEN)
def test_a_broken_limit_names_value_bound_and_way_out(
    limit: str, plan: Callable[..., Plan]
) -> None:
    picture, value, bound, says = BROKEN[limit]
    (problem,) = plan(image=[plain(), picture]).problems
    assert (problem.field, problem.value, problem.nearest) == ("image", value, bound)
    assert problem.message == f"reference 2 (bytes) {says}"


def test_a_mask_has_the_same_limits_and_is_never_adapted(plan: Callable[..., Plan]) -> None:
    for policy in ("error", "adapt"):
        (problem,) = plan(mask=plain(500, 200), image=plain(), on_unsupported=policy).problems
        assert problem.field == "mask"
        assert "adapt" not in problem.message


def test_with_a_mask_the_pictures_stay_as_they_are_too(plan: Callable[..., Plan]) -> None:
    """Scaled alone, they would no longer lie under it."""
    (problem,) = plan(image=plain(500, 200), mask=plain(), on_unsupported="adapt").problems
    assert problem.field == "image"
    assert "adapt" not in problem.message


def test_a_link_is_the_hosts_to_measure(plan: Callable[..., Plan]) -> None:
    assert plan(image="https://pictures.example/huge.webp").problems == ()


def test_what_can_not_be_measured_is_said(client: Client) -> None:
    offered = evolve(STRICT, formats=("image/tiff",))
    reference = read_reference(plain(kind="TIFF"))
    (problem,) = offered.check("image", "it", reference)
    assert problem.advice
    assert "image/tiff, whose sides are not measured here" in problem.message


# --- adapting: what it does -----------------------------------------------------------------------


def test_what_fits_is_sent_to_the_byte(plan: Callable[..., Plan]) -> None:
    picture = plain(exif=b"Exif\0\0MM\0*\0\0\0\x08\0\0\0\0\0\0")
    made = plan(image=picture, on_unsupported="adapt")
    assert base64.b64encode(picture).decode() in made.request.body.read().decode()  # type: ignore[union-attr]
    assert made.receipt["image"].action == "sent"


@pytest.mark.parametrize(
    ("picture", "becomes"),
    [
        (plain(kind="WEBP"), "image/jpeg"),
        (plain(kind="GIF"), "image/png"),
        (plain(kind="BMP"), "image/png"),
        (plain(kind="TIFF"), "image/png"),
        (file_of(pillow.new("RGBA", (60, 40), (0, 0, 0, 0)), "WEBP"), "image/png"),
        (file_of(pillow.new("CMYK", (60, 40)), "TIFF"), "image/png"),
        (file_of(pillow.new("I;16", (60, 40), 40_000), "TIFF"), "image/png"),
        (file_of(pillow.new("1", (60, 40)), "BMP"), "image/png"),
    ],
)
def test_a_format_that_is_not_taken_is_converted(
    picture: bytes, becomes: str, adapted: Callable[[bytes], tuple[Any, str]]
) -> None:
    made, note = adapted(picture)
    assert made.get_format_mimetype() == becomes
    assert made.size == (60, 40)
    was = read_reference(picture).media_type
    assert note.startswith(f"reference 1 (bytes): converted from {was} to {becomes}")


def test_sixteen_bits_of_grey_keep_their_tone(
    adapted: Callable[[bytes], tuple[Any, str]],
) -> None:
    made, _ = adapted(file_of(pillow.new("I;16", (60, 40), 128 << 8), "TIFF"))
    assert made.getpixel((5, 5)) == 128


def test_a_picture_that_is_stored_lying_is_turned_upright(
    adapted: Callable[[bytes], tuple[Any, str]],
) -> None:
    exif = pillow.Exif()
    exif[ORIENTATION] = 6
    made, note = adapted(plain(kind="JPEG", exif=exif))
    assert made.size == (40, 60)
    assert made.getexif().get(ORIENTATION, 1) == 1
    red, _, blue = made.getpixel((20, 5))
    assert red > blue  # left has become top
    assert "turned upright (EXIF orientation 6)" in note


@pytest.mark.parametrize(
    ("size", "becomes"), [((500, 200), (400, 160)), ((400, 400), (300, 300)), ((999, 901), None)]
)
def test_too_many_pixels_are_scaled_down_in_the_same_ratio(
    size: tuple[int, int],
    becomes: tuple[int, int] | None,
    adapted: Callable[[bytes], tuple[Any, str]],
) -> None:
    made, note = adapted(plain(*size))
    width, height = made.size
    assert becomes in (None, made.size)
    assert width * height <= STRICT.max_pixels
    assert width / height == pytest.approx(size[0] / size[1], rel=0.01)
    assert f"scaled down from {size[0]}x{size[1]} to {width}x{height}" in note


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_too_many_bytes_are_compressed(
    kind: str, adapted: Callable[[bytes], tuple[Any, str]]
) -> None:
    picture = noise(280, 280, kind, **({"quality": 100} if kind == "JPEG" else {}))
    assert len(picture) > STRICT.max_bytes
    made, note = adapted(picture)
    assert made.get_format_mimetype() == "image/jpeg"
    assert f"bytes of {len(picture):,}" in note


def test_a_see_through_picture_with_too_many_bytes_stays_see_through(
    adapted: Callable[[bytes], tuple[Any, str]],
) -> None:
    clear = pillow.effect_noise((280, 280), 99).convert("RGBA")
    clear.putalpha(100)
    made, note = adapted(file_of(clear))
    assert made.mode == "RGBA"
    assert made.get_format_mimetype() == "image/png"
    assert "scaled down from 280x280" in note


def test_where_only_jpeg_is_taken_what_was_see_through_turns_white() -> None:
    clear = read_reference(file_of(pillow.new("RGBA", (60, 40), (0, 0, 0, 0))))
    made = fitted(clear, ReferenceLimits(formats=("image/jpeg",)))
    assert made.media_type == "image/jpeg"
    assert pillow.open(made.blob.open()).getpixel((5, 5)) == (255, 255, 255)  # type: ignore[union-attr]
    assert "what was see-through is white now" in made.steps


def test_colours_keep_their_profile() -> None:
    reference = read_reference(plain(kind="WEBP", icc_profile=b"a profile"))
    made = fitted(reference, STRICT)
    assert pillow.open(made.blob.open()).info["icc_profile"] == b"a profile"  # type: ignore[union-attr]


def test_the_receipt_has_both_what_was_given_and_what_was_sent(plan: Callable[..., Plan]) -> None:
    picture = plain(kind="WEBP")
    line = plan(image=picture, on_unsupported="adapt").receipt["image"]
    (given,), sent = line.value, line.fields[0][1]
    assert (given["media_type"], sent["media_type"]) == ("image/webp", "image/jpeg")
    assert given["sha256"] != sent["sha256"]


# --- adapting: what it does not do ---------------------------------------------------------------


def test_without_being_asked_nothing_is_adapted(plan: Callable[..., Plan]) -> None:
    for policy in ("error", "drop"):
        assert plan(image=plain(kind="WEBP"), on_unsupported=policy).problems


@pytest.mark.parametrize("limit", ["least side", "least area", "least ratio", "greatest ratio"])
def test_what_would_need_invented_or_lost_content_stays_a_problem(
    limit: str, plan: Callable[..., Plan]
) -> None:
    (problem,) = plan(image=BROKEN[limit][0], on_unsupported="adapt").problems
    assert problem.message == f"reference 1 (bytes) {BROKEN[limit][3]}"


def test_a_bomb_is_refused_by_what_its_header_says(plan: Callable[..., Plan]) -> None:
    """A few bytes that claim gigabytes: they are measured, and never decoded."""
    (problem,) = plan(image=claiming(60_000, 60_000)).problems
    assert "is 60000x60000" in problem.message
    assert "adapt" not in problem.message
    (problem,) = plan(image=claiming(6001, 6000), on_unsupported="adapt").problems
    assert "more than 36,000,000 pixels are not decoded" in problem.message
    assert problem.message.endswith("scale it down yourself")


def large_jpeg(**options: Any) -> bytes:
    return file_of(pillow.new("L", (7000, 6000), 99), "JPEG", **options)


def test_a_large_jpeg_is_decoded_at_a_fraction_of_its_size(
    adapted: Callable[[bytes], tuple[Any, str]], plan: Callable[..., Plan]
) -> None:
    picture, note = adapted(large_jpeg())
    assert picture.size == (324, 277)
    assert "scaled down from 7000x6000 to 324x277" in note
    sideways = pillow.Exif()
    sideways[ORIENTATION] = 6
    _, note = adapted(large_jpeg(exif=sideways))
    assert "scaled down from 6000x7000 to 277x324" in note


def test_a_large_jpeg_never_takes_the_memory_of_all_its_pixels() -> None:
    """What a decoder would have to hold whole is not decoded at all."""
    assert "scale it down" in str(
        fitted(read_reference(large_jpeg(progressive=True)), STRICT).defect
    )
    claims = large_jpeg().replace(struct.pack(">HH", 6000, 7000), struct.pack(">HH", 60000, 60000))
    assert "scale it down" in str(fitted(read_reference(claims), STRICT).defect)


def test_a_picture_that_breaks_while_it_is_decoded_is_a_problem(
    plan: Callable[..., Plan],
) -> None:
    (problem,) = plan(image=claiming(300, 400), on_unsupported="adapt").problems
    assert "to adapt it, it can't be decoded: " in problem.message


def test_several_pages_are_not_silently_one() -> None:
    pages = [pillow.new("L", (60, 40), shade) for shade in (0, 99)]
    reference = read_reference(file_of(pages[0], "TIFF", save_all=True, append_images=pages[1:]))
    assert "several pages" in str(fitted(reference, STRICT).defect)


def test_formats_it_can_not_read_stay_a_problem_without_a_promise(
    plan: Callable[..., Plan],
) -> None:
    heic = struct.pack(">I4s4s4s", 16, b"ftyp", b"heic", bytes(4))
    for policy in ("error", "adapt"):
        (problem,) = plan(image=heic, on_unsupported=policy).problems
        assert problem.message == (
            "reference 1 (bytes) is image/heic; taken are image/jpeg, image/png"
        )


def test_without_pillow_the_problem_says_how_to_get_it(
    plan: Callable[..., Plan], monkeypatch: pytest.MonkeyPatch
) -> None:
    fine, wrong = plain(), plain(kind="WEBP")
    monkeypatch.setitem(sys.modules, "PIL", None)
    assert plan(image=fine, on_unsupported="adapt").problems == ()
    (problem,) = plan(image=wrong, on_unsupported="adapt").problems
    assert problem.message.endswith("adapting it needs Pillow: pip install 'imagekit[pillow]'")


def test_what_adapting_can_not_use_is_left_alone() -> None:
    for reference in (
        read_reference("https://pictures.example/a.webp"),
        read_reference(b"hello"),
        Reference("a picture of yesterday", sha256="ab"),
    ):
        assert fitted(reference, STRICT) is reference
