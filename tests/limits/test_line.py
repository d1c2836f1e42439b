"""The line before a host: callers take turns, whatever each of them asks for."""

from __future__ import annotations

import threading
from contextlib import ExitStack

from hypothesis import given, strategies as st

from imagekit.send.limits.line import Line, Waiter
from imagekit.sharing import Full

FULL = Full("at_once", "no room")


class Queue:
    """A line whose calls are told apart by what they are called."""

    def __init__(self, *callers: str) -> None:
        self.line = Line()
        self._stays: dict[Waiter, ExitStack] = {}
        self.waiters = [self.join(caller) for caller in callers]

    def join(self, caller: str) -> Waiter:
        stays = ExitStack()
        waiter = stays.enter_context(self.line.joined_by(caller))
        self._stays[waiter] = stays
        return waiter

    def leave(self, waiter: Waiter) -> None:
        self._stays.pop(waiter).close()

    def serve(self) -> Waiter | None:
        """Let in whoever is first."""
        for waiter in self._stays:
            if self.line.asks(waiter, lambda: None) is None:
                self.leave(waiter)
                return waiter
        return None

    def served(self) -> list[str]:
        """The callers of all who wait, as they are let in."""
        found: list[str] = []
        while waiter := self.serve():
            found.append(waiter.caller)
        return found


def test_callers_take_turns() -> None:
    assert Queue(*"aaabbc").served() == list("abcaba")


def test_who_comes_while_another_has_fifty_waiting_waits_for_one_turn_at_most() -> None:
    queue = Queue(*"a" * 50)
    assert queue.serve() is not None
    queue.join("b")
    assert "b" in queue.served()[:2]


@given(st.lists(st.sampled_from("abcd"), max_size=40))
def test_nobody_has_two_turns_while_another_waits_for_one(callers: list[str]) -> None:
    queue = Queue(*callers)
    served = queue.served()
    assert sorted(served) == sorted(callers)
    for number, caller in enumerate(served):
        before = served[:number]
        for other in set(served[number:]) - {caller}:
            since = len(before) - before[::-1].index(other) if other in before else 0
            assert before[since:].count(caller) <= 1


def test_the_calls_of_one_caller_are_let_in_as_they_came() -> None:
    queue = Queue(*"aaa")
    assert [queue.serve() for _ in range(3)] == queue.waiters


def test_only_the_first_asks() -> None:
    queue, asked = Queue("a", "b"), [0]

    def ask() -> Full:
        asked[0] += 1
        return FULL

    first, second = queue.waiters
    assert queue.line.asks(second, ask) is not None
    assert asked == [0]
    assert queue.line.asks(first, ask) is FULL
    assert queue.line.asks(second, ask) is FULL
    assert asked == [1]


def test_who_gives_up_keeps_nobody_s_turn() -> None:
    queue = Queue("a", "b", "a")
    queue.leave(queue.waiters[0])
    assert queue.served() == ["a", "b"]


def test_whoever_leaves_wakes_the_next() -> None:
    queue = Queue("a", "b")
    first, second = queue.waiters
    queue.line.asks(second, lambda: FULL)
    assert not second.woken.is_set()
    queue.leave(first)
    assert second.woken.is_set()


def test_room_that_comes_while_the_first_asks_is_not_missed() -> None:
    queue = Queue("a")

    def ask() -> Full:
        queue.line.wake()
        return FULL

    (first,) = queue.waiters
    assert queue.line.asks(first, ask) is FULL
    assert first.woken.is_set()


def test_many_threads_are_all_let_in_one_at_a_time() -> None:
    line, inside, most = Line(), [0], [0]

    def ask() -> Full | None:
        inside[0] += 1
        most[0] = max(most[0], inside[0])
        inside[0] -= 1
        return None

    def run(number: int) -> None:
        with line.joined_by(str(number % 3)) as waiter:
            while line.asks(waiter, ask):
                waiter.woken.wait()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1]
    assert line._calls == {}
