"""What the process that works takes: of many requests at once, and of large pictures."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import urllib3
from attrs import frozen

from tests.bench.gateway.contestants import MODEL, Contestant
from tests.bench.gateway.hosts import Drawing, host, large
from tests.bench.gateway.ours import ours

__all__ = ["Taken", "forms", "held", "pictures", "references"]

MIB = 1 << 20
PROMPT = "a corgi on the beach"


@frozen
class Taken:
    """MiB that are resident: before, and the most of them meanwhile; and requests that failed."""

    before: float
    most: float
    failed: int = 0

    @property
    def growth(self) -> float:
        return self.most - self.before


def held(count: int, seconds: float) -> Taken:
    """So many requests at once that a host takes so many seconds for."""
    with _gateway(Drawing(seconds)) as gateway:
        return _taken(gateway, lambda: gateway.ask(count, 0.0).failed)


def pictures(count: int, size: int) -> Taken:
    """So many of so many bytes each, in one answer of the host and one to the client, as base64."""
    group = {"max_images": count}
    fields = {
        "model": f"powertokens:{MODEL}",
        "prompt": PROMPT,
        "response_format": "b64_json",
        "sequential_image_generation": "auto",
        "sequential_image_generation_options": group,
    }
    with _gateway(Drawing(count=count, size=size)) as gateway:
        body = json.dumps(fields).encode()
        return _taken(gateway, lambda: _sent(gateway, body, "application/json"))


def references(count: int, size: int) -> Taken:
    """So many of so many bytes each, as data URLs in JSON."""
    with _gateway(Drawing()) as gateway:
        given = [
            f"data:image/png;base64,{b64encode(large(size, n)).decode()}" for n in range(count)
        ]
        body = json.dumps({"model": MODEL, "prompt": PROMPT, "image": given}).encode()
        return _taken(gateway, lambda: _sent(gateway, body, "application/json"))


def forms(count: int, size: int) -> Taken:
    """The same as files of a form."""
    files = [("image[]", (f"{n}.png", large(size, n), "image/png")) for n in range(count)]
    fields = [("model", MODEL), ("prompt", PROMPT), *files]
    with _gateway(Drawing()) as gateway:
        body, kind = urllib3.encode_multipart_formdata(fields)
        return _taken(gateway, lambda: _sent(gateway, body, kind))


@contextmanager
def _gateway(drawing: Drawing) -> Iterator[Contestant]:
    """One that has answered before; its pictures are kept."""
    with (
        TemporaryDirectory() as folder,
        host(drawing) as url,
        ours(url, f"sqlite:///{folder}/store.db", Path(folder)) as (_, kept),
    ):
        yield kept


def _taken(gateway: Contestant, ask: Callable[[], int]) -> Taken:
    worker = gateway.worker
    before = _memory(worker, "VmRSS")
    Path(f"/proc/{worker}/clear_refs").write_text("5")  # the most of it is that of now
    failed = ask()
    return Taken(before, _memory(worker, "VmHWM"), failed)


def _memory(process: int, name: str) -> float:
    """MiB."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(f"{name}:"))


def _sent(gateway: Contestant, body: bytes, kind: str) -> int:
    """How many failed of one; its answer is read in pieces."""
    headers = {"Content-Type": kind, **gateway.headers}
    reply = urllib3.request(
        "POST", gateway.url, body=body, headers=headers, preload_content=False, timeout=600
    )
    first = next(reply.stream(MIB))
    for _ in reply.stream(MIB):
        pass
    assert reply.status == 200, first[:2000]
    return 0
