"""The state machine: what may follow what, and what never does."""

from __future__ import annotations

import pytest

from imagekit_store.schema.states import STEPS, RequestState, State, after_lapse, before, summary


def test_what_may_have_been_paid_for_is_never_sent_again():
    waiting, seen = [State.UNKNOWN], set()
    while waiting:
        state = waiting.pop()
        seen.add(state)
        waiting += STEPS[state] - seen
    assert not seen & {State.QUEUED, State.SENDING}


@pytest.mark.parametrize("state", State)
def test_a_lease_that_passes_makes_unknown_of_what_was_being_sent_alone(state):
    assert after_lapse(state) == (State.UNKNOWN if state is State.SENDING else state)


def test_before_is_the_other_way_round():
    for after in State:
        assert {state for state, following in STEPS.items() if after in following} == before(after)


@pytest.mark.parametrize(
    ("attempts", "request_is"),
    [
        ([], "queued"),
        (["queued", "queued"], "queued"),
        (["queued", "stored"], "running"),
        (["accepted", "unknown"], "running"),
        (["unknown", "stored"], "unknown"),
        (["failed", "stored"], "done"),
        (["failed", "failed"], "failed"),
    ],
)
def test_a_request_stands_where_its_calls_do(attempts, request_is):
    assert summary([State(one) for one in attempts]) == RequestState(request_is)
