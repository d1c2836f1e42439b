"""Which host is asked: who rests goes last, who has room goes first, and many spread rightly."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from typing import Any

import pytest

from imagekit import Claim, Config, HostSettings, InProcess, Standing
from imagekit.send.turns import Turns

HOSTS = ("a", "b", "c")


def turns(clock: Any, shared: InProcess | None = None, **hosts: HostSettings) -> Turns:
    return Turns(shared or InProcess(clock, clock), Config(hosts=hosts), monotonic=clock)


def order(turns: Turns, balance: str | None = None, hosts: Sequence[str] = HOSTS) -> str:
    with turns.chosen(hosts, balance) as chosen:
        return "".join(chosen.hosts)


def firsts(turns: Turns, count: int, balance: str | None, stack: ExitStack) -> Counter[str]:
    """Whom so many ask who choose at the same moment."""
    made = [stack.enter_context(turns.chosen(HOSTS, balance)) for _ in range(count)]
    return Counter(chosen.hosts[0] for chosen in made)


@pytest.mark.parametrize("balance", [None, "order", "least-busy"])
def test_hosts_that_are_well_and_have_nothing_to_do_are_asked_as_given(
    clock: Any, balance: str | None
) -> None:
    assert order(turns(clock), balance) == "abc"


def test_who_rests_goes_last_and_where_all_do_it_is_as_given(clock: Any) -> None:
    shared = InProcess(clock, clock)
    own = turns(clock, shared)
    shared.rest("a", 30)
    assert order(own) == "bca"
    assert order(own, hosts=("a",)) == "a"
    shared.rest("b", 30)
    shared.rest("c", 30)
    assert order(own) == "abc"


def test_a_host_that_has_rested_is_given_to_one_caller(clock: Any) -> None:
    shared = InProcess(clock, clock)
    own = turns(clock, shared)
    shared.rest("a", 30)
    shared.rest("c", 90)
    clock.now += 30
    assert [order(own) for _ in range(3)] == ["abc", "bac", "bac"]
    shared.is_well("a")
    assert [order(own) for _ in range(3)] == ["abc", "abc", "abc"]


def test_where_nothing_else_is_left_a_host_on_trial_is_asked_all_the_same(clock: Any) -> None:
    shared = InProcess(clock, clock)
    own = turns(clock, shared)
    for name, seconds in (("a", 30), ("b", 30), ("c", 90)):
        shared.rest(name, seconds)
    clock.now += 30
    assert [order(own) for _ in range(3)] == ["abc", "bac", "abc"]


def test_without_a_balance_all_go_to_the_first_however_full(clock: Any) -> None:
    own = turns(clock, a=HostSettings(at_once=1, rpm=1))
    with ExitStack() as stack:
        assert firsts(own, 9, None, stack) == {"a": 9}


def test_in_order_the_next_is_asked_where_places_are_taken(clock: Any) -> None:
    own = turns(clock, a=HostSettings(at_once=3), b=HostSettings(at_once=2))
    with ExitStack() as stack:
        assert firsts(own, 9, "order", stack) == {"a": 3, "b": 2, "c": 4}
    assert order(own, "order") == "abc"


def test_in_order_the_next_is_asked_where_a_minute_s_calls_are_sent(clock: Any) -> None:
    own = turns(clock, a=HostSettings(rpm=10), b=HostSettings(rpm=20), c=HostSettings(rpm=30))
    with ExitStack() as stack:
        assert firsts(own, 60, "order", stack) == {"a": 10, "b": 20, "c": 30}
        assert firsts(own, 30, "order", stack) == {"a": 5, "b": 10, "c": 15}  # whose turn is next
    assert order(own, "order") == "abc"  # none of these was sent


def test_the_least_busy_is_asked_by_a_hundred_at_the_same_moment(clock: Any) -> None:
    own = turns(clock)
    with ExitStack() as stack:
        assert firsts(own, 100, "least-busy", stack) == {"a": 34, "b": 33, "c": 33}


def test_calls_of_others_make_a_host_busy(clock: Any) -> None:
    shared = InProcess(clock, clock)
    for number in range(5):
        shared.claim(Claim(str(number), "a"))
    own = turns(clock, shared)
    with ExitStack() as stack:
        assert firsts(own, 4, "least-busy", stack) == {"b": 2, "c": 2}


def test_who_moves_on_is_counted_elsewhere(clock: Any) -> None:
    own = turns(clock)
    with own.chosen(HOSTS, "least-busy") as chosen:
        assert order(own, "least-busy") == "bca"
        chosen.moved("b")
        assert order(own, "least-busy") == "acb"
    assert order(own, "least-busy") == "abc"


def test_who_can_not_say_how_hosts_stand_changes_nothing(
    clock: Any, caplog: pytest.LogCaptureFixture
) -> None:
    class Silent(InProcess):
        def standing(self, hosts: Sequence[str]) -> Mapping[str, Standing]:
            raise OSError("the database is away")

    with caplog.at_level(logging.WARNING):
        assert order(turns(clock, Silent()), "least-busy") == "abc"
    assert "nobody can say how hosts stand: " in caplog.text
    assert "Silent.standing raised OSError: the database is away" in caplog.text
