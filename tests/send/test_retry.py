"""When a request is sent again, and after how long: the errors' own words decide."""

from __future__ import annotations

import random
from typing import Any

import pytest

from imagekit import Charged, Retry
from imagekit.errors import (
    BillingError,
    HostError,
    HostUnavailable,
    ImagekitError,
    NotSent,
    OutcomeUnknown,
    RateLimited,
    UnreadableAnswer,
    UsageError,
)

FREE: dict[str, Any] = {"retryable": True, "charged": Charged.NO}
PAID, REPEATABLE = False, True  # a request that may cost, and one that never does


@pytest.fixture(autouse=True)
def least_jitter(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits of half their length: the shortest there are."""
    monkeypatch.setattr(random, "uniform", lambda least, most: min(least, most))


# --- whether ------------------------------------------------------------------------------------


@pytest.mark.parametrize("error", [NotSent("refused"), RateLimited("busy", **FREE)])
def test_what_was_certainly_free_is_sent_again(error: ImagekitError) -> None:
    assert Retry().wait(1, error, PAID) is not None


@pytest.mark.parametrize(
    "error",
    [
        OutcomeUnknown("lost"),
        RateLimited("busy"),  # a status alone
        RateLimited("busy", retryable=True),  # which may have been charged
        RateLimited("busy", retryable=True, charged=Charged.YES),
        BillingError("no balance", charged=Charged.NO),  # free, and no use
    ],
)
def test_what_may_cost_or_is_of_no_use_is_not(error: ImagekitError) -> None:
    assert Retry().wait(1, error, PAID) is None


@pytest.mark.parametrize(
    "error",
    [
        HostUnavailable("down"),
        RateLimited("busy"),
        UnreadableAnswer("a page of the proxy's"),
        NotSent("refused"),
        BillingError("says so", retryable=True),
    ],
)
def test_a_question_that_costs_nothing_is_asked_again_in_trouble(error: ImagekitError) -> None:
    assert Retry().wait(1, error, REPEATABLE) is not None


@pytest.mark.parametrize(
    "error",
    [
        HostError("no"),
        OutcomeUnknown("lost"),
        HostUnavailable("that was the job", final=True),
        RateLimited("that was the job", retryable=True, final=True),
    ],
)
def test_a_question_that_is_answered_is_not_asked_again(error: ImagekitError) -> None:
    assert Retry().wait(1, error, REPEATABLE) is None


@pytest.mark.parametrize("attempts", [1, 2, 4])
def test_attempts_counts_every_send(attempts: int) -> None:
    waits = [Retry(attempts).wait(sent, NotSent("refused"), PAID) for sent in range(1, 7)]
    assert [wait is not None for wait in waits] == [sent < attempts for sent in range(1, 7)]


# --- how long -----------------------------------------------------------------------------------


def test_each_wait_is_twice_the_last_up_to_the_longest() -> None:
    retry = Retry(attempts=9, first=2.0, longest=10.0)
    waits = [retry.wait(sent, NotSent("refused"), PAID) for sent in (1, 2, 3, 4)]
    assert waits == [1.0, 2.0, 4.0, 5.0]


def test_a_wait_is_at_most_its_full_length(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(random, "uniform", lambda least, most: max(least, most))
    assert Retry(first=2.0).wait(1, NotSent("refused"), PAID) == 2.0


def test_the_waits_of_a_retry_that_nobody_has_set() -> None:
    retry = Retry()
    waits = [retry.wait(sent, NotSent("refused"), PAID) for sent in (1, 2, 3, 4)]
    assert waits == [0.25, 0.5, 1.0, None]
    assert Retry(attempts=99).wait(9, NotSent("refused"), PAID) == 10.0


@pytest.mark.parametrize(("asked", "wait"), [(0.0, 0.0), (7.0, 7.0), (120.0, 120.0), (120.5, None)])
def test_a_host_that_says_how_long_is_taken_at_its_word_within_patience(
    asked: float, wait: float | None
) -> None:
    error = RateLimited("busy", retry_after=asked, **FREE)
    assert Retry().wait(1, error, PAID) == wait


# --- what makes no sense ------------------------------------------------------------------------


@pytest.mark.parametrize("attempts", [0, -1, 1.5, "3", None])
def test_attempts_is_a_number_from_one(attempts: Any) -> None:
    with pytest.raises(UsageError, match=rf"^attempts counts .* not {attempts!r}$"):
        Retry(attempts)


@pytest.mark.parametrize("name", ["first", "longest", "patience"])
@pytest.mark.parametrize("seconds", [-0.1, float("nan")])
def test_seconds_are_none_that_are_negative(name: str, seconds: float) -> None:
    with pytest.raises(UsageError, match=rf"^{name} is a number of seconds, not {seconds!r}$"):
        Retry(**{name: seconds})
    Retry(**{name: 0.0})
