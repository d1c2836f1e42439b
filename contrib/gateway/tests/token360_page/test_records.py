"""``GET /v1/images``, ``GET /v1/images/{id}/content`` and ``DELETE /v1/images/{id}``."""

from __future__ import annotations

import time
from typing import Any

import pytest
from imagekit_sandbox.serving import Rule

SMALL = {"model": "seedream-4.0", "size": "1024x1024"}


@pytest.fixture
def ids(draw: Any) -> list[str]:
    """Of five images, the oldest first."""
    made = [draw(**SMALL, prompt=f"sunrise {number}") for number in range(5)]
    return [one.json["metadata"]["id"] for one in made]


# --- list -----------------------------------------------------------------------------------------


def test_nothing_is_listed_before_anything_was_made(ask: Any) -> None:
    assert ask("GET", "/v1/images").json == {
        "object": "list",
        "data": [],
        "has_more": False,
        "first_id": None,
        "last_id": None,
    }


def test_an_image_that_was_made_is_listed_as_the_page_has_it(ask: Any, draw: Any) -> None:
    before = int(time.time())
    made = draw(**SMALL)
    (record,) = ask("GET", "/v1/images").json["data"]
    assert before <= record.pop("created_at") <= time.time()
    assert record.pop("url").startswith("http")
    assert record == {
        "id": made.json["metadata"]["id"],
        "object": "image",
        "status": "completed",
        "model": "seedream-4.0",
        "prompt": "A minimalist sunrise over calm water, digital illustration",
        "pictures": 1,
        "error": None,
    }


@pytest.mark.parametrize("upstreams", [[Rule("moderated")]], indirect=True)
def test_an_image_that_was_not_made_is_listed_with_its_error(ask: Any, draw: Any) -> None:
    draw(**SMALL)
    (record,) = ask("GET", "/v1/images").json["data"]
    assert (record["status"], record["url"]) == ("failed", None)
    assert record["error"]["code"] == "content_policy_violation", record
    assert "sensitive" in record["error"]["message"]


#: Of five images: which of them a page has, by their age, and whether there are more.
PAGES: dict[str, tuple[list[int], bool]] = {
    "": ([4, 3, 2, 1, 0], False),
    "?limit=5": ([4, 3, 2, 1, 0], False),
    "?limit=100": ([4, 3, 2, 1, 0], False),
    "?limit=2": ([4, 3], True),
    "?limit=2&after={3}": ([2, 1], True),
    "?limit=2&after={1}": ([0], False),
    "?after={0}": ([], False),
    "?limit=2&before={1}": ([3, 2], True),
    "?before={3}": ([4], False),
    "?before={4}": ([], False),
    "?order=desc&limit=1": ([4], True),
    "?order=asc": ([0, 1, 2, 3, 4], False),
    "?order=asc&limit=2&after={1}": ([2, 3], True),
    "?order=asc&before={2}": ([0, 1], False),
}


def test_the_list_has_pages_in_either_order(ask: Any, ids: list[str]) -> None:
    for query, (places, more) in PAGES.items():
        page = ask("GET", f"/v1/images{query.format(*ids)}").json
        listed = [record["id"] for record in page["data"]]
        assert (listed, page["has_more"]) == ([ids[place] for place in places], more), query
        ends = (listed[0], listed[-1]) if listed else (None, None)
        assert (page["first_id"], page["last_id"]) == ends, query


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("limit=0", "limit is a number from 1 to 100, not '0'"),
        ("limit=101", "limit is a number from 1 to 100, not '101'"),
        ("limit=-1", "limit is a number from 1 to 100, not '-1'"),
        ("limit=all", "limit is a number from 1 to 100, not 'all'"),
        ("order=up", "order is asc or desc, not 'up'"),
        ("after=img_0", "there is no request 'img_0' to go on from"),
        ("before=", "there is no request '' to go on from"),
    ],
)
def test_a_page_that_there_is_not_is_refused(ask: Any, query: str, message: str) -> None:
    refused = ask("GET", f"/v1/images?{query}")
    assert (refused.status, refused.error["message"]) == (400, message)


# --- list -> id -> content -> delete --------------------------------------------------------------


@pytest.fixture
def id(draw: Any, ask: Any) -> str:
    """Of the one image that the list has."""
    draw(**SMALL)
    (record,) = ask("GET", "/v1/images").json["data"]
    return str(record["id"])


@pytest.mark.parametrize("query", ["", "?format=redirect"])
def test_content_is_a_redirect_to_the_picture(ask: Any, served: Any, id: str, query: str) -> None:
    moved = ask("GET", f"/v1/images/{id}/content{query}")
    assert moved.status == 302
    found = served.ask("GET", moved.headers["Location"], headers={"Authorization": ""})
    assert (found.status, found.body[:2]) == (200, b"\xff\xd8")


def test_content_may_be_a_link_for_an_hour(ask: Any, served: Any, id: str) -> None:
    told = ask("GET", f"/v1/images/{id}/content?format=url").json
    url = told.pop("url")
    assert told == {"image_id": id, "expires_in": 3600}
    assert served.ask("GET", url, headers={"Authorization": ""}).body[:2] == b"\xff\xd8"


def test_content_may_be_the_picture_itself(ask: Any, id: str) -> None:
    found = ask("GET", f"/v1/images/{id}/content?format=binary")
    assert (found.status, found.headers["Content-Type"]) == (200, "image/jpeg")
    assert found.headers["Content-Disposition"] == f'attachment; filename="{id}-0.jpg"'
    assert found.headers["Content-Length"] == str(len(found.body))
    assert found.body[:2] == b"\xff\xd8"


def test_content_in_another_format_is_refused(ask: Any, id: str) -> None:
    refused = ask("GET", f"/v1/images/{id}/content?format=zip")
    assert refused.status == 400
    assert refused.error["message"] == "format is redirect or url or binary, not 'zip'"


@pytest.mark.parametrize("upstreams", [[Rule("moderated")]], indirect=True)
@pytest.mark.parametrize("format", ["redirect", "url", "binary"])
def test_what_has_no_picture_is_not_ready(ask: Any, id: str, format: str) -> None:
    refused = ask("GET", f"/v1/images/{id}/content?format={format}")
    assert refused.status == 400
    assert refused.error["message"] == "Image is not ready yet. Current status: failed"
    assert refused.error["type"] == "invalid_request_error"


def test_what_is_deleted_is_not_found_any_more(ask: Any, served: Any, id: str) -> None:
    url = ask("GET", f"/v1/images/{id}/content?format=url").json["url"]
    deleted = ask("DELETE", f"/v1/images/{id}")
    assert (deleted.status, deleted.json) == (
        200,
        {"id": id, "object": "image", "deleted": True},
    )
    again = [
        ask("DELETE", f"/v1/images/{id}"),
        ask("GET", f"/v1/images/{id}"),
        ask("GET", f"/v1/images/{id}/content"),
        served.ask("GET", url, headers={"Authorization": ""}),
    ]
    assert [one.status for one in again] == [404] * 4
    assert ask("GET", "/v1/images").json["data"] == []


def test_one_key_has_nothing_of_another(served: Any, ask: Any, id: str) -> None:
    other = served.new_key("other")
    answers = [
        served.ask("GET", f"/v1/images/{id}", key=other),
        served.ask("GET", f"/v1/images/{id}/content?format=binary", key=other),
        served.ask("DELETE", f"/v1/images/{id}", key=other),
    ]
    assert [one.status for one in answers] == [404] * 3
    assert served.ask("GET", "/v1/images", key=other).json["data"] == []
    assert served.ask("GET", f"/v1/images?after={id}", key=other).status == 400
    assert ask("GET", f"/v1/images/{id}").status == 200
