"""What a call costs, in exact numbers. What nobody knows is None, and never 0."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Context, Decimal, InvalidOperation
from itertools import chain
from typing import Any

from attrs import field

from imagekit.basics.classes import frozen

__all__ = ["BY_HOST", "BY_LIST", "EXACT", "UNSAID", "Cost", "exact", "money", "total"]

#: The host itself said it, of this very call.
BY_HOST = "host"
#: It is reckoned from the price list that a plugin has.
BY_LIST = "list"


def money(value: Any) -> Decimal:
    """An amount as a decimal number: of text, a whole number, or a `Decimal`.

    Raises:
        TypeError: it is a float, which is no exact number, or nothing of the kind.
        ValueError: it is negative, infinite, or no number.
    """
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        hint = f"write it as text, '{value}'" if isinstance(value, float) else "write it as text"
        raise TypeError(f"an amount of money is exact, and {value!r:.40} is not; {hint}")
    try:
        amount = Decimal(value)
    except InvalidOperation:
        raise ValueError(f"{value!r:.40} is no amount of money; one is '0.04'") from None
    if not amount.is_finite() or amount < 0:
        raise ValueError(f"an amount of money is 0 or more, and not {value!s:.40}")
    return amount


def exact(amount: Decimal) -> str:
    """All of its digits, without an exponent: ``0.0000035``."""
    return f"{amount:f}"


def _known(parts: Mapping[str, Any]) -> dict[str, Decimal]:
    return {currency: money(amount) for currency, amount in parts.items()}


def _or_none(value: Any) -> Decimal | None:
    return None if value is None else money(value)


@frozen
class Cost:
    """What a call costs, has cost, or is expected to.

    Attributes:
        amount: how much, exactly; None when that is not known, which is not 0.
        currency: of the amount, such as ``USD``; None where nobody names it.
        by: who says so: ``host`` of this very call, or ``list``, when it is reckoned from the
            price list that the plugin of the host has; empty when nobody does.
        unverified: whether it rests on what only a third party says.
        known: of an amount that is not known, what is certain all the same: currency -> at
            least so much. An empty currency is one that nobody names.
        why: what it rests on, or why it is not known; for people.
    """

    amount: Decimal | None = field(default=None, converter=_or_none)
    currency: str | None = None
    by: str = ""
    unverified: bool = False
    known: Mapping[str, Decimal] = field(factory=dict, converter=_known)
    why: str = ""

    @property
    def is_known(self) -> bool:
        """Whether there is an amount; one of 0 is known."""
        return self.amount is not None

    def amount_in(self, currency: str) -> Decimal | None:
        """How much that is in this currency, of which nothing is nothing, whatever it was in; None
        where nobody knows: nothing is ever converted."""
        same = not self.amount or self.currency == currency
        return self.amount if same else None

    def __str__(self) -> str:
        """E.g. ``0.04 USD by the host's list``, ``unknown: no price is known here``."""
        if self.amount is None:
            parts = " and ".join(f"{exact(a)} {c}".strip() for c, a in self.known.items())
            least = f", at least {parts}" if parts else ""
            return f"unknown{least}{f': {self.why}' if self.why else ''}"
        guessed = "perhaps " if self.unverified else ""
        named = self.currency or "of a currency that is not named,"
        teller = {BY_HOST: " as the host says", BY_LIST: " by the host's list"}.get(self.by, "")
        amount = f"{exact(self.amount)} {named}" if self.amount else "nothing"
        return f"{guessed}{amount}{teller}"


#: Whatever precision the program around us has set for its own sums.
EXACT = Context(prec=60)
#: Nobody has said anything yet.
UNSAID = Cost()


def total(costs: Iterable[Cost]) -> Cost:
    """The sum of what several calls cost at one host. If one of them is not known, neither is
    the sum; nor is it when they are in different currencies. ``known`` has what is certain.
    """
    parts = list(costs)
    if len(parts) == 1:
        return parts[0]
    known: dict[str, Decimal] = {}
    for currency, amount in chain.from_iterable(_certain(part).items() for part in parts):
        known[currency] = EXACT.add(known.get(currency, Decimal(0)), amount)
    unverified = any(part.unverified for part in parts)
    why = _why(parts, known)
    if not parts or why:
        return Cost(known=known, unverified=unverified, why=why or "there was no call")
    ((currency, amount),) = known.items() or (("", Decimal(0)),)
    tellers = {part.by for part in parts}
    by = tellers.pop() if len(tellers) == 1 else BY_LIST
    return Cost(amount, currency or None, by, unverified, why=_grounds(parts))


def _certain(part: Cost) -> Mapping[str, Decimal]:
    """Nothing is nothing in any currency."""
    if part.amount is None:
        return part.known
    return {part.currency or "": part.amount} if part.amount or part.currency else {}


def _why(parts: list[Cost], known: Mapping[str, Decimal]) -> str:
    """Why there is no sum; empty when there is one."""
    reasons = [part.why or "of one of the calls" for part in parts if part.amount is None]
    if not reasons and len(known) > 1:
        return "they are in different currencies"
    return "; ".join(dict.fromkeys(reasons))


def _grounds(parts: list[Cost]) -> str:
    return "; ".join(dict.fromkeys(part.why for part in parts if part.why))
