"""What calls have to agree on: how many at once, how often, for how much, whom to leave alone.

One process agrees with itself; whoever implements `Shared` on a database agrees with others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Protocol, Self, runtime_checkable

from imagekit.basics.classes import frozen
from imagekit.values import Cost
from imagekit.values.budget import Budget
from imagekit.values.cost import EXACT, exact
from imagekit.values.plain.places import dotted

__all__ = ["BELIEVED", "Claim", "Full", "Shared", "Spending", "Standing"]

#: More than any call has cost, in any currency: a host that says more would fill every budget.
BELIEVED = Decimal(10_000_000)


@frozen
class Spending:
    """What a call should cost, as one budget counts it.

    Attributes:
        name: of the budget; one name is one sum: ``budget``, ``models.poster``, ``hosts.token360``.
        amount: in the budget's currency.
    """

    name: str
    budget: Budget
    amount: Decimal

    def fits(self, spent: Decimal) -> bool:
        """Whether the budget has room for it, of which so much counts already. What costs nothing
        always fits."""
        return not self.amount or EXACT.add(spent, self.amount) <= self.budget.amount


@frozen
class Claim:
    """What a paid call takes of what is shared.

    Attributes:
        call: its id, or that of its place.
        host: who is asked: a host, or an instance of one. Empty where a call takes its money alone,
            before its place, which it takes under another id.
        rpm, at_once: how many calls this host may be sent a minute, and how many may be under way;
            None: as many as there are.
        spending: what it counts against each of its budgets.
    """

    call: str
    host: str
    rpm: int | None = None
    at_once: int | None = None
    spending: tuple[Spending, ...] = ()


@frozen
class Full:
    """Why there is no room for a call now; whoever counts says it in the same words, `of_budget`,
    `of_rpm` and `of_at_once`.

    Attributes:
        limit: ``rpm``, ``at_once`` or ``budget``.
        why: in a sentence, for people.
        retry_after: seconds until it is worth asking again; None: nobody knows, and of a budget, no
            time will mend it.
    """

    limit: str
    why: str
    retry_after: float | None = None

    @classmethod
    def of_budget(cls, spending: Spending, spent: Decimal, now: float) -> Self:
        """A budget has no room.

        Args:
            spent: what counts against it in this period.
            now: in Unix seconds.
        """
        budget, begins = spending.budget, spending.budget.next_begins(now)
        key = "budget" if spending.name == "budget" else f"{spending.name}.budget"
        hint = "allow more" if begins is None else f"the next {budget.period} begins {_at(begins)}"
        why = (
            f'{key} = "{budget}" has no room: {exact(spent)} {budget.currency} are spent or '
            f"promised, and this should cost {exact(spending.amount)}; {hint}"
        )
        return cls("budget", why, None if begins is None else begins - now)

    @classmethod
    def of_rpm(cls, claim: Claim, seconds: float) -> Self:
        """A host is asked as often as it may be; next in so many seconds."""
        key = dotted(("hosts", claim.host))
        return cls("rpm", f"{key}.rpm = {claim.rpm}: the next in {seconds:.1f} s", seconds)

    @classmethod
    def of_at_once(cls, claim: Claim, seconds: float = 1.0) -> Self:
        """As many calls are under way as may be. When one ends, nobody knows: asking again is
        worth it in so many seconds."""
        key = dotted(("hosts", claim.host))
        return cls("at_once", f"{key}.at_once = {claim.at_once} are under way", seconds)


@frozen
class Standing:
    """How a host stands.

    Attributes:
        under_way: calls that it is asked for now.
        rests: seconds for which it is to be left alone.
        on_trial: it has rested, and nobody knows yet whether it is well again.
    """

    under_way: int = 0
    rests: float = 0.0
    on_trial: bool = False


@runtime_checkable
class Shared(Protocol):
    """Counts for all who share it. Thread-safe; none of its methods waits for room.

    A process that dies holds a place for a while at most, and never gives money back: what it has
    claimed counts until somebody says what it cost.
    """

    def claim(self, claim: Claim) -> Full | None:
        """All that a call takes, or nothing, at one moment. None: it has it. Claimed twice under
        one id is as good as once, until it is released; then it is claimed anew, and what the
        call has cost before counts all the same.

        Raises:
            ImagekitError: nobody can say; nothing may be sent.
        """

    def release(self, call: str, cost: Cost | None) -> object:
        """The call is over, or left to somebody else: its place is free.

        Args:
            cost: what it counts from now on, in the period in which it was claimed. None, of an
                amount that is not known or beyond 10,000,000, or in another currency: what it
                counted before, which is at first what it should cost. Said again, perhaps in
                another process, the last that is known counts; of a call that nobody has claimed
                it means nothing.
        """

    def rest(self, host: str, seconds: float) -> object:
        """A host is to be left alone for so long, and then to be tried by one call."""

    def try_again(self, host: str) -> bool:
        """Whether this caller may try a host that has rested: one at a time. Whoever tries and
        is not heard of again has tried for a minute."""

    def is_well(self, host: str) -> object:
        """A host has answered as it should: it neither rests, nor is it on trial."""

    def standing(self, hosts: Sequence[str]) -> Mapping[str, Standing]:
        """How each of these hosts stands."""

    def spent(self, budgets: Mapping[str, Budget]) -> Mapping[str, Decimal]:
        """What counts against each of these budgets, by its name, in the period that is now."""


def _at(when: float) -> str:
    return f"{datetime.fromtimestamp(when, UTC):%Y-%m-%d %H:%M} UTC"
