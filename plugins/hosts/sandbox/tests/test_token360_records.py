"""Token360's records: lists, content and deletion, for the key that made them."""

from __future__ import annotations

import pytest
import urllib3

TOKEN360 = "token360/v1/images/generations"
IMAGES = "token360/v1/images"


def test_records_are_listed_newest_first(ask, recorded, seen):
    document = ask("GET", IMAGES).json()
    assert document.keys() == {"object", "data", "has_more", "first_id", "last_id"}
    assert [one["prompt"] for one in document["data"]] == ["three", "two", "one"]
    assert (document["first_id"], document["last_id"]) == (recorded[2], recorded[0])
    newest = document["data"][0]
    assert newest.keys() == {
        *("id", "object", "status", "model", "prompt", "created_at", "url", "error")
    }
    assert seen(urllib3.request("GET", newest["url"]).data)[1] == (1024, 1024)


def test_records_come_in_pages(ask, recorded):
    first = ask("GET", f"{IMAGES}?limit=2").json()
    assert [one["id"] for one in first["data"]] == [recorded[2], recorded[1]]
    assert first["has_more"] is True
    rest = ask("GET", f"{IMAGES}?limit=2&after={first['last_id']}").json()
    assert [one["id"] for one in rest["data"]] == [recorded[0]]
    assert rest["has_more"] is False
    before = ask("GET", f"{IMAGES}?before={recorded[1]}").json()
    assert [one["id"] for one in before["data"]] == [recorded[2]]


def test_a_record_has_the_same_link_on_each_list(ask, recorded):
    """While that lasts: the sandbox keeps so many links, and lists are asked for often."""
    first, again = (ask("GET", IMAGES).json()["data"] for _ in range(2))
    assert [one["url"] for one in first] == [one["url"] for one in again]
    assert len({one["url"] for one in first}) == 3


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=x", "order=up", "after=nobody"])
def test_a_list_that_makes_no_sense(ask, recorded, query):
    answer = ask("GET", f"{IMAGES}?{query}")
    assert (answer.status, answer.json()["error"]["type"]) == (400, "invalid_request_error")


def test_records_are_invisible_to_another_key(ask, recorded):
    empty = {"object": "list", "data": [], "has_more": False, "first_id": None, "last_id": None}
    assert ask("GET", IMAGES, key="key-2").json() == empty
    assert ask("GET", f"{IMAGES}/{recorded[0]}/content", key="key-2").status == 404
    assert ask("DELETE", f"{IMAGES}/{recorded[0]}", key="key-2").status == 404
    assert ask("DELETE", f"{IMAGES}/{recorded[0]}").status == 200


def test_content_comes_as_a_redirect_a_link_or_the_bytes(ask, recorded):
    path = f"{IMAGES}/{recorded[0]}/content"
    redirect = ask("GET", path)
    assert redirect.status == 302
    link = ask("GET", f"{path}?format=url").json()
    assert (link["image_id"], link["expires_in"]) == (recorded[0], 3600)
    binary = ask("GET", f"{path}?format=binary")
    assert binary.headers["content-type"] == "image/jpeg"
    assert binary.headers["content-disposition"].startswith("attachment")
    others = [
        urllib3.request("GET", url).data for url in (redirect.headers["location"], link["url"])
    ]
    assert others == [binary.data] * 2
    assert ask("GET", f"{path}?format=png").status == 400


def test_a_deleted_record_is_gone(ask, recorded):
    answer = ask("DELETE", f"{IMAGES}/{recorded[1]}")
    assert answer.json() == {"id": recorded[1], "object": "image", "deleted": True}
    assert ask("DELETE", f"{IMAGES}/{recorded[1]}").status == 404
    assert [one["prompt"] for one in ask("GET", IMAGES).json()["data"]] == ["three", "one"]


def test_a_refused_picture_leaves_a_failed_record(ask, order):
    ask("POST", TOKEN360, order(TOKEN360), X_Sandbox_Fault="moderated")
    (record,) = ask("GET", IMAGES).json()["data"]
    assert (record["status"], record["url"]) == ("failed", None)
    assert "Sensitive" in record["error"]["message"]
    content = ask("GET", f"{IMAGES}/{record['id']}/content").json()
    assert content["error"]["message"] == "Image is not ready yet. Current status: failed"


def test_records_fail_on_demand_too(ask, recorded):
    assert ask("GET", IMAGES, X_Sandbox_Fault="503:2").headers["retry-after"] == "2"
    refused = ask("GET", IMAGES, X_Sandbox_Fault="smaller").json()["error"]["message"]
    assert "none are made here" in refused
