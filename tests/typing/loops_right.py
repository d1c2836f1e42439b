"""Programs with an event loop."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path
from typing import assert_type

from imagekit import (
    Abandoned,
    AsyncClient,
    Catalogue,
    Client,
    Image,
    Parameters,
    Pending,
    Plan,
    Result,
)
from imagekit.events import Event, Finished

KEYWORDS: Parameters = {"size": "1024x1024"}


def note(call: Abandoned) -> None:
    assert_type(call.result, Result | None)
    assert_type(call.error, BaseException | None)


async def calls() -> None:
    async with AsyncClient(Client(), concurrency=2, on_abandoned=note) as client:
        assert_type(client, AsyncClient)
        assert_type(client.client, Client)
        result = await client.generate("a corgi", model="seedream-4.5", deadline=30, **KEYWORDS)
        assert_type(result, Result)
        assert_type(await client.save(result.image, "corgi.png", overwrite=True), Path)
        assert_type(await client.fetch(result.image), Image)
        assert_type(await client.plan("a corgi", n=2), Plan)
        assert_type(await client.models_at("ark"), Catalogue)


async def jobs(client: AsyncClient) -> Result:
    outcome = await client.begin("a corgi", ratio="1:1")
    assert_type(outcome, Result | Pending)
    if isinstance(outcome, Pending):
        assert_type(await client.look(outcome), Result | Pending)
        return await client.resume(outcome, deadline=60)
    return outcome


async def loop(client: AsyncClient) -> Result | None:
    events = client.stream("a corgi", heartbeat=1.0, quality="hd")
    assert_type(events, AsyncGenerator[Event])
    async for event in events:
        if isinstance(event, Finished):
            return event.result
    return None


async def left_early(client: AsyncClient) -> Event | None:
    async with aclosing(client.stream("a corgi")) as events:
        async for event in events:
            return event
    return None
