"""Whoever can ask the server for a picture, each over a connection of its own."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from imagekit import AsyncClient, Client, FileJournal, HostSettings
from tests.bench.calls.server import MODEL

__all__ = [
    "AT_ONCE",
    "BASE",
    "OURS",
    "PROMPT",
    "Call",
    "client_at",
    "contestants",
    "many",
    "polled",
]

Call = Callable[[], object]

BASE, OURS = "urllib3 PoolManager + json", "imagekit"
PROMPT, SIZE, SEED = "a corgi on the beach", "2048x2048", 7
EXTRA = {"seed": SEED, "watermark": False}
PATH = "/v1/images/generations"
HEADERS = {
    "Content-Type": "application/json",
    "Accept": "application/json",
    "Authorization": "Bearer bench-key",
}
AT_ONCE = 8  # calls that are awaited together


def client_at(url: str, **more: Any) -> Client:
    """One that asks the server as if it was token360, or klingai for jobs."""
    hosts = {"token360": HostSettings(f"{url}/v1"), "klingai": HostSettings(url)}
    keys = dict.fromkeys(hosts, "bench-key")
    return Client(environment={}, credentials=keys, hosts=hosts, **more)


def contestants(url: str, prompt: str = PROMPT) -> dict[str, Call]:
    """The first is what the others are measured against."""
    calls = {BASE: _pool_manager(url, prompt), OURS: _imagekit(url, prompt)}
    for name, make in {"httpx": _httpx, "openai": _openai, "litellm": _litellm}.items():
        if find_spec(name):
            calls[name] = make(url, prompt)
    return calls


def _body(prompt: str) -> dict[str, object]:
    return {"model": MODEL, "prompt": prompt, "size": SIZE, **EXTRA}


def _pool_manager(url: str, prompt: str) -> Call:
    import urllib3

    manager = urllib3.PoolManager()

    def call() -> object:
        body = json.dumps(_body(prompt)).encode()
        response = manager.request("POST", url + PATH, body=body, headers=HEADERS)
        return json.loads(response.data)["data"][0]["url"]

    return call


def _imagekit(url: str, prompt: str, **more: Any) -> Call:
    client, model = client_at(url, **more), f"token360:{MODEL}"

    def call() -> object:
        asked = {"size": SIZE, "seed": SEED, "watermark": False}
        return client.generate(prompt, model=model, fetch=False, **asked).image.url

    return call


def with_journal(url: str, folder: Path) -> Call:
    """imagekit, with every paid call written down durably."""
    return _imagekit(url, PROMPT, journal=FileJournal(folder))


def _httpx(url: str, prompt: str) -> Call:
    import httpx

    client = httpx.Client()
    return lambda: client.post(url + PATH, json=_body(prompt), headers=HEADERS).json()["data"][0][
        "url"
    ]


def _openai(url: str, prompt: str) -> Call:
    from openai import OpenAI

    client = OpenAI(base_url=f"{url}/v1", api_key="bench-key", max_retries=0)

    def call() -> object:
        return (
            client.images.generate(model=MODEL, prompt=prompt, size=SIZE, extra_body=EXTRA)
            .data[0]
            .url
        )

    return call


def _litellm(url: str, prompt: str) -> Call:
    import litellm

    def call() -> object:
        answer = litellm.image_generation(
            prompt, f"openai/{MODEL}", size=SIZE, api_base=f"{url}/v1", api_key="bench-key"
        )
        return answer.data[0].url

    return call


# --- several at once, and jobs ---------------------------------------------------------------


def many(url: str) -> dict[str, Call]:
    """`AT_ONCE` calls awaited together, for each that can be awaited."""
    calls = {"imagekit AsyncClient": _async_imagekit(url)}
    if find_spec("openai"):
        calls["AsyncOpenAI"] = _async_openai(url)
    return calls


def _async_imagekit(url: str) -> Call:
    client, model = AsyncClient(client_at(url)), f"token360:{MODEL}"
    return _awaited(lambda: client.generate(PROMPT, model=model, fetch=False))


def _async_openai(url: str) -> Call:
    from openai import AsyncOpenAI

    client = AsyncOpenAI(base_url=f"{url}/v1", api_key="bench-key", max_retries=0)
    return _awaited(lambda: client.images.generate(model=MODEL, prompt=PROMPT))


def _awaited(ask: Callable[[], Any]) -> Call:
    loop = asyncio.new_event_loop()

    async def together() -> None:
        await asyncio.gather(*(ask() for _ in range(AT_ONCE)))

    return lambda: loop.run_until_complete(together())


def polled(url: str, polls: int) -> Call:
    """A job that is asked for so often, without the waiting between."""
    client = client_at(f"{url}/polls/{polls}", sleep=lambda _: None)
    return lambda: client.generate(PROMPT, model="klingai:kling-v3", fetch=False)
