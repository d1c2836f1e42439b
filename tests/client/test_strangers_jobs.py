"""A job that a stranger has sent buys nothing, takes the key to nobody, and names no file."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve

from imagekit import (
    FileJournal,
    InvalidConfiguration,
    Pending,
    Request,
    Result,
    UsageError,
    from_plain,
    to_plain,
)
from imagekit.testing import Answer, Loopback


def job(url: str, **changed: Any) -> Pending:
    request = Request("GET", f"{url}/images/1", {}, None, "poll", True)
    whole = Pending(request, wait=0.0, model="lily-1", host="garden", given={"prompt": "a lily"})
    return evolve(whole, **changed)


@pytest.mark.parametrize("ask", ["resume", "look"])
@pytest.mark.parametrize("slip", [{"method": "POST"}, {"method": "DELETE"}, {"body": b"{}"}])
def test_it_is_asked_for_by_a_get_alone(garden, ask: str, slip: dict[str, Any]) -> None:
    with Loopback() as server:
        client, stranger = garden(server.url), job(server.url)
        stranger = evolve(stranger, request=evolve(stranger.request, **slip))
        with pytest.raises(UsageError, match="not asked for by a GET"):
            getattr(client, ask)(stranger)
    assert server.seen == []


def test_its_headers_are_not_sent_with_the_key(garden, drawn) -> None:
    with Loopback(Answer(json=drawn)) as server:
        headers = {"Host": "evil.example", "X-Away": "1", "Accept": "application/json"}
        stranger = job(server.url)
        stranger = evolve(stranger, request=evolve(stranger.request, headers=headers))
        garden(server.url).resume(stranger)
    (seen,) = server.seen
    assert "evil.example" not in seen.headers["host"]
    assert "x-away" not in {name.lower() for name in seen.headers}
    assert seen.headers["accept"] == "application/json"


@pytest.mark.parametrize("name", ["../../cat", "/home/me/cat", "a/b", ".", "a" * 200, "a\0b"])
def test_its_call_names_no_file(garden, drawn, tmp_path, name: str) -> None:
    with Loopback(Answer(json=drawn)) as server:
        client = garden(server.url, journal=FileJournal(tmp_path / "journal"))
        with pytest.raises(UsageError, match="of no call"):
            client.look(job(server.url, call=name))
    assert server.seen == []


@pytest.mark.parametrize("places", [(0, 10**30), (0, 5 * 10**8), (-1, 2), (5, 1)])
def test_its_places_are_those_of_a_request(garden, places: tuple[int, int]) -> None:
    with Loopback() as server, pytest.raises(UsageError, match="of no call"):
        garden(server.url).look(job(server.url, places=places))


def test_a_picture_that_it_says_it_was_given_is_never_a_crash(garden, drawn) -> None:
    given = {"prompt": "a lily", "image": [{"steps": 5, "original": 7, "name": 3}]}
    with Loopback(Answer(json=drawn)) as server:
        assert isinstance(garden(server.url).look(job(server.url, given=given)), Result)


@pytest.mark.parametrize("data", [{5: 6}, {"request": {5: 6}}, [], "job", None])
def test_what_is_no_job_is_told_of(data: Any) -> None:
    with pytest.raises(InvalidConfiguration, match="this is no Pending"):
        from_plain(data, Pending)


def test_no_picture_is_made_from_what_is_told_of_one(garden, drawn) -> None:
    with Loopback(Answer(json=drawn)) as server:
        result = garden(server.url).generate("a lily", model="lily-1")
    with pytest.raises(InvalidConfiguration, match="bytes are in no JSON"):
        from_plain(to_plain(result), Result)
