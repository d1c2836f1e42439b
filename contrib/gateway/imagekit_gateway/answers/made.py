"""What came of a request, the same whether it has just been made or lies in the store."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from attrs import evolve, field, fields, frozen
from imagekit_store import Entry, Store, StoredPicture

from imagekit import Blob, Charged, Cost, Image, Result, Trouble, Usage, to_plain
from imagekit_gateway.refusals import plain
from imagekit_gateway.requests.strangers import is_link
from imagekit_gateway.requests.words import Wanted

__all__ = [
    "UNFETCHED",
    "Drawn",
    "Link",
    "Made",
    "of_entry",
    "of_image",
    "of_result",
    "receipt_of",
    "unkept",
]

#: The code of a picture that is there, behind a link that did not lead to it.
UNFETCHED = "download_failed"

#: Of a link that a host gives, and that clients would follow.
UNSAFE = {"code": "unsafe_link", "message": "its link is none to be followed"}
#: Of any currency: no picture costs more, and no price has more decimals.
MOST, FINEST = 10_000_000, 30


@frozen
class Drawn:
    """One picture, or why there is none.

    Attributes:
        place: among all of the request.
        blob: gives its bytes; None where they are not here.
        length: of those.
        url: the host's own link, where the picture is not kept.
        error: ``code`` and ``message``, where there is no picture.
        said: what else the host said of it.
    """

    place: int
    blob: Callable[[], Blob] | None = field(default=None, repr=False)
    length: int = 0
    media_type: str | None = None
    pixels: tuple[int, int] | None = None
    url: str | None = field(default=None, repr=False)
    error: Mapping[str, Any] | None = None
    said: Mapping[str, Any] = field(factory=dict, repr=False)

    @property
    def is_there(self) -> bool:
        """Whether it can be had. One that went out with its answer, and is not kept, can't."""
        return self.error is None and (self.blob is not None or bool(self.url))

    @property
    def size(self) -> str | None:
        return "{}x{}".format(*self.pixels) if self.pixels else None


#: The link by which a client gets a picture of a record, by its place.
Link = Callable[[str, int], str]


@frozen
class Made:
    """
    Attributes:
        id: of the request and its record.
        created: Unix seconds.
        name: of the model, as it was asked for.
        model: the host's own name of the model that drew.
        host: who it was.
        route: both by the names that imagekit has for them.
        receipt, added: what became of each parameter, and what was added.
        kept: whether its pictures are in the store.
    """

    id: str
    created: int
    name: str
    model: str
    host: str
    route: str
    charged: Charged
    cost: Cost
    usage: Usage
    receipt: Sequence[Any]
    added: Sequence[Any]
    notes: tuple[str, ...]
    drawn: tuple[Drawn, ...]
    kept: bool = True
    dropped: Sequence[Mapping[str, Any]] = ()

    @property
    def pictures(self) -> list[Drawn]:
        """Those that can be had."""
        return [one for one in self.drawn if one.is_there]

    @property
    def failed(self) -> list[Drawn]:
        return [one for one in self.drawn if one.error is not None]

    def url_of(self, drawn: Drawn, link: Link) -> str | None:
        """Where a client gets one of its pictures: here, or from its host."""
        return link(self.id, drawn.place) if self.kept else drawn.url


# --- of a call that has just ended ---------------------------------------------------------------


def of_result(result: Result, asked: Wanted, *, id: str, kept: bool) -> Made:
    drawn = [of_image(image, kept, asked.route.base_url) for image in result.images]
    drawn += [
        Drawn(failure.index, error=_error(failure.code or "failed", failure.message))
        for failure in result.failures
    ]
    receipt, added = receipt_of(to_plain(result.receipt), asked.added)
    return Made(
        id=id,
        created=int(time.time()),
        name=asked.name,
        model=plain(result.served_model or asked.route.remote_id),
        host=result.host,
        route=f"{result.host}:{result.model}",
        charged=result.charged,
        cost=_believed(result.cost),
        usage=result.usage or Usage(),
        receipt=receipt,
        added=added,
        notes=result.notes,
        drawn=tuple(sorted(drawn, key=lambda one: one.place)),
        kept=kept,
        dropped=[one.plain for one in asked.dropped],
    )


def unkept(result: Result, asked: Wanted, id: str) -> Made:
    """Of pictures that are paid for, and that the store did not take."""
    made = of_result(result, asked, id=id, kept=False)
    return evolve(made, notes=(*made.notes, "the store has not taken it, so it is only here"))


def receipt_of(told: Mapping[str, Any], added: Mapping[str, str]) -> tuple[list[Any], list[Any]]:
    """What became of each parameter that was given, and what was added: by the gateway as well,
    which the client takes for its caller. Reasons may be a host's or a plugin's words.

    Args:
        added: what the gateway added, and why.
    """
    lines = [{**line, "note": plain(line.get("note", ""))} for line in told.get("lines", ())]
    others = [{**one, "why": plain(one.get("why", ""))} for one in told.get("added", ())]
    ours = [
        {"field": line["parameter"], "value": line["value"], "why": added[line["parameter"]]}
        for line in lines
        if line["parameter"] in added
    ]
    given = [line for line in lines if line["parameter"] not in added]
    return given, [*others, *ours]


def _believed(cost: Cost) -> Cost:
    """What no picture can have cost is not known, and is not written out, either."""
    amount = cost.amount
    if amount is None or (amount <= MOST and amount.as_tuple().exponent >= -FINEST):  # type: ignore[operator]
        return cost
    return Cost(why="the host says something that is not believed")


def of_image(image: Image, kept: bool = True, home: str = "") -> Drawn:
    """
    Args:
        home: where its host is, whose links are passed on.
    """
    said = image.metadata
    if image.is_here:
        media_type = image.media_type
        if media_type is None:
            error = _error("no_picture", image.note or "what came is no picture")
            return Drawn(image.index, error=error)
        blob = image.blob
        return Drawn(image.index, lambda: blob, blob.size, media_type, image.pixels, said=said)
    if image.url and not kept:
        if is_link(image.url, home):
            return Drawn(image.index, url=image.url, said=said)
        return Drawn(image.index, error=UNSAFE)
    return Drawn(image.index, error=_of_trouble(image.error))


def _of_trouble(trouble: Trouble | None) -> dict[str, Any]:
    if trouble is None:
        return _error("not_fetched", "its link was not fetched")
    return _error(UNFETCHED, trouble.message)


def _error(code: str, message: str) -> dict[str, Any]:
    return {"code": code, "message": plain(message)}


# --- of a record ---------------------------------------------------------------------------------


def of_entry(entry: Entry, store: Store) -> Made:
    calls, note = entry.calls, entry.note or {}
    told = calls[0].receipt if calls else None
    receipt, added = receipt_of(told or {}, note.get("added") or {})
    if len(calls) > 1:
        receipt = [_of_all(line, entry) for line in receipt]
    notes: list[str] = []
    for call in calls:
        notes += [note for note in call.notes if note not in notes]
    return Made(
        id=entry.id,
        created=int(entry.created.timestamp()),
        name=str(note.get("name") or entry.model),
        model=str(note.get("model") or entry.model),
        host=entry.host,
        route=f"{entry.host}:{entry.model}" if entry.host else entry.model,
        charged=Charged.dearest(call.charged for call in calls),
        cost=_cost(entry),
        usage=_usage(entry),
        receipt=receipt,
        added=added,
        notes=tuple(notes),
        drawn=tuple(_of_row(picture, entry, store) for picture in entry.pictures),
        kept=entry.keep,
        dropped=note.get("dropped") or (),
    )


def _of_all(line: Mapping[str, Any], entry: Entry) -> Mapping[str, Any]:
    """A line of the first call's receipt, as it is of the request, which is several calls."""
    if line.get("parameter") != "n":
        return line
    asked = (entry.asked or {}).get("n", len(entry.calls))
    return {**line, "value": asked, "note": f"{len(entry.calls)} calls"}


def _of_row(picture: StoredPicture, entry: Entry, store: Store) -> Drawn:
    pixels = (picture.width, picture.height) if picture.width and picture.height else None
    said = picture.metadata or {}
    if picture.is_kept:
        place = picture.place
        if picture.media_type is None:
            return Drawn(place, error=_error("no_picture", "what came is no picture"))
        return Drawn(
            place,
            lambda: store.picture(entry.id, place).blob,
            picture.bytes or 0,
            picture.media_type,
            pixels,
            said=said,
        )
    if not entry.keep and not picture.error:
        if picture.url and not is_link(picture.url, str((entry.note or {}).get("home", ""))):
            return Drawn(picture.place, error=UNSAFE)
        return Drawn(picture.place, None, 0, picture.media_type, pixels, picture.url, said=said)
    error = picture.error or {}
    code = str(error.get("code") or "failed")
    return Drawn(picture.place, error=_error(code, str(error.get("message", "is not here"))))


def _cost(entry: Entry) -> Cost:
    """The sum, where all of it is known, in one currency."""
    calls = entry.attempts
    spent = [call for call in calls if call.charged is not Charged.NO or call.cost]
    if not spent:
        free = calls[0] if calls else None
        if free is None or not entry.is_over:
            return Cost(why="it is not over")
        return Cost(Decimal(0), free.currency, free.priced or "")
    currencies = {call.currency for call in spent}
    if len(currencies) > 1 or any(call.cost is None for call in spent):
        return Cost(why="what some of its calls cost is not known")
    by = {call.priced or "" for call in spent}
    amount = sum((call.cost for call in spent if call.cost is not None), Decimal(0))
    return Cost(amount, currencies.pop(), by.pop() if len(by) == 1 else "")


def _usage(entry: Entry) -> Usage:
    """The sum of what every call has counted; what one of them has not, nobody knows."""
    counted = [dict(call.usage or {}) for call in entry.calls]
    sums: dict[str, int] = {}
    for one in fields(Usage):
        numbers = [usage.get(one.name) for usage in counted]
        if numbers and None not in numbers:
            sums[one.name] = sum(number for number in numbers if number is not None)
    return Usage(**sums)
