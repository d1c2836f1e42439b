"""The sandbox: exact sizes, the same picture twice, honest marks, and no network."""

import io
import json
import socket
import struct
import time
from collections.abc import Callable, Iterator

import imagekit_sandbox
import pytest
from imagekit_sandbox.drawing.scene import thumbnail
from PIL import Image as Pillow

from imagekit import Client, Image, RejectedRequest, Result
from imagekit.testing import HostSuite, picture


class TestSandbox(HostSuite):
    plugin = imagekit_sandbox
    relaxed = {
        "test_a_link_is_followed_without_the_key": "its links are not followed over a network",
        "FaultChecks": "it answers in this process: there is no answer to break on the way",
        "StreamChecks": "it answers in this process",
    }


NOTE = "SANDBOX: drawn by imagekit's sandbox; no model was involved and nothing was charged"
SMALL = "1280x720"  # a cell of Seedream 4.0


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    """With everything that is installed: the sandbox serves every model."""
    with Client(environment={}) as client:
        yield client


@pytest.fixture
def draw(client) -> Callable[..., Result]:
    def draw(prompt: str = "a heron", *, model: str = "seedream-4.0", **given) -> Result:
        given.setdefault("size", SMALL)
        return client.generate(prompt, model=f"sandbox:{model}", **given)

    return draw


def tables(client: Client) -> Iterator[tuple[str, str, str, tuple[int, int]]]:
    """(model, tier, ratio, pixels) of every cell of every installed model."""
    for route in client.registry.routes:
        if route.host.name == "sandbox" and route.sizes:
            for pixels, (tier, ratio) in route.sizes.cells.items():
                yield route.model.name, tier, ratio, pixels


# --- what it serves ------------------------------------------------------------------------


def test_every_installed_model_is_served_under_its_own_name_and_every_alias(client):
    assert client.registry.models
    for model in client.registry.models.values():
        for name in (model.name, *model.aliases):
            needed = client.route(f"sandbox:{name}").required
            pictures = {one.name: picture(512, 512) for one in needed}
            plan = client.plan("a heron", model=f"sandbox:{name}", **pictures)
            assert (plan.model, plan.host, plan.problems) == (model.name, "sandbox", ())
            assert json.loads(plan.request.body.read())["model"] == model.name


def test_every_cell_of_every_models_table_would_be_drawn_exactly(client):
    """By ratio and tier, which leaves the pixels to the sandbox to find."""
    cells = list(tables(client))
    assert len(cells) >= 64  # those of the three Seedream models
    for model, tier, ratio, (width, height) in cells:
        plan = client.plan("a heron", model=f"sandbox:{model}", ratio=ratio, resolution=tier)
        assert plan.problems == ()
        assert plan.request.url.endswith(f"?pixels={width}x{height}")


@pytest.mark.parametrize(
    ("model", "given", "pixels"),
    [
        ("seedream-4.0", {"size": "1280x720"}, (1280, 720)),
        ("seedream-4.0", {"ratio": "9:16", "resolution": "1K"}, (720, 1280)),
        ("seedream-4.0", {"size": "1K"}, (1024, 1024)),
        ("seedream-4.0", {"size": "961x960"}, (961, 960)),
        ("seedream-4.5", {"ratio": "21:9"}, (3136, 1344)),
        ("seedream-4.5", {}, (2048, 2048)),
        ("seedream-5.0-lite", {"ratio": "16:9", "resolution": "3K"}, (4096, 2304)),
        ("nano-banana", {"ratio": "21:9"}, (1536, 672)),
        ("nano-banana-pro", {"size": "2752x1536"}, (2752, 1536)),
        ("nano-banana-pro", {}, (1024, 1024)),
        ("nano-banana-2", {"ratio": "16:9", "resolution": "512"}, (688, 384)),
        ("nano-banana-2", {"ratio": "1:8"}, (384, 3072)),
        ("glm-image", {}, (1280, 1280)),
        ("glm-image", {"size": "1728x960"}, (1728, 960)),
        ("cogview-4", {"size": "1440x720"}, (1440, 720)),
        # Nobody documents the pixels of these: about the tier's area, in the ratio.
        ("kling-image-o1", {"ratio": "16:9", "resolution": "1K"}, (1365, 768)),
        ("kling-v3-omni", {"size": "4K"}, (4096, 4096)),
        ("nano-banana-2-lite", {"ratio": "1:1"}, (1024, 1024)),
    ],
)
def test_a_picture_has_exactly_the_pixels_asked_for(client, model, given, pixels):
    result = client.generate("a heron", model=f"sandbox:{model}", **given)
    assert result.image.pixels == pixels
    assert result.image.declared_size == "{}x{}".format(*pixels)
    assert result.notes[0] == NOTE


def test_a_models_real_rules_hold(client):
    """What the model's hosts would refuse is refused here, too."""
    plan = client.plan("a heron", model="sandbox:seedream-4.5", size="1024x1024", seed=-2)
    assert sorted(problem.field for problem in plan.problems) == ["seed", "size"]


# --- the same picture ----------------------------------------------------------------------


def test_the_same_request_gives_the_same_bytes(draw):
    assert draw(seed=7).image.read() == draw(seed=7).image.read()


def test_without_a_seed_each_picture_is_another_and_the_next_program_gets_the_same():
    """So a mixed-up order of several is seen, and a test can still expect what it gets."""

    def drawn() -> list[bytes]:
        with Client(environment={}) as client:
            calls = client.generate("a heron", model="sandbox:seedream-4.0", n=3)
            one_call = client.generate("a heron", model="sandbox:kling-image-o1", n=3)
        return [image.read() for image in (*calls.images, *one_call.images)]

    first = drawn()
    assert len({*first}) == 6
    assert {*drawn()} == {*first}


def test_its_clock_goes(draw):
    before = int(time.time())
    assert before <= draw().created <= time.time()


@pytest.mark.parametrize(
    "other", [{"seed": 8}, {"prompt": "a crane"}, {"image": "https://pictures.example/a.png"}]
)
def test_another_request_gives_other_bytes(draw, other):
    assert draw(**{"seed": 7, **other}).image.read() != draw(seed=7).image.read()


def test_url_and_b64_json_give_the_same_picture(draw):
    link, inline = (draw(seed=7, response_format=carried) for carried in ("url", "b64_json"))
    assert link.image.url.startswith("https://sandbox.invalid/")
    assert inline.image.url is None
    assert link.image.read() == inline.image.read()


def test_a_link_can_be_followed_by_another_client(draw):
    """It carries all that is needed to draw the picture, so nothing has to be stored."""
    result = draw()
    with Client(environment={}) as other:
        again = other.fetch(Image(0, url=result.image.url, host="sandbox"))
    assert again.read() == result.image.read()


# --- groups, references, watermark, format -------------------------------------------------


def test_a_group_has_as_many_pictures_as_asked_for_and_each_is_another(draw):
    result = draw(
        sequential_image_generation="auto",
        sequential_image_generation_options={"max_images": 3},
    )
    assert [image.index for image in result.images] == [0, 1, 2]
    assert len({image.read() for image in result.images}) == 3
    assert result.usage.generated_images == 3


def test_a_group_without_a_limit_has_two(draw):
    assert len(draw(sequential_image_generation="auto").images) == 2


def test_disabled_is_one_picture(draw):
    assert len(draw(sequential_image_generation="disabled").images) == 1


def swatch(color: str, kind: str = "PNG") -> bytes:
    file = io.BytesIO()
    Pillow.new("RGB", (60, 60), color).save(file, kind)
    return file.getvalue()


def shown(result: Result, place: int) -> tuple[int, ...]:
    """The colour in the middle of the frame of one reference."""
    unit = min(result.image.pixels) // 28
    side = unit * 3
    middle = unit + place * (side + unit // 3) + side // 2, unit * 4 + side // 2
    with Pillow.open(result.image.open()) as picture:
        return picture.convert("RGB").getpixel(middle)


def test_references_given_as_bytes_are_shown_in_their_order(draw):
    result = draw(image=[swatch("red"), swatch("blue", "JPEG")])
    red, blue = shown(result, 0), shown(result, 1)
    assert red[0] > 200 > 60 > red[2]
    assert blue[2] > 200 > 60 > blue[0]


def test_what_is_large_or_broken_is_not_decoded_and_only_its_frame_is_shown(draw):
    huge = b"BM" + struct.pack("<IIIIiiHH", 54, 0, 54, 40, 7000, 6000, 1, 24) + bytes(24)
    assert thumbnail(huge) == thumbnail(huge[:30]) == ""
    broken = b"BM" + struct.pack("<IIIIiiHH", 54, 0, 54, 40, 70, 60, 1, 24) + bytes(24)
    assert draw(image=broken).image.pixels == (1280, 720)


def test_a_link_of_the_sandbox_carries_the_thumbnails_too(draw):
    given = {"image": [swatch("red")] * 14, "seed": 7}
    link, inline = draw(response_format="url", **given), draw(response_format="b64_json", **given)
    assert link.image.read() == inline.image.read()
    assert len(link.image.url) < 32_000


def test_the_watermark_is_there_unless_it_is_declined(draw):
    bare, stamped = (draw(seed=7, watermark=wanted) for wanted in (False, True))
    assert bare.image.read() != stamped.image.read()
    assert draw(seed=7).image.read() == stamped.image.read()


@pytest.mark.parametrize(
    ("format", "media_type"), [("png", "image/png"), ("jpeg", "image/jpeg"), (None, "image/png")]
)
def test_the_file_format_where_the_model_has_a_choice(draw, format, media_type):
    image = draw(model="seedream-5.0-lite", size="2K", output_format=format).image
    assert (image.media_type, image.pixels) == (media_type, (2048, 2048))


def test_native_fields_are_the_callers_own_whatever_their_names(client):
    """What the sandbox must know beside them stands in the address, not in the body."""
    native = {"pixels": [1, 1], "count": 9}
    plan = client.plan("a heron", model="sandbox:seedream-4.0", size=SMALL, native=native)
    body = json.loads(plan.request.body.read())
    lines = [f"native.{name}" for name in native]
    assert {name: body[name] for name in native} == native
    assert [line.parameter for line in plan.receipt.lines][-2:] == lines
    result = client.generate("a heron", model="sandbox:seedream-4.0", size=SMALL, native=native)
    assert [image.pixels for image in result.images] == [(1280, 720)]


def test_a_body_has_nothing_that_the_receipt_lacks(client):
    plan = client.plan("a heron", model="sandbox:seedream-4.0", ratio="16:9", seed=7)
    told = {path for line in plan.receipt.lines for path, _ in line.fields}
    assert json.loads(plan.request.body.read()).keys() == told


def test_native_fields_it_cannot_draw_are_refused(draw):
    for native in ({"n": 10**9}, {"n": "many"}, {"image": 7}):
        with pytest.raises(RejectedRequest, match="the sandbox can't draw that"):
            draw(native=native)


# --- honesty -------------------------------------------------------------------------------


def test_every_result_says_that_no_model_drew_it(draw):
    result = draw()
    assert result.notes == (NOTE,)
    assert result.host == "sandbox"


def test_the_file_itself_says_so(draw):
    assert b"imagekit sandbox; no model drew this" in draw().image.read()
    jpeg = draw(model="seedream-5.0-lite", size="2K", output_format="jpeg")
    assert b"imagekit sandbox; no model drew this" in jpeg.image.read()


def test_it_is_free_and_not_real(client):
    host = client.registry.host("sandbox")
    assert host.real is False
    assert [offer.price.amount for offer in host.offers] == [0]


def test_nothing_is_sent_on_any_socket(monkeypatch):
    """No address is looked up, no connection opened: neither to draw nor to fetch a link."""
    tried = []

    def refuse(*args, **_):
        tried.append(args)
        raise OSError("the sandbox has no network")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    with Client(environment={}) as client:
        result = client.generate("a heron", model="sandbox:seedream-4.0", size=SMALL)
        assert result.image.pixels == (1280, 720)
    assert tried == []
