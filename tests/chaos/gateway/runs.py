"""Two runs of two gateways under load: one in which they are killed, one in which they are
restarted as an operator does it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from random import Random

from attrs import frozen

from tests.chaos.gateway.buying import Broken
from tests.chaos.gateway.replicas import PARTS, Replica
from tests.chaos.gateway.worlds import World, world
from tests.chaos.store.accounts import Account
from tests.chaos.store.databases import Databases

__all__ = ["Run", "killed", "restarted"]

LATENCY = "uniform:0,1"
#: Of answers of hosts, this share is lost on its way, and this is a refusal for the moment.
RULES = """
[[rules]]
fault = "lost"
probability = 0.03
[[rules]]
fault = "429:0"
probability = 0.03
"""
#: Seconds that a gateway lives at most, when it is killed.
LONGEST = 2.0


@frozen
class Run:
    """What came of one.

    Attributes:
        ends: what was killed, or the exit codes of those that were told to end.
        broken: connections that ended before their answer.
        wrong: everything that must not be, in words.
    """

    account: Account
    ends: tuple[str, ...]
    broken: tuple[Broken, ...]
    wrong: tuple[str, ...]


def killed(make: Databases, *, count: int, kills: int, seed: int) -> Run:
    """So many orders at least, while gateways are killed so often, and started again.

    Args:
        seed: decides what is asked for, which answers of hosts are lost, and who is killed when.
    """
    chance, deaths = Random(seed), list[str]()

    def happens(replica: Replica) -> None:
        while len(deaths) < kills:
            time.sleep(chance.uniform(0, LONGEST))
            deaths.append(part := chance.choice(PARTS))
            replica.kill(part)
            if part != "worker" or not replica.comes_back():
                replica.start()

    with world(make, seed, LATENCY, RULES) as running:
        return _judged(running, count, seed, happens, deaths)


def restarted(make: Databases, *, count: int, rounds: int, seed: int) -> Run:
    """So many orders at least, while each gateway is told to end so often, and is started again;
    the other one goes on meanwhile. No request fails for that: where nobody listens any more
    nothing was sent, and what had begun before is answered. What is sent in the moment in which it
    ends may come too late."""
    codes, one_by_one = list[str](), threading.Lock()

    def happens(replica: Replica) -> None:
        for _ in range(rounds):
            with one_by_one:
                codes.append(str(replica.end()))
                replica.start()

    with world(make, seed, LATENCY) as running:
        done = _judged(running, count, seed, happens, codes)
    wrong = [f"it ended with {code}" for code in codes if code != "0"]
    ending = {replica.url: replica.was_ending for replica in running.replicas}
    wrong += [
        f"it had begun, and failed: {one.what}"
        for one in done.broken
        if not one.refused and not (one.url and ending[one.url](one.began))
    ]
    return Run(done.account, done.ends, done.broken, (*done.wrong, *wrong))


def _judged(
    running: World,
    count: int,
    seed: int,
    happens: Callable[[Replica], None],
    ends: Sequence[str],
) -> Run:
    running.load(count, seed, happens)
    running.finish()
    account = running.account()
    wrong = (*running.wrong(), *account.wrong)
    return Run(account, tuple(ends), tuple(running.buyer.broken), wrong)
