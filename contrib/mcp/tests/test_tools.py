"""What each tool answers to a client."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import Any

import pytest
from imagekit_sandbox.serving import Upstreams
from mcp import MCPError
from mcp.types import ImageContent, ResourceLink
from PIL import Image as Pillow

from imagekit import Blob, Image
from imagekit_mcp.previews import preview

DRAWN = {"model": "sandbox:seedream-4.0", "resolution": "1K"}


def test_five_tools_are_offered_and_say_what_they_cost(served: Any) -> None:
    tools = {tool.name: tool for tool in served.portal.call(served.client.list_tools).tools}
    assert [*tools] == ["generate", "edit", "plan", "models", "history"]
    assert "within a budget of 1 USD" in tools["generate"].description
    assert tools["edit"].input_schema["required"] == ["prompt", "image"]
    assert "native" not in tools["generate"].input_schema["properties"]
    assert tools["plan"].annotations.read_only_hint


def test_a_picture_is_a_file_a_link_and_a_small_preview(served: Any) -> None:
    answer = served.call("generate", prompt="a corgi", **DRAWN)
    (made,) = answer.structured_content["pictures"]
    assert (made["width"], made["height"]) == (1024, 1024)
    (link,) = [one for one in answer.content if isinstance(one, ResourceLink)]
    assert link.uri == Path(made["path"]).as_uri()
    assert link.size == Path(made["path"]).stat().st_size
    (small,) = [one for one in answer.content if isinstance(one, ImageContent)]
    assert len(small.data) < 30_000
    assert answer.structured_content["charged"] == "no"
    assert answer.structured_content["sandbox"] is True


def test_previews_can_be_left_out(served: Any) -> None:
    answer = served.call("generate", prompt="a corgi", preview=False, **DRAWN)
    assert not [one for one in answer.content if isinstance(one, ImageContent)]


def test_a_picture_is_read_back_by_its_uri(served: Any) -> None:
    (made,) = served.told("generate", prompt="un h\xe9ron \u82cd\u9e6d", **DRAWN)["pictures"]
    (read,) = served.portal.call(served.client.read_resource, made["uri"]).contents
    assert base64.b64decode(read.blob) == Path(made["path"]).read_bytes()
    listed = served.portal.call(served.client.list_resources).resources
    assert listed[0].uri == made["uri"]


@pytest.mark.parametrize(
    "uri",
    [
        "file:///etc/passwd",
        "{made}/.journal/x",
        "{made}/../played.toml",
        "{made}/",
        "x:y",
        "{made}/..%2Fart-0123456789abcdef.png",
    ],
)
def test_nothing_else_is_read_back(served: Any, uri: str) -> None:
    asked = uri.format(made=(served.folder / "made").as_uri())
    with pytest.raises(MCPError, match="no picture here has the URI"):
        served.portal.call(served.client.read_resource, asked)


def test_an_edit_takes_a_file_below_a_root_and_an_earlier_picture(
    served: Any, upstreams: Upstreams
) -> None:
    model = "modelark:seedream-4.5"
    first = served.told("edit", prompt="in snow", image="corgi.png", model=model)
    assert first["charged"] == "yes"
    again = [first["pictures"][0]["uri"], str(served.folder / "art" / "corgi.png")]
    second = served.told("edit", prompt="at night", image=again, model=model)
    assert second["pictures"][0]["path"] != first["pictures"][0]["path"]
    assert len(upstreams.ledger.entries) == 2


def test_a_plan_tells_price_and_problems_and_sends_nothing(served: Any) -> None:
    told = served.told("plan", prompt="a corgi", model="modelark:seedream-4.5")
    assert told["possible"]
    assert "0.04 USD" in told["estimate"]
    told = served.told("plan", prompt="a corgi", model="modelark:seedream-4.5", size="9x9")
    assert not told["possible"]
    assert told["problems"][0]["parameter"] == "size"


def test_a_call_with_mistakes_says_them_all(served: Any) -> None:
    error = served.error("generate", prompt="a corgi", ratio="17:9", n=11, colour="red")
    assert error["kind"] == "UsageError"
    assert error["charged"] == "no"
    for word in ("'17:9' is not one of", "11 is greater than", "'colour' was unexpected"):
        assert word in error["message"]
    error = served.error("generate", prompt="a corgi", model="modelark:seedream-4.5", size="9x9")
    assert error["problems"][0]["parameter"] == "size"


def test_a_tool_that_is_not_there_is_an_error_of_the_protocol(served: Any) -> None:
    with pytest.raises(MCPError, match="there is no tool 'draw'"):
        served.call("draw")


def test_models_are_those_that_can_be_asked_for(served: Any) -> None:
    models = {one["model"]: one for one in served.told("models")["models"]}
    assert "modelark:seedream-4.5" in models["seedream-4.5"]["ask_as"]
    (one,) = served.told("models", model="modelark:seedream-4.5")["models"]
    assert "prompt" in one["hosts"][0]["schema"]["properties"]
    assert "url" not in one["hosts"][0]


def test_a_refusal_says_that_nothing_was_charged(served: Any) -> None:
    error = served.error("generate", prompt="a corgi", model="gemini:nano-banana-pro")
    assert (error["kind"], error["charged"]) == ("BillingError", "no")
    assert error["next"].startswith("The same call would fail again")


def test_a_lost_answer_is_told_as_such_and_stays_in_history(served: Any) -> None:
    error = served.error("generate", prompt="a lost corgi", model="zai:glm-image")
    assert (error["kind"], error["charged"]) == ("OutcomeUnknown", "maybe")
    assert "Never repeat the call" in error["next"]
    told = served.told("history")
    call = next(one for one in told["calls"] if one["prompt"] == "a lost corgi")
    assert call["state"] == "failed"
    assert call["error"]["charged"] == "maybe"
    assert told["unfinished"] == []
    assert told["store"].startswith("no store is configured")


def test_what_happens_is_told_while_it_happens(served: Any) -> None:
    heard: list[str | None] = []

    async def hear(progress: float, total: float | None, message: str | None) -> None:
        heard.append(message)

    async def ask() -> None:
        arguments = {"prompt": "a corgi", **DRAWN}
        await served.client.call_tool("generate", arguments, progress_callback=hear)

    served.portal.call(ask)
    assert heard[:2] == ["it has begun", "sent to sandbox:seedream-4.0"]


def test_a_large_file_is_not_read_into_an_answer(served: Any) -> None:
    large = served.folder / "made" / f"a-corgi-{'a' * 16}.png"
    with large.open("wb") as file:
        file.truncate(17 << 20)
    with pytest.raises(MCPError, match="17,825,792 bytes"):
        served.portal.call(served.client.read_resource, large.as_uri())
    large.unlink()
    with pytest.raises(MCPError, match="here any more"):
        served.portal.call(served.client.read_resource, large.as_uri())


def test_what_can_t_be_small_has_no_preview() -> None:
    noise = Pillow.effect_noise((64, 64), 90).convert("RGBA")
    noise.putalpha(120)
    written = io.BytesIO()
    noise.save(written, "png")
    assert preview(Image(0, blob=Blob.of(written.getvalue()))) is not None
    assert preview(Image(0, blob=Blob.of(written.getvalue()[:200]))) is None
    assert preview(Image(0, blob=Blob.of(b"text"))) is None
