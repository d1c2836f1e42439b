"""Reading an answer: JSON with pictures inside, turned into a small document and blobs.

An answer may carry fifteen 4K pictures as base64 inside its JSON. It is passed over once, as
it arrives: pictures are decoded on the way into `Blob`, and what is left is small. Memory
does not grow with the answer.
"""

from __future__ import annotations

from collections.abc import Callable

from imagekit.send.reading.defect import Defect
from imagekit.send.reading.json import LIMIT, MOST_BLOBS, Reader
from imagekit.values import Reply, Request, Response

__all__ = ["CHUNK", "LIMIT", "MOST_BLOBS", "Defect", "Reader", "next_chunk", "read"]

CHUNK = 1 << 18  # bytes asked of the socket at a time
FIRST = 1 << 14  # the same for the first: most answers are small, and buffers cost time


def read(
    reply: Reply,
    blobs: frozenset[str] = frozenset(),
    links: frozenset[str] = frozenset(),
    tick: Callable[[], None] = lambda: None,
    limit: int = LIMIT,
    request: Request | None = None,
) -> Response:
    """Read a reply to its end and close it.

    Args:
        blobs, links: as on `Wire`.
        tick: called between reads; raises to give up, e.g. at a deadline.
        limit: most bytes of body accepted.
        request: what the reply answers; the response has it, too.

    Never raises for what the host sent: the response then has a ``defect``.
    """
    reader = Reader(blobs, links, limit)
    try:
        amount = FIRST
        while chunk := next_chunk(reply, amount, tick):
            reader.feed(chunk)
            tick()
            amount = CHUNK if len(chunk) == amount else FIRST
        document = reader.finish()
        return Response(reply.status, reply.headers, document, request=request, notes=reader.notes)
    except Defect as defect:
        return Response(
            reply.status,
            reply.headers,
            head=bytes(reader.head),
            defect=str(defect),
            request=request,
            salvaged=reader.salvaged(),
            notes=reader.notes,
        )
    finally:
        reply.stream.close()


def next_chunk(reply: Reply, amount: int, tick: Callable[[], None]) -> bytes:
    """
    Raises:
        Defect: the connection broke off.
    """
    try:
        return reply.stream.read1(amount)
    except OSError:
        tick()  # perhaps it is the caller who gave up, not the host
        raise Defect("truncated") from None
