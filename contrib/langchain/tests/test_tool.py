"""The tool as LangChain itself calls it: by tool calls, and in an agent's loop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from imagekit_sandbox.serving import Rule, Upstreams
from imagekit_sandbox.serving.configuration import settings, toml
from langchain_core.language_models import FakeMessagesListChatModel
from langchain_core.messages import AIMessage, HumanMessage, ToolMessage
from langchain_core.tools import StructuredTool

from imagekit import NotSent, Result
from imagekit.tools import Studio
from imagekit_langchain import imagekit_tool

MODEL = "modelark:seedream-4.5"


@pytest.fixture
def upstreams(request: pytest.FixtureRequest, tmp_path, monkeypatch) -> Iterator[Upstreams]:
    """Hosts on loopback; what goes wrong there may be given as a parameter."""
    monkeypatch.setenv("IMAGEKIT_STATE", str(tmp_path / "state"))
    with Upstreams(getattr(request, "param", ())) as running:
        (tmp_path / "played.toml").write_text(toml(settings(running.hosts), "played here"))
        yield running


@pytest.fixture
def tool(upstreams, tmp_path) -> Iterator[Callable[..., StructuredTool]]:
    opened: list[Studio] = []

    def make(budget: str | None = "1 USD") -> StructuredTool:
        config = tmp_path / "played.toml"
        opened.append(Studio(tmp_path / "made", budget=budget, models=[MODEL], config=config))
        return imagekit_tool(opened[-1])

    yield make
    for studio in opened:
        studio.close()


def call(**said: Any) -> dict[str, Any]:
    args = {"prompt": "a corgi", "resolution": "2K", **said}
    return {"type": "tool_call", "id": "1", "name": "imagekit_generate", "args": args}


def test_the_content_is_short_words_and_the_artifact_the_result(tool, upstreams, tmp_path):
    message = tool().invoke(call())
    assert isinstance(message, ToolMessage)
    assert message.status == "success"
    (path,) = (tmp_path / "made").iterdir()
    assert message.content.startswith(f"Saved {path} (2048x2048, image/")
    assert "Made by seedream-4.5 at modelark. Cost: " in message.content
    assert len(message.content) < 500
    assert isinstance(message.artifact, Result)
    assert message.artifact.image.blob.read() == path.read_bytes()
    assert len(upstreams.ledger.entries) == 1


def test_it_is_awaited_as_well_several_at_once(tool, upstreams):
    one = tool()

    async def both() -> list[Any]:
        return await asyncio.gather(one.ainvoke(call()), one.ainvoke(call(prompt="a lily")))

    assert [message.status for message in asyncio.run(both())] == ["success", "success"]
    assert len(upstreams.ledger.entries) == 2


def test_what_nobody_awaits_any_more_is_sent_no_more(tool, monkeypatch):
    begun, heard = threading.Event(), threading.Event()

    def waits(self: Studio, prompt: str, stop: Any = None, **more: Any) -> None:
        begun.set()
        if stop.wait(30):
            heard.set()
        raise NotSent("the call was stopped before anything was sent", retryable=False)

    monkeypatch.setattr(Studio, "generate", waits)

    async def cancelled() -> None:
        task = asyncio.ensure_future(tool().ainvoke(call()))
        await asyncio.to_thread(begun.wait)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancelled())
    assert heard.is_set()


class Agent(FakeMessagesListChatModel):
    """A chat model that says what it is told to, to whatever tools it is given."""

    def bind_tools(self, tools: Any, **more: Any) -> Any:
        return self.bind(tools=[one.name for one in tools])


def test_an_agent_s_loop_makes_a_picture_and_says_where_it_is(tool, tmp_path):
    one = tool()
    asks = AIMessage("", tool_calls=[call(n=2)])
    agent = Agent(responses=[asks, AIMessage("Done.")]).bind_tools([one])
    said: list[Any] = [HumanMessage("two corgis, please")]
    while (answer := agent.invoke(said)).tool_calls:
        said += [answer, *(one.invoke(asked) for asked in answer.tool_calls)]
    assert answer.content == "Done."
    assert said[-1].content.count("Saved ") == len(list((tmp_path / "made").iterdir())) == 2


def test_what_is_over_budget_is_an_answer_to_the_agent(tool, upstreams):
    one = tool("0.05 USD")
    one.invoke(call())
    refused = one.invoke(call(prompt="another"))
    assert refused.status == "error"
    assert "Charged: no. Don't repeat the call" in refused.content
    assert tool(None).invoke(call()).status == "error"
    assert len(upstreams.ledger.entries) == 1


@pytest.mark.parametrize("upstreams", [[Rule("lost")]], indirect=True)
def test_of_a_lost_answer_the_agent_hears_never_to_repeat_it(tool, upstreams):
    lost = tool().invoke(call())
    assert lost.status == "error"
    assert "Charged: maybe. Never repeat the call" in lost.content
    assert len(upstreams.ledger.entries) == 1


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"resolution": 7}, "resolution: Input should be a valid string. The tier, such as 2K"),
        ({"resolutoin": "2K"}, "resolutoin: there is no such field.\nThe fields are prompt, model"),
        ({"images": "a.png"}, "images: Input should be a valid list. Paths of reference pictures."),
        ({"prompt": None}, "prompt: Input should be a valid string. What to draw."),
    ],
)
def test_an_argument_that_is_wrong_is_told_by_its_name(tool, wrong, told):
    answer = tool().invoke(call(**wrong))
    assert answer.status == "error"
    assert told in answer.content
    assert answer.content.endswith("Charged: no. Change what is wrong, and call again.")


@pytest.mark.parametrize(
    "steered",
    [
        {"images": ["/etc/passwd"]},
        {"images": ["https://example.com/?told=secret"]},
        {"native": {"callback": "https://example.com"}},
        {"output": "/tmp"},
        {"model": "openai:gpt-image-1"},
        {"n": "many"},
    ],
)
def test_an_agent_under_a_spell_gets_an_error_and_nothing_is_sent(tool, upstreams, steered):
    assert tool().invoke(call(**steered)).status == "error"
    assert not upstreams.journal.entries


def test_it_names_the_models_that_may_be_asked_for(tool):
    one = tool()
    assert MODEL in one.description
    assert set(one.args) == {
        *("prompt", "model", "size", "ratio", "resolution"),
        *("n", "seed", "negative_prompt", "images"),
    }


def test_a_picture_made_before_may_be_a_reference(tool, tmp_path):
    one = tool()
    one.invoke(call())
    (path,) = Path(tmp_path / "made").iterdir()
    assert one.invoke(call(prompt="at night", images=[str(path)])).status == "success"
