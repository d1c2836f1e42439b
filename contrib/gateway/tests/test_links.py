"""Links to pictures, and what comes at the end of them."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

NOBODY = {"Authorization": ""}
SMALL = {"size": "1K"}


@pytest.fixture
def url(served: Any) -> str:
    """Of a picture."""
    return str(served.generate(**SMALL).json["data"][0]["url"])


@pytest.fixture
def whole(served: Any, url: str) -> bytes:
    """The picture."""
    return bytes(served.ask("GET", url, headers=NOBODY).body)


# --- who may follow one ---------------------------------------------------------------------------


@pytest.mark.parametrize("authorization", ["", "Bearer ik-none"])
def test_a_link_is_good_without_a_key(served: Any, url: str, authorization: str) -> None:
    found = served.ask("GET", url, headers={"Authorization": authorization})
    assert (found.status, found.headers["Content-Type"]) == (200, "image/jpeg")


def test_a_link_that_has_expired_leads_nowhere(serving: Any) -> None:
    served = serving(link_seconds=-1.0)
    refused = served.ask("GET", served.generate(**SMALL).json["data"][0]["url"], headers=NOBODY)
    assert (refused.status, refused.error["code"]) == (403, "invalid_link")


@pytest.mark.parametrize(
    ("old", "new"),
    [("place=0", "place=1"), ("exp=1", "exp=2"), ("sig=", "sig=0"), ("img_0", "img_1")],
)
def test_a_link_that_was_altered_leads_nowhere(served: Any, url: str, old: str, new: str) -> None:
    altered = url.replace(old, new)
    assert altered != url
    refused = served.ask("GET", altered, headers=NOBODY)
    assert (refused.status, refused.error["code"]) == (403, "invalid_link")


def test_a_link_without_its_signature_needs_a_key(served: Any, url: str) -> None:
    bare = url.partition("&exp=")[0]
    assert served.ask("GET", bare, headers=NOBODY).status == 401
    assert served.ask("GET", f"{bare}&format=binary").status == 200


def test_a_link_of_one_replica_is_good_at_every_other(serving: Any) -> None:
    first, second = serving(), serving(key="bob")
    url = first.generate(**SMALL).json["data"][0]["url"].replace(first.url, second.url)
    assert second.ask("GET", url, headers=NOBODY).status == 200


def test_a_link_says_where_the_client_has_asked_unless_there_is_a_public_address(
    serving: Any,
) -> None:
    asked = serving().generate(headers={"Host": "images.example:8700"}, **SMALL)
    assert asked.json["data"][0]["url"].startswith("http://images.example:8700/v1/images/")
    public = serving(key="bob", public_url="https://images.example.com").generate(**SMALL)
    assert public.json["data"][0]["url"].startswith("https://images.example.com/v1/images/")


def test_below_a_path_every_address_is_below_that_too(serving: Any) -> None:
    served = serving(public_url="https://example.com/pictures")
    asked = served.generate(headers={"Prefer": "respond-async"}, **SMALL)
    assert asked.headers["Location"] == f"/pictures/v1/images/{asked.json['id']}"
    refused = served.generate(image=[f"{served.url}/nothing.png"], **SMALL)
    assert refused.status == 400
    (server,) = served.get("/openapi.json").json["servers"]
    assert server["url"] == "https://example.com/pictures"


# --- what is there --------------------------------------------------------------------------------


def test_a_picture_is_never_run_and_may_be_kept_for_good(
    served: Any, url: str, whole: bytes
) -> None:
    headers = served.ask("GET", url, headers=NOBODY).headers
    assert headers["ETag"] == f'"{hashlib.sha256(whole).hexdigest()}"'
    assert headers["Content-Length"] == str(len(whole))
    assert headers["Content-Disposition"].startswith("attachment; ")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "private, max-age=31536000, immutable"
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")


def test_who_has_it_already_is_told_so(served: Any, url: str, whole: bytes) -> None:
    etag = f'"{hashlib.sha256(whole).hexdigest()}"'
    again = served.ask("GET", url, headers={**NOBODY, "If-None-Match": etag})
    assert (again.status, again.body) == (304, b"")


def test_head_tells_of_it_without_its_bytes(served: Any, url: str, whole: bytes) -> None:
    told = served.ask("HEAD", url, headers=NOBODY)
    assert (told.status, told.headers["Content-Length"]) == (200, str(len(whole)))
    assert (told.headers["Content-Type"], told.body) == ("image/jpeg", b"")


@pytest.mark.parametrize(
    ("asked", "start", "stop"),
    [("0-9", 0, 10), ("10-", 10, None), ("-10", -10, None), ("100-99999999", 100, None)],
)
def test_a_range_of_it_is_given(
    served: Any, url: str, whole: bytes, asked: str, start: int, stop: int | None
) -> None:
    part = served.ask("GET", url, headers={**NOBODY, "Range": f"bytes={asked}"})
    first, last = range(len(whole))[start:stop][0], range(len(whole))[start:stop][-1]
    assert (part.status, part.body) == (206, whole[start:stop])
    assert part.headers["Content-Range"] == f"bytes {first}-{last}/{len(whole)}"


@pytest.mark.parametrize(
    "asked", ["bytes=0-", "bytes=0-1,5-9", "lines=1-2", "bytes=x", "bytes=9-1"]
)
def test_what_is_no_single_range_is_the_whole(
    served: Any, url: str, whole: bytes, asked: str
) -> None:
    found = served.ask("GET", url, headers={**NOBODY, "Range": asked})
    assert (found.status, found.body) == (200, whole)


def test_a_range_beyond_its_end_is_told_how_long_it_is(served: Any, url: str, whole: bytes) -> None:
    refused = served.ask("GET", url, headers={**NOBODY, "Range": f"bytes={len(whole)}-"})
    assert (refused.status, refused.error["code"]) == (416, "range_not_satisfiable")
    assert refused.headers["Content-Range"] == f"bytes */{len(whole)}"
