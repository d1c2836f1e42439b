"""Whose turn it is: what a client holds in front of `Shared`, which counts and never waits.

::

    money ──> place, waited for in line ──> sent ... over ──> place free, money as it was spent

A call takes its money under its own id, which whoever goes on with its job knows as well, and
its place at a host under another, which is free when nobody here waits for the call any more.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from decimal import Decimal
from typing import TYPE_CHECKING, TypeVar

from imagekit.basics.forks import tell_in_child
from imagekit.errors import LimitReached
from imagekit.plan.call import Call
from imagekit.send.deadline import Deadline
from imagekit.send.limits.asked import Asked
from imagekit.send.limits.callers import caller_of
from imagekit.send.limits.entrance import Entrance
from imagekit.send.limits.hall import Chosen, Hall
from imagekit.send.limits.outcome import NOTHING, cost_after, rest_after
from imagekit.send.limits.outlook import Outlook
from imagekit.send.limits.spending import Budgets
from imagekit.send.limits.told import Told
from imagekit.settings.config import Config
from imagekit.sharing import Claim, Shared
from imagekit.values import Pending, Result

if TYPE_CHECKING:
    from imagekit.send.observers import Watched

__all__ = ["Turns"]

log = logging.getLogger("imagekit")

T = TypeVar("T", Result, Result | Pending)


class Turns:
    """Shared by all threads of a client.

    Args:
        monotonic, sleep: the clock, and what the first in line waits with; for tests.
    """

    def __init__(
        self,
        shared: Shared,
        config: Config,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] | None = None,
    ) -> None:
        self._budgets, self._sleep = Budgets.of(config), sleep
        self._asked, self._told = Asked(shared), Told(shared)
        self._hall = Hall(config.hosts, self._asked, self._told, monotonic)
        self._spreads = any(alias.balance for alias in config.models.values())
        self._together = threading.Lock()
        tell_in_child(self)

    def after_fork(self) -> None:
        self._together = threading.Lock()
        self._hall.after_fork()

    def close(self) -> None:
        """Whoever waits for a turn is told that there is none."""
        self._hall.close()

    def chosen(
        self, hosts: Sequence[str], balance: str | None = None
    ) -> AbstractContextManager[Chosen]:
        """In which order hosts are to be asked now. While this lasts, the first of them counts as
        asked, so that others who choose at the same moment choose others.

        Args:
            hosts: their names, best first.
            balance: as of `imagekit.Alias`.
        """
        return self._hall.chosen(hosts, balance)

    def outlook(self, hosts: Sequence[str], balance: str | None = None) -> Outlook:
        """How all of these hosts, and the budgets, stand now. Nothing is taken by it.

        Args:
            hosts, balance: as of `chosen`.
        """
        try:
            standing, spent = self._asked.standing(hosts), self.spent()
        except Exception as error:  # a plan is made all the same
            log.warning("how hosts and budgets stand can't be read: %s", error)
            return Outlook(tuple(hosts), time.time())
        order = self._hall.order(hosts, balance, standing)
        return Outlook(order, time.time(), standing, spent, self._budgets)

    def spent(self) -> Mapping[str, Decimal]:
        """What counts against each budget of the configuration in its period, by its name.

        Raises:
            ImagekitError: nobody can say.
        """
        budgets = self._budgets.named
        return self._asked.spent(budgets) if budgets else {}

    def afford(self, calls: Sequence[Call]) -> None:
        """Money for all the calls of a request, before the first of them is sent. Each takes it
        again when its turn comes, which is as good as once, and gives back what it did not cost.

        Raises:
            LimitReached: a budget has no room for all of them.
        """
        taken: list[Call] = []
        with self._together:  # or two requests might each take half, and neither have enough
            try:
                for call in calls:
                    self._takes_money(call)
                    taken.append(call)
            except BaseException as error:
                for call in taken:
                    self._told.release(call.id, NOTHING)
                if isinstance(error, LimitReached):
                    which = f"call {len(taken) + 1} of the {len(calls)} that this request takes"
                    error.with_details(f"{error}; this is {which}, and none was sent")
                raise

    def take(
        self,
        call: Call,
        deadline: Deadline,
        watched: Watched | None,
        work: Callable[[], T],
        elsewhere: Sequence[str] = (),
    ) -> T:
        """What ``work`` gives, once it is the call's turn.

        Args:
            elsewhere: hosts that may be asked instead, where this one is to be left alone.

        Raises:
            LimitReached: a budget has no room, or no turn came within the deadline; or its host
                rests by then, and another does not.
            NotSent: the call was stopped while it waited.
        """
        takes_money = self._takes_money(call)
        try:
            place = self._place(call, deadline, watched, elsewhere)
        except BaseException:
            if takes_money:
                self._told.release(call.id, NOTHING)
            raise
        host = call.route.host.name
        since = self._told.poorly.get(host)
        try:
            outcome = self._settled(call, work, takes_money)
            self._told.is_well(host, since)
            return outcome
        finally:
            if place:
                self._give_back(place)

    def settle(self, call: Call, work: Callable[[], T]) -> T:
        """What ``work`` gives, which is about a call that was sent before, perhaps by another
        process: what it has cost is said once more. It ends no rest of its host, which may have
        begun since."""
        return self._settled(call, work, bool(self._budgets.named))

    def _settled(self, call: Call, work: Callable[[], T], takes_money: bool) -> T:
        try:
            outcome = work()
        except BaseException as error:
            if takes_money:
                self._told.release(call.id, cost_after(error))
            if (seconds := rest_after(error)) is not None:
                self._told.rest(call.route.host.name, seconds)
            raise
        if takes_money:
            self._told.release(call.id, cost_after(outcome))
        return outcome

    def _takes_money(self, call: Call) -> bool:
        spending = self._budgets.spending(call)
        if not spending:
            return False
        full = self._asked.claim(Claim(call.id, "", spending=spending))
        if full is not None:
            raise LimitReached(full.why, limit=full.limit, retry_after=full.retry_after)
        return True

    def _place(
        self, call: Call, deadline: Deadline, watched: Watched | None, elsewhere: Sequence[str]
    ) -> Claim | None:
        """The place that a call has got; None where nobody counts them."""
        door = self._hall.door(call.route.host.name)
        if not (door.is_limited or self._spreads):
            return None
        claim = Claim(f"{call.id}/{door.host}", door.host, door.rpm, door.at_once)
        try:
            entrance = Entrance(self._hall, claim, deadline, self._sleep, elsewhere)
            entrance.go_in(caller_of(call), watched)
        except BaseException:  # Ctrl-C, perhaps when it was just let in
            self._give_back(claim)
            raise
        return claim

    def _give_back(self, place: Claim) -> None:
        self._told.release(place.call, None)
        self._hall.door(place.host).line.wake()
