"""A store as what calls share: see `imagekit.Shared`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import partial

from imagekit import Budget, Claim, Cost, Full, Standing, UsageError
from imagekit_store.ledger.writing import BEFORE, Writing
from imagekit_store.limits.sharing import resting
from imagekit_store.limits.sharing.agreeing import Asked
from imagekit_store.limits.sharing.budgets import spent

__all__ = ["Sharing"]


class Sharing(Writing):
    """Limits, budgets and rests, one and the same for all processes of a store. Thread-safe.

    A place is held as long as the process lives that has claimed it: by the same lease as the
    calls of its journal.
    """

    def claim(self, claim: Claim) -> Full | None:
        asked = Asked(claim)
        self.write(lambda _: self.ledger.agreeing.claims.append(asked), BEFORE)
        if isinstance(asked.told, UsageError):
            raise asked.told
        if asked.told is None:
            self.ledger.over.discard(claim.call)
            self.ledger.places.add(claim.call)
        return asked.told

    def release(self, call: str, cost: Cost | None) -> None:
        """What the journal here has told of its end needs no word more; nor is there one about a
        call of another process of which nothing is known."""
        if call in self.ledger.over:
            self.ledger.over.discard(call)
        elif call in self.ledger.places or cost is not None:
            self.ledger.places.discard(call)
            self.write(lambda _: self.ledger.agreeing.released.update({call: cost}))

    def rest(self, host: str, seconds: float) -> None:
        here = self.ledger.here()
        self.write(partial(resting.rest, host=host, seconds=seconds, here=here))

    def try_again(self, host: str) -> bool:
        if not self._rests(host):
            return True
        try_ = partial(resting.try_again, host=host, here=self.ledger.here())
        return bool(self.write(try_, BEFORE))

    def is_well(self, host: str) -> None:
        """Said of every good answer: mostly there is nothing to be written."""
        if self._rests(host):
            self.write(partial(resting.is_well, host=host))

    def standing(self, hosts: Sequence[str]) -> Mapping[str, Standing]:
        here = self.ledger.here()
        return self.read(partial(resting.standing, hosts=hosts, here=here))

    def spent(self, budgets: Mapping[str, Budget]) -> Mapping[str, Decimal]:
        now = self.ledger.here().now
        return self.read(partial(spent, budgets=budgets, now=now))

    def _rests(self, host: str) -> bool:
        return self.read(partial(resting.rests, host=host))
