"""The server's own paths, which no upstream has: ledger, journal, reset."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imagekit_sandbox.serving.catalogue import CATALOGUE
from imagekit_sandbox.serving.messages import Answer, Asked, json_answer

if TYPE_CHECKING:
    from imagekit_sandbox.serving.desk import Desk

__all__ = ["SEGMENT", "answer"]

SEGMENT = "_sandbox"


def answer(desk: Desk, asked: Asked) -> Answer:
    """``GET /_sandbox``, ``/_sandbox/ledger``, ``/_sandbox/journal``; ``POST /_sandbox/reset``."""
    match asked.method, asked.path.rstrip("/").removeprefix(f"/{SEGMENT}"):
        case "GET", "":
            return _index(desk, asked.origin)
        case "GET", "/ledger":
            return json_answer(desk.ledger.document())
        case "GET", "/journal":
            return json_answer(desk.journal.document())
        case "POST", "/reset":
            desk.reset()
            return json_answer({"reset": True})
    message = "sandbox: GET /_sandbox, .../ledger and .../journal, POST .../reset are here"
    return json_answer({"error": {"message": message}}, 404)


def _index(desk: Desk, origin: str) -> Answer:
    bases = {host: f"{origin}/{host}{one.base}" for host, one in desk.dialects.items()}
    return json_answer(
        {
            "base_urls": bases,
            "faults": {name: kind.doc for name, kind in CATALOGUE.items()},
            "seed": desk.scenario.seed,
        }
    )
