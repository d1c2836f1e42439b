"""A victim's life, its death, and what its heirs make of what it left."""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from attrs import define, field, frozen

from imagekit.send.journal.recovery import left_behind
from imagekit.values.left import Left
from tests.chaos.asks import ASKS, Ask
from tests.chaos.bills import ALLOWANCE, Bill, Sandbox, bills_of
from tests.chaos.nursery import Nursery, Victim
from tests.chaos.victims import COMMAND_LINE, EMBEDDING, prompt_of

__all__ = ["Life", "World", "at_moment", "at_random", "folder", "many", "told_to_end", "world"]

LONGEST = 1.5  # seconds that a victim lives at most
LOOKS = 0.02  # seconds between two looks at it
HEIRS = 5


@frozen
class World:
    """Where victims live.

    Attributes:
        config: points them at the sandbox.
        root: the directory that has one for each of them.
        allowance: seconds before the kill within which an answer may be lost, as long as a
            person is told.
    """

    sandbox: Sandbox
    nursery: Nursery
    config: Path
    root: Path
    allowance: float
    numbers: Iterator[int] = field(factory=partial(itertools.count, 1))


@define
class Life:
    """One victim, and what came of what it bought.

    Attributes:
        programs: the victim, and its heir.
        kills: how many were killed: itself, and heirs of its.
        died: at which step, where that was chosen.
        arrived: some of what it bought had arrived by then.
        bills: of its calls.
        open: what no heir came to the end of.
        log: what it and its heirs said.
    """

    id: str
    programs: tuple[str, str]
    ask: Ask
    where: Path
    kills: int = 0
    died: str = ""
    arrived: bool = False
    bills: list[Bill] = field(factory=list)
    open: list[str] = field(factory=list)
    log: str = ""

    @property
    def wrong(self) -> list[str]:
        """Everything that must not be, in words."""
        found = [f"lost: {bill}" for bill in self.bills if bill.lost]
        found += [f"bought twice: {bill}" for bill in self.bills if bill.twice]
        if self.arrived and self.died and not any(bill.kept for bill in self.bills):
            found += [f"had arrived, and is lost: {bill}" for bill in self.bills]
        found += [f"still open: {call}" for call in self.open]
        found += [self.log] if "Traceback" in self.log else []
        return [f"{self.id} {one} {self.died and f'(died at: {self.died})'}" for one in found]


@contextmanager
def world(
    latency: str = "uniform:0,0.4", allowance: float = ALLOWANCE, rules: Path | None = None
) -> Iterator[World]:
    """A sandbox and a nursery."""
    with (
        folder() as root,
        Sandbox(latency, rules) as sandbox,
        Nursery() as nursery,
    ):
        yield World(sandbox, nursery, sandbox.configuration(root), root, allowance)


@contextmanager
def folder() -> Iterator[Path]:
    """One that is in memory where that can be, since a disk that others keep busy says nothing
    of us."""
    memory = Path("/dev/shm")
    place = memory if os.access(memory, os.W_OK) else None
    with TemporaryDirectory(prefix="chaos-", dir=place) as root:
        yield Path(root)


def many(lives: list[Callable[[], Life]], at_once: int = 4) -> list[Life]:
    """All of them, some side by side."""
    with ThreadPoolExecutor(at_once) as pool:
        return [future.result() for future in [pool.submit(life) for life in lives]]


def at_random(world: World, programs: tuple[str, str], number: int, seed: int) -> Life:
    """Killed from outside at any time, its heirs as well, now and then."""
    chance = Random(f"{seed} {number}")
    ask = [*ASKS.values()][number % len(ASKS)]
    life = _born(world, programs, ask)
    victim = _start(world, life, programs[0], id=life.id, ask=ask.name, calls=1000)
    while not (life.where / "journal").exists():  # a busy machine lets it be born late
        assert not victim.wait(LOOKS), (life.where / "log").read_text()
    longest = LONGEST if programs == EMBEDDING else LONGEST / 2  # which buys only once
    died = _killed(life, victim, chance.uniform(0, longest))
    while chance.random() < 0.3:
        _killed(life, _start(world, life, life.programs[1]), chance.uniform(0, LONGEST / 3))
    return _judged(world, life, lambda at: died - at - victim.held_up(at) >= world.allowance)


def at_moment(
    world: World,
    programs: tuple[str, str],
    ask: Ask,
    *moments: Mapping[str, Any],
    arrived: bool = False,
) -> Life:
    """Of itself at the first moment; its heirs at the others. When that was says nothing of
    what it could have had, so all that is asked is that nobody is left in the dark."""
    life = _born(world, programs, ask)
    life.arrived = arrived
    for at, moment in enumerate(moments):
        given = {} if at else {"id": life.id, "ask": ask.name, "calls": 1}
        _start(world, life, programs[at > 0], moment=moment, **given).wait()
        note = life.where / "died"
        if note.exists():
            life.kills += 1
            life.died += note.read_text().strip() + "; "
            note.unlink()
    return _judged(world, life, lambda at: False)


def told_to_end(world: World, ask: Ask, by: int) -> Life:
    """A command in the middle of its call, by a signal that it may answer to."""
    life = _born(world, COMMAND_LINE, ask)
    victim = _start(world, life, COMMAND_LINE[0], id=life.id, ask=ask.name, calls=1)
    while not world.sandbox.entries(ask.host, life.id):
        assert not victim.wait(LOOKS), (life.where / "log").read_text()
    life.kills += 1
    victim.kill(by)
    assert victim.wait()
    return _judged(world, life, lambda at: False)


def _born(world: World, programs: tuple[str, str], ask: Ask) -> Life:
    id = f"v{next(world.numbers)}"
    where = world.root / id
    where.mkdir()
    return Life(id, programs, ask, where)


def _start(world: World, life: Life, program: str, **given: Any) -> Victim:
    return world.nursery.start(program, life.where, config=str(world.config), **given)


def _killed(life: Life, victim: Victim, seconds: float) -> float:
    """When it was, in Unix seconds."""
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0 and not victim.wait(min(left, LOOKS)):
        victim.look()
    life.kills += not victim.wait(0)
    at = victim.kill()
    assert victim.wait()
    return at


def _left(life: Life, entries: Iterable[Mapping[str, Any]]) -> list[Left]:
    """What is open, but for a call that never came to a host that has just been asked for it,
    and one that nobody can be asked for."""
    billed = {entry["prompt"] for entry in entries}
    return [
        one
        for one in left_behind(life.where / "journal")
        if one.state != "sending" or (life.ask.named and prompt_of(one) in billed)
    ]


def _judged(world: World, life: Life, in_time: Callable[[float], bool]) -> Life:
    """After heirs that nobody kills: the first tries, and so may the next."""
    entries = world.sandbox.entries(life.ask.host, life.id)
    for _ in range(HEIRS):
        before = entries
        assert _start(world, life, life.programs[1]).wait()
        entries = world.sandbox.entries(life.ask.host, life.id)
        if not (left := _left(life, entries)) and entries == before:
            break
    life.open = [f"{one.purchase.id} {one.state}" for one in left]
    life.bills = bills_of(life.where, life.ask, entries, in_time)
    life.log = (life.where / "log").read_text()
    return life
