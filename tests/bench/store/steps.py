"""Durable steps a second: paid calls as a client tells a store of them, by many threads."""

from __future__ import annotations

import itertools
import struct
import time
import zlib
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256

from attrs import frozen
from imagekit_store import Store

from imagekit import Blob, Image, Provenance, Purchase, Result

__all__ = ["STEPS", "Steps", "measured"]

#: Of each purchase: that it is sent, what was answered, that it is kept.
STEPS = 3


@frozen
class Steps:
    """What was measured: purchases a second, durable steps, and processor seconds of each
    purchase."""

    purchases: float
    cpu: float

    @property
    def steps(self) -> float:
        return self.purchases * STEPS


def measured(store: Store, threads: int, count: int, drawn: bool = False) -> Steps:
    """So many purchases, by so many threads at once.

    Args:
        drawn: each brings a picture of its own, which is announced and kept; else rows alone.
    """
    numbers = itertools.count()
    began, busy = time.perf_counter(), time.process_time()
    with ThreadPoolExecutor(threads) as pool:
        for done in [pool.submit(_buy, store, next(numbers), drawn) for _ in range(count)]:
            done.result()
    seconds, cpu = time.perf_counter() - began, time.process_time() - busy
    return Steps(count / seconds, cpu / count)


def _buy(store: Store, number: int, drawn: bool) -> None:
    purchase = _purchase(number)
    images = (Image(0, blob=Blob.of(_png(number)), host="powertokens"),) if drawn else ()
    result = Result(images, model=purchase.model, host=purchase.host)
    store.sending(purchase)
    store.answered(purchase, result, more=False)
    store.kept(purchase, result)


def _purchase(number: int) -> Purchase:
    id, model, host = f"call{number}", "seedream-4.5", "powertokens"
    asked = {"prompt": f"heron {number}", "size": "2048x2048"}
    provenance = Provenance("2026-11-29T12:00:00Z", model, host, asked)
    return Purchase(id, model, host, body=sha256(id.encode()).hexdigest(), provenance=provenance)


def _png(number: int) -> bytes:
    """A real picture of one pixel, unlike any other."""
    chunks = {
        b"IHDR": struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0),
        b"tEXt": f"number\0{number}".encode(),
        b"IDAT": zlib.compress(b"\0\0\0\0"),
        b"IEND": b"",
    }
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks.items()
    )
