"""A job that is not done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import field

from imagekit.basics.classes import frozen
from imagekit.values.charged import Charged
from imagekit.values.http import Request
from imagekit.values.provenance import Provenance

__all__ = ["Pending"]


@frozen
class Pending:
    """A job that is not done: the request that asks for it again, and when.

    Attributes:
        request: unsigned and repeatable; a GET, as `Client.resume` sends nothing else.
        wait: seconds to wait before sending it.
        longest: seconds; when set, each further wait is half as long again, up to this.
        task: the host's id of the job.
        progress: a word from the host, for people.
        charged: whether the job will be paid for.
        state: what the wire wants to know when the next answer is decoded, as plain data of
            JSON's: it is on that call then (`Call.state`), whatever process asks. Each
            `Pending` has its own: what is not given again is gone.
        model, host, given, on_unsupported, authors: what the call was made from, set by
            the engine, so that ``Client.resume`` works in another process.
        call, places: which paid call it is of, and which pictures of the request it makes, as
            on `Call`; set by the engine.
        provenance: of the call that made the job, for its result; set by the engine.
        confirmed: False for a job that is looked up by the name we gave it, since the answer
            that would tell of it was lost: perhaps there is none.
    """

    request: Request
    wait: float
    task: str | None = None
    progress: str | None = None
    charged: Charged = Charged.MAYBE
    model: str = ""
    host: str = ""
    given: Mapping[str, Any] = field(factory=dict)
    on_unsupported: str = "error"
    authors: Mapping[str, str] = field(factory=dict)
    provenance: Provenance | None = None
    longest: float | None = None
    call: str = ""
    places: tuple[int, ...] = ()
    confirmed: bool = True
    state: Mapping[str, Any] = field(factory=dict)
