"""One run: requests are asked for, workers answer them and are killed, one comes to the end."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path
from random import Random
from typing import Any

from attrs import define, field, frozen
from imagekit_store import Store

from tests.chaos.bills import Sandbox
from tests.chaos.lives import folder
from tests.chaos.nursery import Nursery, Victim
from tests.chaos.store.accounts import Account, account_of
from tests.chaos.store.databases import Databases
from tests.chaos.store.deaths import DEATHS
from tests.chaos.store.orders import orders
from tests.chaos.store.workers import LEASE

__all__ = ["Run", "run"]

LONGEST = 1.5  # seconds that a worker lives at most, when it is killed from outside
LOOKS = 0.1  # seconds between two looks at whether there is work
PATIENCE = 900.0  # seconds in which what is left has to come to an end
LATENCY = "uniform:0,0.2"
#: Of answers, this share is lost on its way.
LOST = 0.03


@frozen
class Run:
    """What came of one.

    Attributes:
        deaths: the step at which each worker died, as `DEATHS` names it; empty for one that was
            killed from outside.
        log: what the workers said.
    """

    account: Account
    deaths: tuple[str, ...]
    log: str

    @property
    def kills(self) -> int:
        return len(self.deaths)

    @property
    def steps(self) -> int:
        """At how many different ones somebody died."""
        return len({*self.deaths} - {""})

    @property
    def wrong(self) -> list[str]:
        """Everything that must not be, in words."""
        return [*self.account.wrong, *([self.log] if "Traceback" in self.log else [])]


@define
class _Fates:
    """Who dies of what; shared by the threads that watch over workers."""

    left: int
    _chance: Random
    _steps: Iterator[str] = field(init=False)
    _lock: threading.Lock = field(factory=threading.Lock, init=False)

    def __attrs_post_init__(self) -> None:
        names = [*DEATHS]
        self._chance.shuffle(names)
        self._steps = cycle(names)

    def next(self) -> tuple[float, str, Mapping[str, Any] | None]:
        """Seconds after which to kill the next, or the step and moment at which it dies of
        itself."""
        with self._lock:
            self.left -= 1
            if self._chance.random() < 0.4:
                return self._chance.uniform(0.1, LONGEST), "", None
            name = next(self._steps)
            moment = {"pattern": DEATHS[name], "nth": self._chance.randint(1, 6)}
            return 3 * LONGEST, name, {**moment, "half": self._chance.random() < 0.5}


@frozen
class _Workers:
    """Of one store.

    Attributes:
        root: has a folder for each.
        told: where the store and the sandbox are.
    """

    nursery: Nursery
    store: Store
    root: Path
    told: Mapping[str, str]

    def killed(self, slot: int, fates: _Fates) -> list[str]:
        """One after the other, until enough were killed or all was begun; then one that may
        live."""
        deaths: list[str] = []
        while fates.left > 0 and self._has_work():
            seconds, name, moment = fates.next()
            worker = self._start("work", slot, moment=moment)
            if not worker.wait(seconds):
                worker.kill()
                assert worker.wait()
                deaths.append("")
            elif self._died(slot):
                deaths.append(name)
        worker = self._start("work", slot)
        while self._has_work() and not worker.wait(LOOKS):
            pass
        worker.kill()
        assert worker.wait()
        return deaths

    def finish(self) -> None:
        """One comes to the end of what the others left; what still moves then never ends."""
        heir = self._start("finish", 0)
        if not heir.wait(PATIENCE):
            heir.kill()
            assert heir.wait()

    @property
    def log(self) -> str:
        """What they said."""
        return "".join(path.read_text() for path in sorted(self.root.glob("*/log")))

    def _start(self, program: str, slot: int, **given: Any) -> Victim:
        where = self.root / f"worker{slot}"
        where.mkdir(exist_ok=True)
        return self.nursery.start(program, where, **self.told, **given)

    def _died(self, slot: int) -> bool:
        note = self.root / f"worker{slot}" / "died"
        there = note.exists()
        note.unlink(missing_ok=True)
        return there

    def _has_work(self) -> bool:
        return bool(self.store.requests(state="queued", limit=1))


def run(
    make: Databases,
    nursery: Nursery,
    kind: str,
    *,
    processes: int,
    count: int,
    kills: int,
    seed: int,
) -> Run:
    """So many requests, answered by so many processes side by side, so many of which are killed.

    Args:
        kind: of the database.
        seed: decides what is asked for, which answers are lost, and who dies of what.
    """
    with folder() as root, _sandbox(root, seed) as sandbox:
        where = {"url": make(kind, root), "pictures": str(root / "pictures")}
        told = {"config": str(sandbox.configuration(root)), **where}
        with Store(**where, lease=LEASE) as store, ThreadPoolExecutor(processes) as pool:
            for order in orders(count, seed):
                store.ask(order.prompt, model=order.model, **order.given)
            fates, workers = _Fates(kills, Random(seed)), _Workers(nursery, store, root, told)
            slots = [pool.submit(workers.killed, slot, fates) for slot in range(processes)]
            deaths = [death for slot in slots for death in slot.result()]
            workers.finish()
            return Run(account_of(store, sandbox.ledger()), tuple(deaths), workers.log)


@contextmanager
def _sandbox(root: Path, seed: int) -> Iterator[Sandbox]:
    rules = root / "rules.toml"
    rules.write_text(f'seed = {seed}\n[[rules]]\nfault = "lost"\nprobability = {LOST}\n')
    with Sandbox(LATENCY, rules) as sandbox:
        yield sandbox
