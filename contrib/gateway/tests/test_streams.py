"""Pictures, told of while they are made."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from imagekit_sandbox.serving.faults.rules import Rule


def events_of(body: bytes) -> list[tuple[str, Any]]:
    found = []
    for block in body.decode().split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.splitlines() if line[:1] != ":")
        if lines:
            found.append((lines["event"], json.loads(lines["data"])))
    return found


@pytest.mark.parametrize("operation", ["generations", "edits"])
def test_a_stream_ends_with_the_picture_and_all_there_is_to_say(
    served: Any, operation: str, data_url: str
) -> None:
    fields = {"model": "seedream-4.0", "prompt": "a corgi", "stream": True}
    fields |= {"response_format": "b64_json"}
    fields |= {"image": data_url} if operation == "edits" else {}
    told = served.ask("POST", f"/v1/images/{operation}", fields)
    assert told.headers["Content-Type"].startswith("text/event-stream")
    ((kind, last),) = events_of(told.body)
    assert kind == last["type"] == f"image_{operation.removesuffix('s')}.completed"
    assert base64.b64decode(last["b64_json"])[:2] == b"\xff\xd8"
    assert last["usage"]["generated_images"] == 1
    assert last["metadata"]["host"] == "powertokens"


def test_several_calls_are_told_one_by_one(served: Any) -> None:
    told = served.generate(n=3, stream=True, response_format="url")
    pictures = [data for _, data in events_of(told.body)]
    assert [served.get(one["url"]).status for one in pictures] == [200] * 3
    assert [one["usage"]["generated_images"] for one in pictures] == [0, 0, 3]


@pytest.mark.parametrize("group", [{}, {"sequential_image_generation": "auto"}])
def test_a_link_leads_to_its_picture_as_soon_as_somebody_has_it(served: Any, group: Any) -> None:
    body = {"model": "seedream-4.0", "prompt": "three corgis", "stream": True, **group}
    body |= {"response_format": "url"} | ({} if group else {"n": 3})
    sent = {"Authorization": f"Bearer {served.key}"}
    url = f"{served.url}/v1/images/generations"
    told = served.pool.request("POST", url, json=body, headers=sent, preload_content=False)
    found = []
    for line in told:
        if line.startswith(b"data: "):
            url = json.loads(line[6:])["url"]
            found.append((url.partition("place=")[2][0], served.get(url).status))
    assert sorted(found) == [("0", 200), ("1", 200), ("2", 200)]


def test_a_stream_that_is_repeated_is_told_once_more(served: Any, upstreams: Any) -> None:
    headers = {"Idempotency-Key": "k"}
    first, again = (
        events_of(served.generate(stream=True, headers=headers, response_format="url").body)
        for _ in range(2)
    )
    assert first[0][1]["url"].split("&exp")[0] == again[0][1]["url"].split("&exp")[0]
    assert upstreams.ledger.document()["requests"] == 1


def test_mistakes_are_an_answer_and_no_stream(served: Any) -> None:
    refused = served.generate(stream=True, size="1x1")
    assert (refused.status, refused.headers["Content-Type"]) == (400, "application/json")


@pytest.mark.parametrize("upstreams", [[Rule("lost")]], indirect=True)
def test_what_goes_wrong_meanwhile_is_an_event(served: Any) -> None:
    ((kind, data),) = events_of(served.generate(stream=True).body)
    assert (kind, data["error"]["code"]) == ("error", "outcome_unknown")
    assert data["error"]["charged"] == "maybe"
