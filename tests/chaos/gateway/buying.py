"""Clients: each asks for its picture by a key of its own, and again until it has an answer."""

from __future__ import annotations

import base64
import hashlib
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from random import Random
from typing import Any
from urllib.parse import urlsplit

import urllib3
from attrs import define, field, frozen

from tests.chaos.gateway.orders import Order

__all__ = ["Answered", "Broken", "Buyer"]

#: Seconds between two tries, and in which there is an answer.
PAUSE, PATIENCE = 0.1, 120.0
#: What a client may be told and ask once more, since it was free.
FREE = (409, 429, 500, 503)


@frozen
class Answered:
    """The last word on an order.

    Attributes:
        status: of HTTP; of a stream and of a record, what a plain request would have been told.
        record: the id of the request.
        pictures: the sha256 of each.
    """

    order: Order
    status: int
    record: str
    pictures: tuple[str, ...] = ()


@frozen
class Broken:
    """A connection that ended before its answer.

    Attributes:
        url: of whom it was asked.
        began: when, by the monotonic clock.
        what: was asked for, and how it broke.
        refused: nobody was there, so that nothing was sent.
    """

    url: str
    began: float
    what: str
    refused: bool


class _Again(Exception):
    """It is to be asked for once more."""


@define
class Buyer:
    """Asks any of several gateways, and again where one fails. Threads may share it.

    Attributes:
        broken: what failed.
    """

    urls: Sequence[str]
    key: str
    chance: Random
    broken: list[Broken] = field(factory=list)
    _pool: urllib3.PoolManager = field(
        factory=lambda: urllib3.PoolManager(maxsize=64, retries=False, timeout=PATIENCE),
        init=False,
    )

    def buy(self, order: Order) -> Answered:
        """
        Raises:
            AssertionError: there is no answer for minutes, or one that nobody can be content with.
        """
        end = time.monotonic() + PATIENCE
        while True:
            status, body = self._ask("POST", "/v1/images/generations", order.headers, order.body)
            try:
                return self._told(order, status, body)
            except _Again:
                assert time.monotonic() < end, f"{order.name} was never answered"
                self._rest()

    def _told(self, order: Order, status: int, body: bytes) -> Answered:
        """
        Raises:
            _Again: there is no answer yet, and it was free.
        """
        if status == 202:
            return self._later(order, json.loads(body)["id"])
        if order.way == "streamed" and status == 200:
            return self._streamed(order, body)
        told = json.loads(body)
        if status == 200:
            return self._drawn(order, told["metadata"]["id"], told["data"])
        return _refused(order, status, told["error"])

    def _later(self, order: Order, id: str) -> Answered:
        """Of a record, once it is over."""
        told: dict[str, Any] = {}
        while told.get("status") not in ("completed", "failed"):
            status, body = self._ask("GET", f"/v1/images/{id}?wait=5")
            assert status == 200, f"the record {id} of {order.name}: {status} {body[:500]!r}"
            told = json.loads(body)
        if told["status"] == "completed":
            return self._drawn(order, id, told["data"])
        return _failed(order, {**told["error"], "record": id})

    def _streamed(self, order: Order, body: bytes) -> Answered:
        *_, last = [{}, *_events(body)]
        if last.get("type") == "error":
            return _failed(order, last["error"])
        if "metadata" not in last:
            self.broken.append(Broken("", 0.0, f"the stream of {order.name}", refused=False))
            raise _Again
        return self._drawn(order, last["metadata"]["id"], [last])

    def _drawn(self, order: Order, id: str, data: Sequence[dict[str, Any]]) -> Answered:
        return Answered(order, 200, id, tuple(map(self._digest, data)))

    def _digest(self, item: Mapping[str, Any]) -> str:
        """Of the bytes of a picture. Its link leads to it at every gateway."""
        if "b64_json" in item:
            return hashlib.sha256(base64.b64decode(item["b64_json"])).hexdigest()
        parts = urlsplit(item["url"])
        status, body = self._ask("GET", f"{parts.path}?{parts.query}")
        assert status == 200, f"{item['url']}: {status} {body[:500]!r}"
        return hashlib.sha256(body).hexdigest()

    def _ask(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> tuple[int, bytes]:
        """Whoever answers."""
        told = {"Authorization": f"Bearer {self.key}", **(headers or {})}
        end = time.monotonic() + PATIENCE
        while True:
            url, began = self.chance.choice(self.urls), time.monotonic()
            try:
                reply = self._pool.request(method, url + path, body=body, headers=told)
                return reply.status, reply.data
            except urllib3.exceptions.HTTPError as error:
                refused = isinstance(error, urllib3.exceptions.NewConnectionError)
                what = f"{method} {path} {body!r}: {error!r}"
                self.broken.append(Broken(url, began, what, refused))
                assert time.monotonic() < end, f"nobody answers {method} {path}"
            self._rest()

    def _rest(self) -> None:
        time.sleep(self.chance.uniform(0, 2 * PAUSE))


def _failed(order: Order, error: Mapping[str, Any]) -> Answered:
    """What a stream or a record says of its end, told as the status of a plain request."""
    return _refused(order, 503 if error["charged"] == "no" else 424, error)


def _refused(order: Order, status: int, error: Mapping[str, Any]) -> Answered:
    """
    Raises:
        _Again: it was free, so that it may be asked for once more.
        AssertionError: it is refused for good, though there is nothing wrong with it.
    """
    if error["charged"] == "no":
        assert status in FREE, f"{order.name}: {status} {error}"
        raise _Again
    assert status == 424, f"{order.name}: {status} {error}"
    assert error.get("record"), f"{order.name}: {error}"
    return Answered(order, status, error["record"])


def _events(body: bytes) -> Iterator[dict[str, Any]]:
    for line in body.splitlines():
        if line.startswith(b"data: "):
            yield json.loads(line.removeprefix(b"data: "))
