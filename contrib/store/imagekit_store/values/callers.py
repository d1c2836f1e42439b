"""For whom a request is, what they may take, and what they are told instead of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from attrs import Attribute, field, frozen, validators

from imagekit import Cost, UsageError
from imagekit_store.schema.words import is_readable

__all__ = [
    "MOST",
    "NO_LIMITS",
    "PERIODS",
    "AskedAlready",
    "AskedOtherwise",
    "Caller",
    "Limits",
    "Standing",
    "began",
    "next_begins",
]

#: For how long a budget is.
PERIODS = ("day", "month", "total")
#: Of requests, and of money: databases count that in billionths, with room for sums.
AT_MOST, MOST = 1_000_000, 1_000_000_000
CURRENCY = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,31}")
DIGEST = re.compile(r"[0-9a-f]{64}")
DAY = 24 * 60 * 60 * 1_000_000  # microseconds


# --- what they may take ----------------------------------------------------------------------


def _count(limits: object, limit: Attribute[int | None], value: object) -> None:
    if value is not None and (type(value) is not int or not 1 <= value <= AT_MOST):
        raise UsageError(f"{limit.name}: {value!r:.40} is no whole number from 1 to {AT_MOST:,}")


def _money(value: Any) -> Decimal | None:
    try:
        amount = Cost(value).amount
    except (TypeError, ValueError) as error:
        raise UsageError(f"budget: {error}") from None
    if amount is not None and amount > MOST:
        raise UsageError(f"budget: no more than {MOST:,} is counted here, not {amount!s:.40}")
    return amount


def _period(limits: object, period: Attribute[str], value: object) -> None:
    if value not in PERIODS:
        raise UsageError(f"period: {value!r:.40} is none of {', '.join(PERIODS)}")


def _text(owner: object, of: Attribute[Any], value: object) -> None:
    if not isinstance(value, str) or not is_readable(value):
        raise UsageError(f"{of.name} is text without NUL and lone surrogates, not {value!r:.60}")


def _currency(limits: object, currency: Attribute[str], value: object) -> None:
    if not isinstance(value, str) or not CURRENCY.fullmatch(value):
        raise UsageError(f"currency: {value!r:.40} is none; one is USD")


@frozen
class Limits:
    """What the requests of one key may take.

    Attributes:
        rpm: how many may be made a minute; after a rest, all of them at once.
        at_once: how many may be queued or running.
        budget: what those of one period may cost together, as far as that is known.
        currency: of the budget; never converted.
        period: ``day``, ``month`` (each of UTC) or ``total``.

    Raises:
        UsageError: there are no such limits.
    """

    rpm: int | None = field(default=None, validator=_count)
    at_once: int | None = field(default=None, validator=_count)
    budget: Decimal | None = field(default=None, converter=_money)
    currency: str = field(default="USD", validator=_currency)
    period: str = field(default="month", validator=_period)

    @property
    def are_none(self) -> bool:
        return self.rpm is None and self.at_once is None and self.budget is None


NO_LIMITS = Limits()


@frozen
class Standing:
    """What a key has left once a request of it was let in.

    Attributes:
        remaining: how many more requests may be made at once; None without `Limits.rpm`.
        spent: what counts against its budget in this period, with this one; None without one.
    """

    remaining: int | None = None
    spent: Decimal | None = None


# --- for whom a request is ----------------------------------------------------------------------


def _digest(caller: object, digest: Attribute[Any], value: object) -> None:
    if not isinstance(value, str) or not DIGEST.fullmatch(value):
        raise UsageError(f"digest: {value!r:.40} is no sha256 as 64 digits of 0-9 and a-f")


@frozen
class Caller:
    """For whom one request is.

    Attributes:
        key: the name of theirs; empty for nobody in particular.
        idem: makes it the same request when the same key says the same again.
        digest: the sha256 of what was asked, as hex: tells one `idem` for two things from one
            request asked twice, and finds what is repeated without an `idem`.
        keep: whether its pictures are kept. If not, their rows have the host's links.
        note: what whoever asks wants to find with it: `Entry.note`. Whatever JSON has words for.
        limits: of the key. They count on the row that `Keys.add` makes of it.
        estimate: what all of the request should cost; needed where there is a budget.

    Raises:
        UsageError: there is no such caller.
    """

    key: str = field(default="", validator=_text)
    idem: str | None = field(default=None, validator=validators.optional(_text))
    digest: str | None = field(default=None, validator=validators.optional(_digest))
    keep: bool = True
    note: Mapping[str, Any] = field(factory=dict)
    limits: Limits = NO_LIMITS
    estimate: Cost = field(factory=Cost)


# --- what they are told instead -----------------------------------------------------------------


class AskedAlready(UsageError):
    """The same request is there already: its key has asked for it under this `Caller.idem`.

    Attributes:
        id: of that request.
    """

    details = (*UsageError.details, "id")
    id: str = ""

    def __init__(self, message: str, id: str = "") -> None:
        super().__init__(message)
        self.id = id


class AskedOtherwise(UsageError):
    """The key has asked for something else under this `Caller.idem`."""


# --- periods --------------------------------------------------------------------------------------


def began(period: str, now: int) -> int:
    """When the period of a budget began in which this is, both in microseconds since 1970."""
    if period == "total":
        return 0
    if period == "day":
        return now - now % DAY
    at = datetime.fromtimestamp(now / 1e6, UTC)
    return _midnight(at.year, at.month)


def next_begins(period: str, now: int) -> int | None:
    """When the next one does; None: never."""
    if period == "total":
        return None
    if period == "day":
        return began(period, now) + DAY
    at = datetime.fromtimestamp(now / 1e6, UTC)
    return _midnight(at.year + at.month // 12, at.month % 12 + 1)


def _midnight(year: int, month: int) -> int:
    """Of the first of a month, in UTC."""
    return int(datetime(year, month, 1, tzinfo=UTC).timestamp()) * 1_000_000
