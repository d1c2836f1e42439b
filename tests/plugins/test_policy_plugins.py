"""The policy plugins of docs/policy-plugins.md, each doing what the page says it does."""

from __future__ import annotations

import json
import logging
import re
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from imagekit import Client, InvalidRequest, PluginError, Plugins, Problem, SinkError, hookimpl
from imagekit.testing import Answer, Loopback

PAGE = Path(__file__).parents[2] / "docs" / "policy-plugins.md"

Garden = Callable[..., Client]


@pytest.fixture(scope="module")
def page() -> dict[str, Any]:
    """The classes of the page; its other blocks, which use them, are run as documentation."""
    found: dict[str, Any] = {"__name__": "policies"}
    text = PAGE.read_text(encoding="utf-8")
    for block in re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        if "\nclass " in block:
            exec(compile(block, str(PAGE), "exec"), found)
    return found


# --- rewrite ----------------------------------------------------------------------------------


def test_a_prompt_is_rewritten_on_the_way_out_and_the_receipt_says_by_whom(
    garden: Garden, drawn: dict[str, Any], page: dict[str, Any]
) -> None:
    with Loopback(Answer(json=drawn)) as server:
        result = garden(server.url, page["HouseStyle"]()).generate("a lily", model="lily-1")
    assert server.seen[0].json["prompt"] == "a lily, as a watercolour"
    assert result.receipt["prompt"].by == "policy:HouseStyle"
    assert result.provenance is not None
    assert result.provenance.parameters["prompt"] == "a lily"


def test_a_policy_that_leaves_a_call_alone_is_not_on_its_receipt(
    garden: Garden, page: dict[str, Any]
) -> None:
    client = garden("http://127.0.0.1:9", page["HouseStyle"]())
    plan = client.plan("a watercolour of a lily", model="lily-1")
    assert plan.receipt["prompt"].by == "caller"


# --- refuse -----------------------------------------------------------------------------------


def test_a_refusal_comes_before_anything_is_sent_and_beside_other_problems(
    garden: Garden, drawn: dict[str, Any], page: dict[str, Any]
) -> None:
    with Loopback(Answer(json=drawn)) as server:
        client = garden(server.url, page["NoBrands"]())
        with pytest.raises(InvalidRequest) as caught:
            client.generate("an Acme lily", model="lily-1", seed="x")  # type: ignore[arg-type]
        assert [problem.field for problem in caught.value.problems] == ["seed", "prompt"]
        assert server.seen == []
        client.generate("a lily", model="lily-1")


def test_what_a_rewrite_made_is_refused_as_well(garden: Garden, page: dict[str, Any]) -> None:
    class Sponsored:
        @hookimpl
        def imagekit_prepare_call(self, call: Any) -> Any:
            return call.change(prompt=f"{call.prompt}, with an Initech mug")

    plan = garden("http://127.0.0.1:9", page["NoBrands"](), Sponsored()).plan("a", model="lily-1")
    assert [problem.field for problem in plan.problems] == ["prompt"]


# --- count ------------------------------------------------------------------------------------


def test_an_observer_counts_right_in_many_threads(
    garden: Garden, drawn: dict[str, Any], page: dict[str, Any]
) -> None:
    meter = page["Meter"]()
    with Loopback(Answer(json=drawn)) as server:
        client = garden(server.url, meter, page["NoBrands"]())

        def work() -> None:
            client.generate("a lily", model="lily-1")
            with pytest.raises(InvalidRequest):
                client.generate("Acme", model="lily-1")

        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert meter.counts == {"garden:lily-1 made pictures": 8, "garden:lily-1 InvalidRequest": 8}


def test_an_observer_that_breaks_changes_nothing(
    garden: Garden,
    drawn: dict[str, Any],
    page: dict[str, Any],
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Broken(page["Meter"]):  # type: ignore[misc]
        def count(self, event: object) -> None:
            raise RuntimeError("out of ink")

    with Loopback(Answer(json=drawn)) as server, caplog.at_level(logging.ERROR, "imagekit"):
        assert garden(server.url, Broken()).generate("a lily", model="lily-1").images
    assert "an observer failed" in caplog.text


# --- store ------------------------------------------------------------------------------------


def test_a_sink_stores_each_picture_and_what_was_asked(
    garden: Garden, drawn: dict[str, Any], page: dict[str, Any], png: bytes, tmp_path: Path
) -> None:
    with Loopback(Answer(json=drawn)) as server:
        client = garden(server.url, page["Archive"](str(tmp_path / "archive")))
        client.generate("a lily", model="lily-1", seed=7)
    (picture,) = (tmp_path / "archive").glob("*.png")
    assert picture.read_bytes() == png
    asked = json.loads(picture.with_suffix(".json").read_text())["arguments"]
    assert (asked["prompt"], asked["seed"]) == ("a lily", 7)


def test_a_sink_that_fails_leaves_the_pictures_to_the_caller(
    garden: Garden, drawn: dict[str, Any], page: dict[str, Any], png: bytes, tmp_path: Path
) -> None:
    archive = page["Archive"](str(tmp_path / "archive"))
    (tmp_path / "archive").rmdir()
    with Loopback(Answer(json=drawn)) as server, pytest.raises(SinkError) as caught:
        garden(server.url, archive).generate("a lily", model="lily-1")
    assert caught.value.result is not None
    assert caught.value.result.image.blob.read() == png


# --- policies of a program, beside what is installed ----------------------------------------------


def test_extra_comes_after_the_installed_plugins_in_its_own_order() -> None:
    class One:
        @hookimpl
        def imagekit_validate_request(self, call: Any) -> list[Problem]:
            return [Problem("prompt", "one")]

    class Two:
        @hookimpl
        def imagekit_validate_request(self, call: Any) -> list[Problem]:
            return [Problem("prompt", "two")]

    plugins = Plugins.load({}, extra=[Two(), One()])
    assert [plugin.name for plugin in plugins.installed[-2:]] == ["Two", "One"]
    assert len(plugins.installed) == len(Plugins.load({}).installed) + 2
    with Client(plugins=plugins) as client:
        problems = client.plan("a lily", model="sandbox:seedream-4.0").problems
    assert [problem.message for problem in problems] == ["two", "one"]


def test_a_mistake_in_extra_is_an_error_at_once() -> None:
    class Misspelt:
        @hookimpl
        def imagekit_prepare_cal(self, call: Any) -> None:
            pass

    with pytest.raises(PluginError, match="did you mean imagekit_prepare_call"):
        Plugins.load({}, extra=[Misspelt()])
