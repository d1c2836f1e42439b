"""Runs like those of ``make chaos-gateway``, but short."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from random import SystemRandom

import pytest

from tests.chaos.gateway.runs import killed, restarted
from tests.chaos.store.databases import Databases, databases

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="looks processes up in /proc"),
]


@pytest.fixture(scope="module")
def make() -> Iterator[Databases]:
    with databases() as running:
        yield running


def test_gateways_that_are_killed_buy_nothing_twice_and_lose_nothing(make: Databases) -> None:
    seed = SystemRandom().randrange(10**6)
    done = killed(make, count=40, kills=5, seed=seed)
    assert not done.wrong, "\n".join([f"seed {seed}", *done.wrong])
    assert done.account.billed


def test_no_request_fails_when_gateways_are_restarted_in_turn(make: Databases) -> None:
    seed = SystemRandom().randrange(10**6)
    done = restarted(make, count=40, rounds=1, seed=seed)
    assert not done.wrong, "\n".join([f"seed {seed}", *done.wrong])
    assert done.ends == ("0", "0")
    assert done.account.billed == done.account.stored
