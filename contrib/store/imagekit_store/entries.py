"""What the store knows of a request, as frozen values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from attrs import field, frozen
from sqlalchemy import Row

from imagekit import Charged
from imagekit_store.states import RequestState, State

__all__ = ["Attempt", "Entry", "Page", "StoredPicture", "attempt_of", "entry_of", "picture_of"]


@frozen
class StoredPicture:
    """One picture of a request, or why there is none.

    Attributes:
        place: among all of the request, from 0.
        attempt: the id of the paid call that made it.
        sha256: of its bytes, which are kept under this name; None where they are not.
        media_type, bytes, width, height: measured.
        url: the host's link, until the picture is kept.
        error: what went wrong: ``type``, ``message``, ...
        metadata: whatever else the host said of it.
    """

    place: int
    attempt: str
    sha256: str | None = None
    media_type: str | None = None
    bytes: int | None = None
    width: int | None = None
    height: int | None = None
    url: str | None = field(default=None, repr=False)
    error: Mapping[str, Any] | None = None
    metadata: Mapping[str, Any] | None = field(default=None, repr=False)

    @property
    def is_kept(self) -> bool:
        return self.sha256 is not None


@frozen
class Attempt:
    """One paid call.

    Attributes:
        id: of the call, as on its events.
        state: see `imagekit_store.State`.
        name: what the host knows its job by.
        charged: whether it was paid for.
        cost, currency: what it cost; None is unknown, and never 0.
        priced: who says so: ``host`` or ``list``.
        expected, expected_currency: what it should cost by the price list, noted before it was
            sent. A host may count in units of its own.
        usage: what the host counted.
        receipt, notes: what became of the parameters, and what there is to know.
        error: how it ended, or why it goes on: ``type``, ``message``, ...
        evidence: how it was settled.
        host_request: the host's own id of it, for its support.
        record: the id of the host's record of it.
        began, ended: when, in UTC.
    """

    id: str
    state: State
    host: str
    model: str
    name: str | None
    charged: Charged
    cost: Decimal | None
    currency: str | None
    priced: str | None
    expected: Decimal | None
    expected_currency: str | None
    usage: Mapping[str, Any] | None
    receipt: Mapping[str, Any] | None = field(repr=False)
    notes: tuple[str, ...]
    error: Mapping[str, Any] | None
    evidence: Mapping[str, Any] | None
    host_request: str | None
    record: str | None
    began: datetime | None
    ended: datetime | None


@frozen
class Entry:
    """A request, its paid calls, and its pictures.

    Attributes:
        id: of the request; its calls have it, too.
        key: for whom it is; empty for nobody in particular.
        state: where it stands: the sum of its calls.
        host: empty until it is planned.
        operation: ``generate`` or ``edit``.
        prompt: as it was given; empty when it was forgotten.
        asked: the arguments of `imagekit.Client.generate` that ask for it.
        created, finished, forgotten: when, in UTC.
    """

    id: str
    key: str
    state: RequestState
    model: str
    host: str
    operation: str
    prompt: str
    asked: Mapping[str, Any] | None = field(repr=False)
    created: datetime
    finished: datetime | None
    forgotten: datetime | None
    attempts: tuple[Attempt, ...] = ()
    pictures: tuple[StoredPicture, ...] = ()

    @property
    def error(self) -> Mapping[str, Any] | None:
        """That of the first of its calls that has one."""
        return next((attempt.error for attempt in self.attempts if attempt.error), None)

    @property
    def is_over(self) -> bool:
        """Whether nothing more comes of it, unless a person or evidence settles it."""
        return self.state not in (RequestState.QUEUED, RequestState.RUNNING)


@frozen
class Page:
    """Some of the requests, newest first.

    Attributes:
        more: there are older ones, after the last of these.
    """

    entries: tuple[Entry, ...]
    more: bool = False

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)


def entry_of(
    row: Row[Any], attempts: Sequence[Attempt] = (), pictures: Sequence[StoredPicture] = ()
) -> Entry:
    return Entry(
        row.id,
        row.key,
        RequestState(row.state),
        row.model,
        row.host,
        row.operation,
        row.prompt,
        row.asked,
        _time(row.created),
        _time(row.finished),
        _time(row.forgotten),
        tuple(attempts),
        tuple(pictures),
    )


def attempt_of(row: Row[Any]) -> Attempt:
    return Attempt(
        row.id,
        State(row.state),
        row.host,
        row.model,
        row.name,
        Charged(row.charged),
        row.cost,
        row.currency,
        row.priced,
        row.expected,
        row.expected_currency,
        row.usage,
        row.receipt,
        tuple(row.notes or ()),
        row.error,
        row.evidence,
        row.host_request,
        row.record,
        _time(row.began),
        _time(row.ended),
    )


def picture_of(row: Row[Any]) -> StoredPicture:
    return StoredPicture(
        row.place,
        row.attempt,
        row.sha256,
        row.media_type,
        row.bytes,
        row.width,
        row.height,
        row.url,
        row.error,
        row.metadata,
    )


def _time(at: int | None) -> Any:
    return None if at is None else datetime.fromtimestamp(at / 1e6, UTC)
