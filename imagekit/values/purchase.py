"""One paid call, as journals know it."""

from __future__ import annotations

import re
from typing import Any

from attrs import field

from imagekit.basics.classes import frozen
from imagekit.values.cost import UNSAID, Cost
from imagekit.values.pending import Pending
from imagekit.values.provenance import Provenance

__all__ = ["CALL_ID", "REQUEST_ID", "Purchase"]

#: How calls are named. Journals and spools make names of files of it, so it has nothing of a path.
CALL_ID = r"[A-Za-z0-9][A-Za-z0-9_-]{0,127}"
#: Of requests: without a hyphen, which ends it in the ids of several calls, and with room for that.
REQUEST_ID = r"[A-Za-z0-9][A-Za-z0-9_]{0,99}"


def _is_id(purchase: Purchase, attribute: Any, value: str) -> None:
    if not re.fullmatch(CALL_ID, value):
        raise ValueError(f"the id of a call is letters, digits, _ and -, not {value!r:.140}")


@frozen
class Purchase:
    """One paid call, as journals know it. It holds no secret and no picture.

    Attributes:
        id: of the call, on all of its events, too. Calls that one request became have its id
            in common, before a hyphen.
        model, host: whom it asks for what.
        name: what the host will know the job by, where it takes a name and can be asked by it.
        body: the sha256 of the request's body, as hex.
        places: which pictures of the request it is to make; empty when it makes all.
        wanted: how many pictures the request wants of which this call is a share; None where it
            is all of it.
        lookup: what asks for the job by its name, should its answer be lost; None where the
            host offers no such way.
        provenance: what was asked, and when; references by their digest.
        estimate: what it is expected to cost; None in its ``amount`` is unknown, and never 0.
    """

    id: str = field(validator=_is_id)
    model: str
    host: str
    name: str | None = None
    body: str = ""
    places: tuple[int, ...] = ()
    wanted: int | None = None
    lookup: Pending | None = None
    provenance: Provenance | None = None
    estimate: Cost = UNSAID
