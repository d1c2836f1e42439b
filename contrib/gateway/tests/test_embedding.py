"""The gateway in a program of somebody's own: any WSGI server, any path, keys of one's own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.test import Client as Browser
from werkzeug.wrappers import Response

from imagekit import Client, Config, UsageError
from imagekit_gateway import Application, Gateway, Refused, Rights
from imagekit_store import Key, Keys, Limits, Store

ORDER = {"model": "sandbox:seedream-4.5", "prompt": "a corgi", "size": "2K"}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(f"sqlite:///{tmp_path}/store.db") as store:
        yield store


def test_below_a_path_links_lead_back_to_it(store: Store) -> None:
    with Gateway(Client(config=Config(), journal=store), store) as gateway:
        site = Browser(DispatcherMiddleware(Response("else"), {"/pictures": Application(gateway)}))
        bearer = {"Authorization": f"Bearer {Keys(store).add('site')}"}
        path = "/pictures/v1/images/generations"
        made: Any = site.post(path, json=ORDER, headers=bearer, buffered=True).json
        url = made["data"][0]["url"]
        assert url.startswith("http://localhost/pictures/v1/images/")
        assert site.get(url, buffered=True).mimetype == "image/png"
        assert gateway.under_way.wait(0) == []


def test_the_page_is_below_a_path_and_not_beside_it(store: Store) -> None:
    with Gateway(Client(config=Config(), journal=store), store) as gateway:
        site = Browser(DispatcherMiddleware(Response("else"), {"/pictures": Application(gateway)}))
        led = site.get("/pictures")
        assert (led.status_code, led.location) == (308, "http://localhost/pictures/")
        assert b"imagekit" in site.get("/pictures/", buffered=True).data
        assert site.get("/pictures/page/start.js", buffered=True).status_code == 200


def test_a_client_that_does_not_tell_the_store_is_refused(store: Store) -> None:
    with Client(config=Config()) as client, pytest.raises(UsageError, match="journal=store"):
        Gateway(client, store)


class Badges:
    """The keys of some other system."""

    def __init__(self, some: Key) -> None:
        self.some = some

    def of(self, authorization: str | None) -> tuple[Key, Rights]:
        if authorization != "Bearer badge-7":
            raise Refused(401, "invalid_api_key", "no such badge", "authentication_error")
        return evolve(self.some, name="badge-7"), Rights(models=["seedream-*"])


def test_keys_may_be_those_of_another_system(store: Store) -> None:
    Keys(store).add("some")
    (some,) = Keys(store).all()
    client = Client(config=Config(), journal=store)
    with Gateway(client, store, callers=Badges(some)) as gateway:
        site = Browser(Application(gateway))
        headers = {"Authorization": "Bearer badge-7"}
        path = "/v1/images/generations"
        assert site.post(path, json=ORDER, headers=headers, buffered=True).status_code == 200
        assert site.post(path, json=ORDER, buffered=True).status_code == 401
        told = site.get("/v1/key", headers=headers).json
        assert told is not None
        assert (told["name"], told["models"]) == ("badge-7", ["seedream-*"])
        other = {**ORDER, "model": "sandbox:nano-banana"}
        assert site.post(path, json=other, headers=headers, buffered=True).status_code == 403


def test_limits_that_nothing_counts_are_a_mistake_of_whoever_runs_it(store: Store) -> None:
    """Of a key that has no row in the store."""
    Keys(store).add("some")
    (some,) = Keys(store).all()
    client = Client(config=Config(), journal=store)
    limited = evolve(some, limits=Limits(rpm=5))
    with Gateway(client, store, callers=Badges(limited)) as gateway:
        headers = {"Authorization": "Bearer badge-7"}
        path = "/v1/images/generations"
        answer = Browser(Application(gateway)).post(path, json=ORDER, headers=headers)
        told: Any = answer.json
        assert (answer.status_code, told["error"]["code"]) == (503, "not_configured")
        assert answer.headers["x-should-retry"] == "false"
        answer.close()
