"""The server's own paths, which no upstream has: ledger, journal, reset."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from urllib.parse import urlsplit

from imagekit_sandbox.serving.books.books import Books
from imagekit_sandbox.serving.faults.catalogue import CATALOGUE
from imagekit_sandbox.serving.kit.dialect import Dialect
from imagekit_sandbox.serving.messages.answers import Answer, json_answer
from imagekit_sandbox.serving.messages.asked import Asked

__all__ = ["SEGMENT", "answer"]

SEGMENT = "_sandbox"
#: Ends of names that nobody can buy.
_NOT_PUBLIC = (".localhost", ".local", ".internal", ".test")


def answer(books: Books, dialects: Iterable[Dialect], asked: Asked) -> Answer:
    """``GET /_sandbox``, ``/_sandbox/ledger``, ``/_sandbox/journal``; ``POST /_sandbox/reset``."""
    stranger = _stranger(asked)
    if stranger:
        return json_answer({"error": {"message": f"sandbox: {stranger}"}}, 403)
    match asked.method, asked.path.rstrip("/").removeprefix(f"/{SEGMENT}"):
        case "GET", "":
            return _index(books, dialects, asked.origin)
        case "GET", "/ledger":
            return json_answer(books.ledger.document())
        case "GET", "/journal":
            return json_answer(books.journal.document())
        case "POST", "/reset":
            books.reset()
            return json_answer({"reset": True})
    message = "sandbox: GET /_sandbox, .../ledger and .../journal, POST .../reset are here"
    return json_answer({"error": {"message": message}}, 404)


def _stranger(asked: Asked) -> str:
    """Why this isn't the owner's own program; empty when it may be.

    A browser that shows a stranger's page would read and reset all of this for it: under a name
    of the stranger's that leads to this address, or across sites.
    """
    name = urlsplit(f"//{asked.headers.get('host', '')}").hostname or ""
    if not (_is_address(name) or "." not in name or name.endswith(_NOT_PUBLIC)):
        return f"{name!r} is no name of this server; ask it by its address, or as localhost"
    origin = asked.headers.get("origin", asked.origin)
    if origin != asked.origin or asked.headers.get("sec-fetch-site") in ("cross-site", "same-site"):
        return "pages of other sites may not ask for this"
    return ""


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _index(books: Books, dialects: Iterable[Dialect], origin: str) -> Answer:
    bases = {one.host: origin + one.path for one in dialects}
    return json_answer(
        {
            "base_urls": bases,
            "faults": {name: kind.doc for name, kind in CATALOGUE.items()},
            "seed": books.scenario.seed,
        }
    )
