"""A run like those of ``make chaos-store``, but short."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from random import SystemRandom

import pytest

from tests.chaos.nursery import Nursery
from tests.chaos.store.databases import DATABASES, Databases, databases
from tests.chaos.store.runs import run
from tests.chaos.store.workers import __name__ as school

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="asks /proc how victims fare"),
]


@pytest.fixture(scope="module")
def make() -> Iterator[Databases]:
    with databases() as running:
        yield running


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    with Nursery(school) as running:
        yield running


@pytest.mark.parametrize("kind", DATABASES)
def test_workers_that_are_killed_buy_nothing_twice_and_lose_nothing(
    make: Databases, nursery: Nursery, kind: str
) -> None:
    seed = SystemRandom().randrange(10**6)
    done = run(make, nursery, kind, processes=3, count=40, kills=8, seed=seed)
    assert not done.wrong, "\n".join([f"seed {seed}", *done.wrong])
    assert done.account.billed
    assert done.kills
