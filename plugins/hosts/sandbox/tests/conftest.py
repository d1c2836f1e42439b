"""Upstreams, and how the tests ask them: by plain HTTP, as any client could."""

from __future__ import annotations

import base64
import io
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import urllib3
from imagekit_sandbox.serving import Entry, Upstreams
from PIL import Image as Pillow

Ask = Callable[..., urllib3.BaseHTTPResponse]

#: Where two gateways make pictures, and what they call Seedream 4.0.
GATEWAYS = {
    "powertokens/v1/images/generations": "seedream-4-0-250828",
    "token360/v1/images/generations": "seedream-4.0",
}


@pytest.fixture(scope="session")
def shared() -> Iterator[Upstreams]:
    with Upstreams() as upstreams:
        yield upstreams


@pytest.fixture
def upstreams(shared: Upstreams) -> Upstreams:
    """Where nothing has happened yet."""
    shared.reset()
    return shared


@pytest.fixture(scope="session")
def asking() -> Callable[[Upstreams], Ask]:
    """``asking(upstreams)(method, path, body, key, fields=..., Header_Name=...)``."""

    def at(upstreams: Upstreams) -> Ask:
        def ask(
            method: str,
            path: str,
            body: Any = None,
            key: str | None = "key-1",
            fields: Any = None,
            **headers: str,
        ) -> urllib3.BaseHTTPResponse:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            if key is not None:
                named = {"Authorization": f"Bearer {key}", "x-goog-api-key": key, **named}
            kind = "body" if isinstance(body, bytes | None) else "json"
            content = {"fields": fields} if fields else {kind: body}
            url = f"{upstreams.url}/{path}"
            return urllib3.request(
                method, url, headers=named, retries=False, redirect=False, **content
            )

        return ask

    return at


@pytest.fixture
def ask(asking: Callable[[Upstreams], Ask], upstreams: Upstreams) -> Ask:
    return asking(upstreams)


@pytest.fixture
def refused(ask: Ask, upstreams: Upstreams) -> Callable[..., Any]:
    """``refused(path, body, ...)``: what is said about an order that nobody pays for."""

    def refused(path: str, body: Any = None, **given: Any) -> Any:
        answer = ask("POST", path, body, **given)
        assert (answer.status, upstreams.ledger.entries) == (400, ())
        return answer.json().get("error", answer.json())

    return refused


@pytest.fixture(params=GATEWAYS)
def path(request: pytest.FixtureRequest) -> str:
    """Of each gateway in turn."""
    return str(request.param)


@pytest.fixture(scope="session")
def order() -> Callable[..., dict[str, Any]]:
    """``order(path, **fields)``: for one small picture by Seedream 4.0."""

    def order(path: str, **fields: Any) -> dict[str, Any]:
        return {"model": GATEWAYS[path], "prompt": "a heron", "size": "1024x1024", **fields}

    return order


@pytest.fixture
def recorded(ask: Ask, order: Callable[..., Any]) -> list[str]:
    """Ids of three records of key-1 at Token360, the oldest first."""
    for prompt in ("one", "two", "three"):
        ask("POST", "token360/v1/images/generations", order([*GATEWAYS][1], prompt=prompt))
    return [one["id"] for one in ask("GET", "token360/v1/images?order=asc").json()["data"]]


@pytest.fixture(scope="session")
def seen() -> Callable[[bytes | str], tuple[str | None, tuple[int, int]]]:
    """``seen(content)``: the format and the pixels of a picture, or of its base64."""

    def seen(content: bytes | str) -> tuple[str | None, tuple[int, int]]:
        data = base64.b64decode(content) if isinstance(content, str) else content
        with Pillow.open(io.BytesIO(data)) as opened:
            return opened.format, opened.size

    return seen


@pytest.fixture(scope="session")
def answered() -> Callable[[Upstreams], Entry]:
    """``answered(upstreams)``: the only entry of the ledger, once its answer is out.

    The answer is out before the ledger says so.
    """

    def answered(upstreams: Upstreams) -> Entry:
        for _ in range(3000):
            (entry,) = upstreams.ledger.entries
            if entry.answered_at is not None:
                return entry
            time.sleep(0.01)
        raise AssertionError("its answer was never out")

    return answered
