"""A paid call as journals name it."""

from __future__ import annotations

from imagekit.plan.call import Call
from imagekit.plan.costs import estimate_of
from imagekit.plan.provenance import portable
from imagekit.send.resumable import asks_by_name, resumable
from imagekit.values import Provenance, Purchase, Request

__all__ = ["purchase_of"]


def purchase_of(call: Call, request: Request | None, provenance: Provenance | None) -> Purchase:
    """What is written down of a call before it is sent."""
    lookup, offer = request and request.lookup, call.route.offer
    name = {**call.given, **call.native}.get(offer.name_field) if offer.name_field else None
    return Purchase(
        id=call.id,
        model=call.route.model.name,
        host=call.route.host.name,
        name=None if name is None else str(name),
        body=request.body.sha256 if request and request.body else "",
        places=tuple(call.places or ()),
        wanted=call.wanted,
        lookup=resumable(call, asks_by_name(lookup), provenance) if lookup else None,
        provenance=provenance and portable(provenance),
        estimate=estimate_of(call),
    )
