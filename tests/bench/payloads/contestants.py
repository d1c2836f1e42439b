"""Who gets pictures and saves them, and who sends pictures. Each is a generator: what it does
before its ``yield`` is not measured.
"""

from __future__ import annotations

import base64
import json
import os
import sys
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.bench.payloads.server import MIB

Contestant = Callable[[str, Path], Iterator[Any]]


def _documents(data: bytes, loads: Callable[[bytes], Any]) -> Iterator[dict[str, Any]]:
    """What the answer says of each picture: in its ``data``, or in an event each."""
    if data.startswith(b"{"):
        yield from loads(data)["data"]
        return
    for line in data.split(b"\n"):
        if line.startswith(b"data: {"):
            yield loads(line[6:])


def _plain(url: str, target: Path, loads: Any, decode: Callable[[str], bytes]) -> Iterator[None]:
    import urllib3

    pool = urllib3.PoolManager()
    yield
    data = pool.request("POST", f"{url}/v1/images/generations", body=b"{}").data
    for index, item in enumerate(_documents(data, loads)):
        if text := item.get("b64_json"):
            (target / f"{index}.png").write_bytes(decode(text))


def with_json(url: str, target: Path) -> Iterator[None]:
    return _plain(url, target, json.loads, base64.b64decode)


def with_orjson(url: str, target: Path) -> Iterator[None]:
    import orjson
    import pybase64

    return _plain(url, target, orjson.loads, pybase64.b64decode)


def with_openai(url: str, target: Path) -> Iterator[None]:
    import openai

    client = openai.OpenAI(base_url=f"{url}/v1", api_key="sk-1")
    wanted: dict[str, Any] = {"model": "m", "prompt": "x", "response_format": "b64_json"}
    yield
    if "/sse/" in url:
        items: Any = client.images.generate(**wanted, stream=True)
    else:
        items = client.images.generate(**wanted).data or []
    for index, item in enumerate(items):
        if text := getattr(item, "b64_json", None):
            (target / f"{index}.png").write_bytes(base64.b64decode(text))


def _imagekit(url: str) -> Any:
    from imagekit import Client, HostSettings

    settings = {"powertokens": HostSettings(base_url=url)}
    client = Client(hosts=settings, credentials={"powertokens": "sk-1"}, environment={})
    client.plan("x", model="powertokens:seedream-4.5", response_format="b64_json")
    return client


def _asked(url: str) -> Iterator[Any]:
    """The pictures of one call."""
    client = _imagekit(url)
    yield None
    answer = client.generate("x", model="powertokens:seedream-4.5", response_format="b64_json")
    yield from answer.images


def with_imagekit(url: str, target: Path) -> Iterator[Any]:
    for image in _asked(url):
        yield image and image.move_to(target / f"{image.index}.png")


def without_moving(url: str, target: Path) -> Iterator[Any]:
    for image in _asked(url):
        yield image and image.save(target / f"{image.index}.png")


def without_pybase64(url: str, target: Path) -> Iterator[Any]:
    sys.modules["pybase64"] = None  # type: ignore[assignment]
    return with_imagekit(url, target)


#: Those who get pictures, the one that all others are measured by first.
ANSWERED: dict[str, Contestant] = {
    "json + base64": with_json,
    "orjson + pybase64": with_orjson,
    "openai": with_openai,
    "imagekit": with_imagekit,
    "imagekit, no pybase64": without_pybase64,
    "imagekit, save": without_moving,
}


# --- requests ----------------------------------------------------------------------------------


def _pictures(target: Path, count: int, size: int) -> list[Path]:
    paths = [target / f"{number}.png" for number in range(count)]
    for path in paths:
        padded_picture(path, size)
    return paths


def sent_with_json(url: str, target: Path, count: int, size: int) -> Iterator[None]:
    import urllib3

    pool = urllib3.PoolManager()
    paths = _pictures(target, count, size)
    yield
    texts = [base64.b64encode(path.read_bytes()).decode() for path in paths]
    document = {"prompt": "x", "image": [f"data:image/png;base64,{text}" for text in texts]}
    pool.request("POST", f"{url}/v1/images/generations", body=json.dumps(document).encode())


def sent_with_imagekit(url: str, target: Path, count: int, size: int) -> Iterator[None]:
    client = _imagekit(url)
    paths = _pictures(target, count, size)
    yield
    client.generate("x", model="powertokens:seedream-4.5", image=paths)


SENT: dict[str, Callable[[str, Path, int, int], Iterator[None]]] = {
    "json + base64": sent_with_json,
    "imagekit": sent_with_imagekit,
}


def padded_picture(path: Path, size: int) -> None:
    """A small PNG with a chunk of so many random bytes that no decoder looks at."""
    from imagekit.testing import picture

    small, end, kind = picture(64, 64), 12, b"paDd"
    digest = zlib.crc32(kind)
    with path.open("wb") as file:
        file.write(small[:-end] + size.to_bytes(4, "big") + kind)
        for begin in range(0, size, MIB):
            piece = os.urandom(min(MIB, size - begin))
            digest = zlib.crc32(piece, digest)
            file.write(piece)
        file.write(digest.to_bytes(4, "big") + small[-end:])
