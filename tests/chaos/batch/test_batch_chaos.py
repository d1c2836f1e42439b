"""A run like that of ``make chaos-batch``, but short."""

from __future__ import annotations

import sys
from random import SystemRandom

import pytest

from tests.chaos.batch.runs import run

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="asks /proc what a program takes"),
]


def test_a_batch_that_is_killed_goes_on_by_the_same_command_and_buys_nothing_twice() -> None:
    seed = SystemRandom().randrange(10**6)
    done = run(60, 1, seed, at_once=4)
    assert not done.wrong, "\n".join([f"seed {seed}", *done.wrong])
    account = done.account  # what is unknown may have been billed, or not
    assert account.done <= account.billed <= account.done + account.unknown
    assert done.code == (7 if account.unknown else 0)
