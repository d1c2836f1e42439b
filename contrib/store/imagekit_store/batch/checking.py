"""All lines are looked at before the first is bought: what can't be asked is told at once, what
was asked before is found, and what the rest should cost is added up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from enum import IntEnum
from itertools import islice
from typing import TypeVar

from attrs import define, field, frozen

from imagekit import Client, Cost, ImagekitError, InvalidRequest, Plan
from imagekit_store.batch.account import Account, Asked
from imagekit_store.batch.filing import Filing
from imagekit_store.batch.lines import Line, Lines, NotALine
from imagekit_store.limits.dearest_way import NoPrice, plans_of
from imagekit_store.schema.states import RequestState

__all__ = ["Batch", "Counts", "Stands", "looked_at"]

T = TypeVar("T")
#: Lines that the store is asked about at once.
SEVERAL = 400
#: Mistakes that are told; a file of the wrong kind has one on each line.
MOST_TOLD = 1000


class Stands(IntEnum):
    """Where a line stands."""

    NEW = 0  # never asked for
    AGAIN = 1  # it has failed, was certainly free, and is to be asked anew
    OPEN = 2
    DONE = 3
    FAILED = 4
    UNKNOWN = 5


AS = {
    RequestState.QUEUED: Stands.OPEN,
    RequestState.RUNNING: Stands.OPEN,
    RequestState.DONE: Stands.DONE,
    RequestState.FAILED: Stands.FAILED,
    RequestState.UNKNOWN: Stands.UNKNOWN,
}


@frozen
class Counts:
    """How many lines stand where."""

    lines: int
    left: int
    open: int
    done: int
    failed: int
    unknown: int


@define
class Batch:
    """A file, as it was found.

    Attributes:
        places: of the lines by their names, in the order of the file.
        stands: where each of them stands: a byte for each.
        problems: why it can't be run, a sentence for each line.
        mistakes: how many there are.
        sums: what the lines that are left should cost, by currency.
        unpriced: how many of those have a price that nobody knows.
        planned: how many are left, and will be asked for.
    """

    places: dict[str, int] = field(factory=dict)
    stands: bytearray = field(factory=bytearray)
    problems: list[str] = field(factory=list)
    mistakes: int = 0
    sums: dict[str, Decimal] = field(factory=dict)
    unpriced: int = 0
    planned: int = 0

    def stand(self, name: str) -> Stands:
        return Stands(self.stands[self.places[name]])

    def put(self, name: str, stands: Stands) -> None:
        self.stands[self.places[name]] = stands

    def is_left(self, name: str) -> bool:
        return self.stand(name) <= Stands.AGAIN

    @property
    def counts(self) -> Counts:
        new, again, *others = (self.stands.count(stands) for stands in Stands)
        return Counts(len(self.stands), new + again, *others)

    def wrong(self, number: int, why: str) -> None:
        self.mistakes += 1
        if len(self.problems) < MOST_TOLD:
            self.problems.append(f"line {number}: {why}")


def looked_at(
    lines: Lines,
    client: Client,
    account: Account,
    filing: Filing | None,
    limit: int | None,
    again: bool,
) -> Batch:
    """Every line.

    Args:
        filing: where pictures are to be saved; None: that is not said yet.
        limit: so many of those that are left are to be asked for.
        again: those that have failed and were certainly free are left, too.

    Raises:
        UsageError: the file can't be read.
    """
    batch, most = Batch(), float("inf") if limit is None else limit
    look = _Look(batch, client, account, filing)
    for several in chunks(_named(batch, lines), SEVERAL):
        known = account.asked(line.name for line in several if isinstance(line, Line))
        for line in several:
            if isinstance(line, NotALine):
                batch.wrong(line.number, line.why)
                continue
            batch.stands.append(_stands(batch, line, known.get(line.name), again))
            if batch.is_left(line.name):
                look.plan(line, batch.planned < most)
    return batch


def chunks(every: Iterable[T], size: int) -> Iterator[list[T]]:
    left = iter(every)
    while several := [*islice(left, size)]:
        yield several


def _named(batch: Batch, lines: Lines) -> Iterator[Line | NotALine]:
    """All of them in their order. No two are requests of one name."""
    numbers: dict[int, int] = {}
    for line in lines:
        if isinstance(line, NotALine):
            yield line
        elif line.name in batch.places:
            other = numbers[batch.places[line.name]]
            yield NotALine(line.number, f"line {other} has the custom_id {line.name!r:.80}, too")
        else:
            numbers[len(batch.places)] = line.number
            batch.places[line.name] = len(batch.places)
            yield line


def _stands(batch: Batch, line: Line, asked: Asked | None, again: bool) -> Stands:
    if asked is None:
        return Stands.NEW
    if asked.digest != line.digest:
        batch.wrong(
            line.number,
            "it asks for something else than when it was asked for before; give it another "
            f"custom_id than {line.name!r:.80}, or put back what it was",
        )
    stands = AS[asked.state]
    is_again = again and stands is Stands.FAILED and asked.is_free
    return Stands.AGAIN if is_again else stands


@frozen
class _Look:
    """At what the lines would be that are left."""

    batch: Batch
    client: Client
    account: Account
    filing: Filing | None
    _missing: dict[str, str] = field(factory=dict, init=False)

    def plan(self, line: Line, is_meant: bool) -> None:
        """What is wrong with a line. It is among those that are asked for if it ``is_meant``."""
        try:
            plans = plans_of(self.client, line.asked)
        except InvalidRequest as error:
            self.batch.wrong(line.number, "; ".join(map(str, error.problems)) or str(error))
            return
        except (ImagekitError, TypeError, ValueError, OSError) as error:
            self.batch.wrong(line.number, str(error))
            return
        for why in dict.fromkeys(why for plan in plans for why in self._wrong(line, plan)):
            self.batch.wrong(line.number, why)
        if is_meant and not plans[0].problems:
            self.batch.planned += 1
            self._count(line, plans)

    def _wrong(self, line: Line, plan: Plan) -> Iterator[str]:
        yield from map(str, plan.problems)
        if missing := self._missing_key(plan.host):
            yield missing
        if self.filing and (obstacle := self.filing.obstacle(line, plan.host, plan.model)):
            yield f"its pictures can't be saved: {obstacle}"

    def _missing_key(self, name: str) -> str:
        """What is to be done about it; empty: nothing is missing. Each host is looked at once."""
        if name not in self._missing:
            host = self.client.registry.hosts[name]
            lacks = host.auth.variables and not self.client.credential_source(host)
            why = f"there is no key for {name}: {self.client.credential_advice(host)}"
            self._missing[name] = why if lacks else ""
        return self._missing[name]

    def _count(self, line: Line, plans: Sequence[Plan]) -> None:
        try:
            self.account.counted(plans)
        except NoPrice as error:
            hint = "--unknown-price says what a picture is to count"
            self.batch.wrong(line.number, f"{error.message}; {hint}")
        _add(self.batch, plans[0].estimate)


def _add(batch: Batch, estimate: Cost) -> None:
    if estimate.amount is None:
        batch.unpriced += 1
    elif estimate.amount:
        currency = estimate.currency or "?"
        batch.sums[currency] = batch.sums.get(currency, Decimal(0)) + estimate.amount
