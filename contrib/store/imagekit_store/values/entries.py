"""What the store knows of a request, as frozen values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from attrs import field, fields, frozen

from imagekit import Charged
from imagekit_store.schema.states import RequestState, State
from imagekit_store.schema.tables import ATTEMPTS, PICTURES, REQUESTS
from imagekit_store.values.moves import moves_of, routed

__all__ = [
    "ATTEMPT",
    "ENTRY",
    "PICTURE",
    "Attempt",
    "Entry",
    "Page",
    "StoredPicture",
    "attempt_of",
    "entry_of",
    "time_of",
]


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
        priced: who says so: ``host``, ``list`` or ``person``.
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
        host, model: of its newest call; the host is empty until it is planned.
        operation: ``generate`` or ``edit``.
        prompt: as it was given; empty when it was forgotten.
        asked: the arguments of `imagekit.Client.generate` that ask for it.
        created, finished, forgotten: when, in UTC.
        keep: whether its pictures are kept here; if not, they have the links of their host.
        note: what whoever asked has noted with it.
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
    keep: bool
    note: Mapping[str, Any] | None = field(default=None, repr=False)
    attempts: tuple[Attempt, ...] = ()
    pictures: tuple[StoredPicture, ...] = ()

    @property
    def calls(self) -> tuple[Attempt, ...]:
        """The paid calls that it consists of. `attempts` has those as well that were free, at hosts
        where it did not go on."""
        return tuple(filter(self._counts, self.attempts)) or self.attempts

    def _counts(self, call: Attempt) -> bool:
        was_free = call.state is State.FAILED and call.charged is Charged.NO
        return call.host == self.host or not was_free

    @property
    def error(self) -> Mapping[str, Any] | None:
        """That of the first of its calls that has one."""
        return next((call.error for call in self.calls if call.error), None)

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


#: The columns that each is made of: those that are called like its attributes, in their order.
#: A page has hundreds of rows, of which to ask each for each of its columns takes longest.
ENTRY = tuple(REQUESTS.c[one.name] for one in fields(Entry)[:-2])
ATTEMPT = tuple(ATTEMPTS.c[one.name] for one in fields(Attempt))
PICTURE = tuple(PICTURES.c[one.name] for one in fields(StoredPicture))


def entry_of(
    row: Iterable[Any], attempts: Sequence[Attempt], pictures: Sequence[StoredPicture]
) -> Entry:
    """Of the values of `ENTRY`."""
    id, key, state, model, host, operation, prompt, asked, *times, keep, note = row
    created, finished, forgotten = times
    return Entry(
        id,
        key,
        RequestState(state),
        model,
        host,
        operation,
        prompt,
        asked,
        time_of(created),
        time_of(finished),
        time_of(forgotten),
        keep,
        note,
        tuple(attempts),
        tuple(pictures),
    )


def attempt_of(row: Sequence[Any]) -> Attempt:
    """Of the values of `ATTEMPT`."""
    id, state, host, model, name, charged, cost, currency, priced = row[:9]
    expected, expected_currency, usage, receipt, notes, error, evidence = row[9:16]
    host_request, record, began, ended = row[16:]
    moves = moves_of(evidence)
    return Attempt(
        id,
        State(state),
        host,
        model,
        name,
        Charged(charged),
        cost,
        currency,
        priced,
        expected,
        expected_currency,
        usage,
        routed(receipt, moves) if moves else receipt,
        (*moves, *(notes or ())),
        error,
        evidence,
        host_request,
        record,
        time_of(began),
        time_of(ended),
    )


def time_of(at: int | None) -> Any:
    """A time of a row, in UTC."""
    return None if at is None else datetime.fromtimestamp(at / 1e6, UTC)
