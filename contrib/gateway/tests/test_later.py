"""``Prefer: respond-async``: a record at once, and the pictures when they are there."""

from __future__ import annotations

from typing import Any

import pytest
from imagekit_sandbox.serving import Rule

LATER = {"Prefer": "respond-async"}
SMALL = {"size": "1K"}


def test_a_record_is_answered_that_can_be_waited_for(served: Any, upstreams: Any) -> None:
    asked = served.generate(headers=LATER, quality="hd", **SMALL)
    assert (asked.status, asked.headers["Preference-Applied"]) == (202, "respond-async")
    assert asked.headers["Retry-After"] == "2"
    assert asked.json["status"] in ("queued", "processing")
    assert asked.headers["Location"] == f"/v1/images/{asked.json['id']}"
    made = served.get(f"{asked.headers['Location']}?wait=60").json
    assert made["status"] == "completed"
    assert made["metadata"]["dropped"] == ["quality"]
    (picture,) = made["data"]
    assert served.ask("GET", picture["url"], headers={"Authorization": ""}).status == 200
    assert len(upstreams.ledger.entries) == 1


@pytest.mark.parametrize("prefer", ["respond-async, wait=60", "wait=60,Respond-Async"])
def test_who_waits_long_enough_has_the_pictures_at_once(served: Any, prefer: str) -> None:
    made = served.generate(headers={"Prefer": prefer}, **SMALL)
    assert made.status == 200
    assert [one["size"] for one in made.json["data"]] == ["1024x1024"]


@pytest.mark.parametrize("prefer", ["", "wait=60", "return=minimal"])
def test_other_preferences_change_nothing(served: Any, prefer: str) -> None:
    assert served.generate(headers={"Prefer": prefer}, **SMALL).status == 200


@pytest.mark.parametrize("wait", ["-1", "x", "1.5", ""])
def test_a_wait_that_means_nothing_is_none(served: Any, wait: str) -> None:
    asked = served.generate(headers={"Prefer": f"respond-async, wait={wait}"}, **SMALL)
    assert asked.status in (200, 202)
    record = served.get(f"/v1/images/{asked.headers['X-Request-Id']}?wait=60")
    assert record.json["status"] == "completed"


def test_mistakes_are_told_at_once_and_nothing_is_written_down(served: Any, sent: Any) -> None:
    refused = served.generate(headers=LATER, size="1x1")
    assert (refused.status, refused.error["param"]) == (400, "size")
    assert served.get("/v1/images").json["data"] == []
    assert sent() is None


@pytest.mark.parametrize("upstreams", [[Rule("lost")]], indirect=True)
def test_what_goes_wrong_later_is_in_the_record(served: Any, upstreams: Any) -> None:
    asked = served.generate(headers=LATER, **SMALL)
    record = served.get(f"{asked.headers['Location']}?wait=60").json
    assert (record["status"], record["error"]["code"]) == ("failed", "outcome_unknown")
    assert (record["error"]["charged"], record["data"]) == ("maybe", [])
    assert len(upstreams.ledger.entries) == 1


@pytest.mark.parametrize("upstreams", [[Rule("lost")]], indirect=True)
def test_what_goes_wrong_while_somebody_waits_is_424(served: Any) -> None:
    refused = served.generate(headers={"Prefer": "respond-async, wait=60"}, **SMALL)
    assert (refused.status, refused.error["code"]) == (424, "outcome_unknown")
    assert refused.error["record"] == refused.headers["X-Request-Id"]


def test_pictures_of_a_request_may_come_along(served: Any, data_url: str, sent: Any) -> None:
    asked = served.generate(headers=LATER, image=[data_url], **SMALL)
    made = served.get(f"{asked.headers['Location']}?wait=60").json
    assert made["status"] == "completed"
    assert sent()["image"] == data_url
