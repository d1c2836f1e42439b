"""Every way that a request could take, told beside each other: `imagekit.Client.ways`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from imagekit.basics.classes import evolve, frozen
from imagekit.client.plan import Plan, plan_of
from imagekit.client.ways import Ready, tried
from imagekit.errors import ImagekitError
from imagekit.plan.planning import Asking
from imagekit.plan.routes.choosing import Lead
from imagekit.send.engine import Engine
from imagekit.sharing import Standing

if TYPE_CHECKING:
    from imagekit.send.turns import Turns

__all__ = ["Way", "every_way"]


@frozen(eq=False)
class Way:
    """One way that a request could take.

    Attributes:
        host, model: where it leads.
        address: what asks for this way alone, with all that an alias says: ``host:alias``. Empty
            where nothing does, since its alias means another model at that host.
        why_not: why the very same request is not made there; empty where it is.
        changes: what is otherwise there than on the first way that takes it, such as another
            price, or more paid calls for the same pictures.
        plan: what would be sent, and what it should cost; None where it can't even be said there.
        fails_over: whether the next way is asked where this one fails, by its alias.
        may_be_taken: whether a request by this name may go this way: it is the first that takes
            it, or another to which its alias may fail over, or share out.
        standing: how its host stands now, by what calls share: whether it rests.
        no_room: why a budget would refuse the request there now; empty where none would.
        is_asked: whether a request that is made now would go this way first.
    """

    host: str
    model: str
    address: str = ""
    why_not: str = ""
    changes: tuple[str, ...] = ()
    plan: Plan | None = None
    fails_over: bool = False
    may_be_taken: bool = False
    standing: Standing = Standing()
    no_room: str = ""
    is_asked: bool = False

    @property
    def takes_it(self) -> bool:
        """Whether the very same request can be made there."""
        return not self.why_not


def every_way(engine: Engine, asking: Asking, withheld: Callable[[str], str]) -> tuple[Way, ...]:
    """The one first that would be taken now."""
    found = [*_found(engine, asking, withheld)]
    balance = asking.choice.leads[0].target.balance
    ways = _as_things_stand(engine.turns, found, balance) if engine.turns else [w for w, _ in found]
    first, *others = sorted(ways, key=lambda way: not way.takes_it)
    plan, has_room = first.plan if first.takes_it else None, not first.no_room
    compared = (evolve(way, changes=tuple(_changes(plan, way.plan))) for way in others)
    lost = (Way("", model, why_not=error.message) for model, error in asking.choice.lost)
    return (evolve(first, is_asked=first.takes_it and has_room), *compared, *lost)


def _found(
    engine: Engine, asking: Asking, withheld: Callable[[str], str]
) -> Iterator[tuple[Way, Ready | None]]:
    """Each way, in the order in which they are preferred; and the request on it, where it is the
    very same."""
    first: Ready | None = None
    taken: set[str] = set()
    number = 0
    for lead in asking.choice.leads:
        way, ready = _way(engine, asking, lead, first, number, withheld)
        if ready is not None:
            way = evolve(way, may_be_taken=first is None or asking.choice.moves)
            number += len(ready.calls)
            first = first or ready
        yield (evolve(way, address="") if way.host in taken else way), ready
        taken.add(way.host)


def _as_things_stand(
    turns: Turns, found: Sequence[tuple[Way, Ready | None]], balance: str | None
) -> list[Way]:
    """With how their hosts and budgets stand, those that may be taken in the order in which they
    would be asked."""
    outlook = turns.outlook([*dict.fromkeys(way.host for way, _ in found)], balance)
    told = [
        evolve(
            way,
            standing=outlook.standing.get(way.host, Standing()),
            no_room=outlook.no_room([one.call for one in ready.calls]) if ready else "",
        )
        for way, ready in found
    ]

    def rank(way: Way) -> tuple[bool, bool, int]:
        if not way.may_be_taken:
            return True, False, 0
        return False, way.fails_over and bool(way.no_room), outlook.hosts.index(way.host)

    return sorted(told, key=rank)


def _way(
    engine: Engine,
    asking: Asking,
    lead: Lead,
    first: Ready | None,
    number: int,
    withheld: Callable[[str], str],
) -> tuple[Way, Ready | None]:
    route = lead.route
    address, fails_over = f"{route.host.name}:{lead.target.name}", lead.target.failover
    way = Way(route.host.name, route.model.name, address, fails_over=fails_over)
    found = tried(engine, asking, lead, first, number, withheld)
    if isinstance(found, Ready):
        return evolve(way, plan=plan_of(engine, found.asked)), found
    return evolve(way, why_not=found.why, plan=_planned(engine, asking, lead)), None


def _planned(engine: Engine, asking: Asking, lead: Lead) -> Plan | None:
    try:
        return plan_of(engine, asking.on(lead))
    except ImagekitError:  # told as why it is not made there
        return None


def _changes(first: Plan | None, plan: Plan | None) -> Iterator[str]:
    if first is None or plan is None or plan is first or plan.problems:
        return
    if plan.model != first.model:
        yield f"{plan.model} draws, and not {first.model}"
    if plan.paid_calls != first.paid_calls:
        yield f"paid calls: {plan.paid_calls} in place of {first.paid_calls}"
    if plan.estimate.is_known and str(plan.estimate) != str(first.estimate):
        yield f"costs {plan.estimate}"
    elif first.estimate.is_known and not plan.estimate.is_known:
        yield "its price is not known"
