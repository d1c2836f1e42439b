"""A host's one fact stands for everything in it that has none of its own: a file says once where
it was read. Done when the host is made, so nobody who reads a fact later has to know of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from imagekit.basics.classes import evolve

if TYPE_CHECKING:
    from imagekit.declare.fact import Fact

__all__ = ["standing_for"]


def standing_for(host: Any, fact: Fact) -> Iterator[tuple[str, Any]]:
    """(attribute, value) of the host with the fact in it, where it has none."""
    yield "offers", tuple(_offer(offer, fact) for offer in host.offers)
    yield "errors", tuple(_told(row, fact) for row in host.errors)
    for name in ("models_at", "records_at", "costs_in"):
        yield name, _told(getattr(host, name), fact)


def _offer(offer: Any, fact: Fact) -> Any:
    """Its own fact is that of its id. A spelling without one says nothing of the model."""
    whole = {
        "id_fact": offer.id_fact or fact,
        "parameters": tuple(_told(parameter, fact) for parameter in offer.parameters),
        "sizes": _sizes(offer.sizes, fact),
        "references": _told(offer.references, fact),
    }
    missing = {name: told for name, told in whole.items() if told != getattr(offer, name)}
    return evolve(offer, **missing) if missing else offer


def _sizes(sizes: Any, fact: Fact) -> Any:
    if isinstance(sizes, Mapping):
        return {"fact": fact, **sizes}
    return _told(sizes, fact)


def _told(thing: Any, fact: Fact) -> Any:
    """What it was, with the fact; None stays so."""
    return thing if thing is None or thing.fact else evolve(thing, fact=fact)
