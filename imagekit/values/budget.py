"""What may be spent, and for how long."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Self

from attrs import field

from imagekit.basics.classes import frozen
from imagekit.values.cost import Cost, exact, money

__all__ = ["PERIODS", "REFUSE", "Budget", "price_of_one", "written"]

#: For how long a budget is; days and months are those of UTC.
_NOW = {"day": "today", "month": "this month", "total": "in all"}
PERIODS = tuple(_NOW)
#: What people write where nothing is to be bought of which nobody knows the price.
REFUSE = "refuse"
_WORDS = re.compile(r"\s*([\d.,_]+)\s+([A-Za-z][A-Za-z0-9_.-]{0,31})\s*(?:/\s*([a-z]+))?\s*")
_EXAMPLE = 'one is "20 USD/month", "5 EUR/day", or "100 USD" for all time'


#: What people write for a currency whose code they mean. Any other word may be one, for hosts count
#: in units of their own.
_MEANT = {code.lower(): code for code in ("USD", "EUR", "GBP", "CHF", "CNY", "JPY", "KRW", "INR")}
_MEANT |= {"dollar": "USD", "dollars": "USD", "euro": "EUR", "euros": "EUR"}
_MEANT |= {"yuan": "CNY", "yen": "JPY"}


class _NoCode(ValueError):
    """A word for a currency, in place of its code."""


@frozen
class Budget:
    """So much money, and no more, in each period.

    Attributes:
        amount: how much.
        currency: of it; nothing is ever converted.
        period: ``day``, ``month`` (each of UTC) or ``total``.
    """

    amount: Decimal = field(converter=money)
    currency: str
    period: str = "total"

    @classmethod
    def parse(cls, text: str) -> Self:
        """The budget that people write: ``20 USD/month``.

        Raises:
            ValueError: it is none.
        """
        found = _WORDS.fullmatch(text) if isinstance(text, str) else None
        if found is None:
            raise ValueError(f"{text!r:.60} is no budget; {_EXAMPLE}")
        amount, currency, period = found.groups()
        if period is not None and period not in PERIODS:
            raise ValueError(f"a budget is for a day, a month or in all, not for a {period:.20}")
        if currency != (meant := _MEANT.get(currency.lower(), currency)):
            raise _NoCode(f"no host counts in {currency}; did you mean {meant}?")
        return cls(money(amount), currency, period or "total")

    def __str__(self) -> str:
        """As it is written."""
        for_how_long = "" if self.period == "total" else f"/{self.period}"
        return f"{exact(self.amount)} {self.currency}{for_how_long}"

    def so_far(self, spent: Decimal) -> str:
        """How much of it that is, for people: ``12.4 of 20 USD this month``."""
        return f"{exact(spent)} of {exact(self.amount)} {self.currency} {self.when}"

    @property
    def when(self) -> str:
        """The period that is now, for people: ``this month``."""
        return _NOW[self.period]

    def began(self, now: float) -> float:
        """When the period began that ``now`` is in, both in Unix seconds."""
        if self.period == "total":
            return 0.0
        at = datetime.fromtimestamp(now, UTC)
        day = 1 if self.period == "month" else at.day
        return datetime(at.year, at.month, day, tzinfo=UTC).timestamp()

    def next_begins(self, now: float) -> float | None:
        """When the next period does; None: never."""
        if self.period == "total":
            return None
        at = datetime.fromtimestamp(now, UTC)
        if self.period == "day":
            return self.began(now) + 24 * 60 * 60
        year, month = at.year + at.month // 12, at.month % 12 + 1
        return datetime(year, month, 1, tzinfo=UTC).timestamp()


def price_of_one(text: str) -> Cost | None:
    """What a picture counts of which nobody knows the price, as people write it: ``0.05 USD``.
    None: ``refuse``.

    Raises:
        ValueError: it is neither.
    """
    if text == REFUSE:
        return None
    try:
        each = Budget.parse(text)
    except _NoCode:
        raise
    except ValueError:
        each = None
    if each is None or "/" in text:
        raise ValueError(f'must be "{REFUSE}", or what a picture counts, such as "0.05 USD"')
    return Cost(each.amount, each.currency)


def written(price: Cost | None) -> str:
    """The price of one picture as people write it."""
    if price is None or price.amount is None:
        return REFUSE
    return f"{exact(price.amount)} {price.currency}"
