"""Records, found again: by their prompt, model, host, state and time."""

from __future__ import annotations

from typing import Any

import pytest
from imagekit_sandbox.serving import Rule


def ids(served: Any, query: str, key: str | None = None) -> list[str]:
    answer = served.get(f"/v1/images?{query}", key=key)
    assert answer.status == 200, answer.body
    return [one["prompt"] for one in answer.json["data"]]


LOST = [Rule("lost", model="seedream-4-5-*")]


@pytest.mark.parametrize("upstreams", [LOST], indirect=True)
def test_records_are_found_by_what_is_known_of_them(served: Any) -> None:
    served.generate(prompt="A Corgi on the beach")
    served.generate(prompt="a heron, 100 %")
    served.generate(prompt="lost", model="seedream-4.5")
    assert ids(served, "q=corgi") == ["A Corgi on the beach"]
    assert ids(served, "q=100+%25") == ["a heron, 100 %"]
    assert ids(served, "model=seedream-4.5") == ["lost"]
    assert ids(served, "host=powertokens&state=done") == ["a heron, 100 %", "A Corgi on the beach"]
    assert ids(served, "host=ark") == []
    assert ids(served, "state=unknown") == ["lost"]
    assert len(ids(served, "since=2020-01-01&until=2999-01-01")) == 3
    assert ids(served, "until=2020-01-01T12:30") == []


def test_of_another_keys_records_none_is_found(served: Any) -> None:
    served.generate(prompt="a corgi")
    assert ids(served, "q=corgi", served.new_key("another")) == []


@pytest.mark.parametrize(
    ("query", "named"),
    [("state=lost", "state"), ("since=yesterday", "since"), ("q=%00", "prompt")],
)
def test_what_nobody_can_look_for_is_refused(served: Any, query: str, named: str) -> None:
    refused = served.get(f"/v1/images?{query}")
    assert (refused.status, refused.error["code"]) == (400, "invalid_value")
    assert named in refused.error["message"]


def test_a_page_goes_on_within_what_is_looked_for(served: Any) -> None:
    for prompt in ("a corgi 1", "a heron", "a corgi 2"):
        served.generate(prompt=prompt)
    first = served.get("/v1/images?q=corgi&limit=1").json
    assert (first["data"][0]["prompt"], first["has_more"]) == ("a corgi 2", True)
    rest = served.get(f"/v1/images?q=corgi&limit=1&after={first['last_id']}").json
    assert (rest["data"][0]["prompt"], rest["has_more"]) == ("a corgi 1", False)


# --- small pictures ------------------------------------------------------------------------------


def test_a_small_picture_is_sent_to_whoever_has_the_link(served: Any) -> None:
    url = served.generate(size="2048x2048").json["data"][0]["url"]
    small = served.ask("GET", f"{url}&longest=256", headers={"Authorization": ""})
    assert (small.status, small.headers["Content-Type"]) == (200, "image/webp")
    assert small.body[8:12] == b"WEBP"
    assert "immutable" in small.headers["Cache-Control"]


def test_where_none_can_be_made_it_is_the_picture_itself(
    served: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    id = served.generate().headers["Imagekit-Record"]
    path = f"/v1/images/{id}/content?format=binary"
    whole = served.get(path)
    monkeypatch.setitem(__import__("sys").modules, "PIL", None)
    assert served.get(f"{path}&longest=128").body == whole.body


def test_small_pictures_have_few_sizes(served: Any) -> None:
    id = served.generate().headers["Imagekit-Record"]
    refused = served.get(f"/v1/images/{id}/content?longest=300")
    assert (refused.status, refused.error["code"]) == (400, "invalid_value")
