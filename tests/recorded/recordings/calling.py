"""A call that is answered with a recorded sample, over a socket; a plan of one that is not sent."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from attrs import frozen

from imagekit import Client, HostSettings, ImagekitError, Plugins, Result, events
from imagekit.client.plan import Plan
from imagekit.testing import Answer, Loopback, Seen, picture
from recordings.samples import dig, said
from recordings.tables import Answered, Shaped

__all__ = ["Outcome", "called", "planned"]

PROMPT = "a heron"


@frozen(eq=False)
class Outcome:
    """What came of a call: a result or an error, what was told, and what was sent."""

    result: Result | None
    error: ImagekitError | None
    told: tuple[str, ...]
    seen: tuple[Seen, ...]


@cache
def installed() -> Plugins:
    return Plugins.load({})


def called(vectors: Path, row: Answered) -> Outcome:
    """Links are left alone: they lead to hosts of others, and are long dead."""
    given = {"model": row.model, "deadline": row.deadline, "fetch": False, **_given(row)}
    result, error, told = None, None, ()
    with Loopback(*_script(vectors, row)) as server, _client(row, server.url) as client:
        try:
            if row.streamed:
                result, told = _streamed(client, given)
            else:
                result = client.generate(PROMPT, **given)
        except ImagekitError as caught:
            error = caught
        return Outcome(result, error, told, tuple(server.seen))


def _streamed(client: Client, given: dict[str, Any]) -> tuple[Result, tuple[str, ...]]:
    told = list(client.stream(PROMPT, **given))
    kinds = (events.Picture, events.PictureFailed, events.Completed)
    finished = told[-1]
    assert isinstance(finished, events.Finished)
    return finished.result, tuple(type(one).__name__ for one in told if isinstance(one, kinds))


def planned(row: Shaped, body: Any) -> Plan:
    """``body`` is the recorded one, for the values that the row takes from it."""
    taken = {name: dig(body, place) for name, place in row.taken.items()}
    native = {name: body[name] for name in row.native}
    with _client(row) as client:
        return client.plan(**{"model": row.model, "native": native, **taken, **_given(row)})


def _client(row: Answered | Shaped, url: str = "") -> Client:
    """One that finds the host at ``url``, below the path that its own address has, and never
    really waits."""
    with Client(plugins=installed(), environment={}) as plain:
        route = plain.route(row.model)
    settings = HostSettings(
        base_url=url + urlsplit(route.host.base_url).path if url else None,
        remote_ids={route.model.name: row.id} if row.id else {},
    )
    return Client(
        plugins=installed(),
        environment={},
        hosts={route.host.name: settings},
        credentials={route.host.name: "key.secret"},
        sleep=lambda seconds: None,
    )


def _given(row: Answered | Shaped) -> dict[str, Any]:
    """``image = true`` in a table is any picture."""
    given = dict(row.given)
    if given.get("image") is True:
        given["image"] = picture(64, 64)
    return given


def _script(vectors: Path, row: Answered) -> list[Answer]:
    before = [Answer(json=row.job)] if row.job else []
    if row.after:
        before.append(_answer(vectors, row.after, 200))
    if row.streamed:
        return [*before, _stream([said(vectors, one).body for one in (row.name, *row.then)])]
    return [*before, _answer(vectors, row.name, row.status, row.wrapped)]


def _answer(vectors: Path, name: str, status: int, wrapped: bool = False) -> Answer:
    found = said(vectors, name)
    status = found.status or status
    if wrapped:
        first, _, message = found.body.strip().partition("\n")
        return Answer(int(first.removeprefix("HTTP ")), json={"error": {"message": message}})
    if not isinstance(found.body, str):
        return Answer(status, json=found.body, headers=found.headers)
    return Answer(status, body=found.body.encode(), headers=found.headers)


def _stream(bodies: list[Any]) -> Answer:
    """Whole streams as they are; events that were recorded one by one, each in its frame."""
    text = "".join(one if isinstance(one, str) else _frame(one) for one in bodies)
    return Answer(body=text.encode(), headers={"Content-Type": "text/event-stream"})


def _frame(event: dict[str, Any]) -> str:
    kind = event.get("type", "error")
    return f"event: {kind}\ndata: {json.dumps(event, ensure_ascii=False)}\n\n"
