"""What the requests of one key may take: how many a minute and at once, and for how much."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve
from imagekit_sandbox.serving import Rule

from imagekit import Alias, Budget, Cost
from imagekit_store import Limits

#: Of PowerTokens, 0.038 USD a picture.
PRICED = {"model": "seedream-4.5"}
SMALL = {"size": "1K"}


@pytest.mark.parametrize("more", [{}, {"stream": True}])
def test_a_key_makes_so_many_requests_a_minute_and_is_told_when_the_next(
    served: Any, upstreams: Any, more: Any
) -> None:
    key = served.new_key("two", Limits(rpm=2))
    assert [served.generate(key, **SMALL, **more).status for _ in range(2)] == [200, 200]
    refused = served.generate(key, **SMALL, **more)
    assert (refused.status, refused.error["code"]) == (429, "rate_limit_exceeded")
    assert (refused.headers["x-should-retry"], refused.error["charged"]) == ("true", "no")
    assert 1 <= int(refused.headers["Retry-After"]) <= 30
    assert len(upstreams.ledger.entries) == 2
    assert served.generate(**SMALL).status == 200  # another key has its own


def test_answers_say_what_is_left_of_a_minute(served: Any) -> None:
    key = served.new_key("two", Limits(rpm=2))
    for left in ("1", "0"):
        headers = served.generate(key, **SMALL).headers
        assert headers["x-ratelimit-limit-requests"] == "2"
        assert headers["x-ratelimit-remaining-requests"] == left


def test_mistakes_and_reading_take_nothing_of_a_limit(served: Any) -> None:
    key = served.new_key("one", Limits(rpm=1))
    assert served.generate(key, size="1x1").status == 400
    assert served.get("/v1/images", key=key).status == 200
    assert served.generate(key, **SMALL).status == 200


@pytest.mark.parametrize("upstreams", [[Rule("delay:600")]], indirect=True)
def test_a_key_has_so_many_pictures_made_at_once(served: Any, upstreams: Any) -> None:
    key = served.new_key("one", Limits(at_once=1))
    first: list[Any] = []
    thread = threading.Thread(target=lambda: first.append(served.generate(key, **SMALL)))
    thread.start()
    while not upstreams.ledger.entries:
        time.sleep(0.01)
    refused = served.generate(key, **SMALL)
    assert (refused.status, refused.error["code"]) == (429, "too_many_at_once")
    assert (refused.headers["x-should-retry"], refused.error["charged"]) == ("true", "no")
    assert len(upstreams.ledger.entries) == 1
    upstreams.close()  # which ends what waits there
    thread.join()
    assert (first[0].status, served.generate(key, **SMALL).error["code"]) == (
        424,
        "upstream_unavailable",
    )


def test_what_a_budget_has_no_room_for_is_402_and_not_bought(served: Any, upstreams: Any) -> None:
    key = served.new_key("poor", Limits(budget=Decimal("0.05")))
    assert served.generate(key, **PRICED).status == 200
    refused = served.generate(key, **PRICED)
    assert (refused.status, refused.error["code"]) == (402, "insufficient_quota")
    assert refused.error["message"] == (
        "the key 'poor' may spend 0.05 USD a month, of which 0.038 are spent or set aside; "
        "this request should cost 0.038"
    )
    assert (refused.error["charged"], refused.headers["x-should-retry"]) == ("no", "false")
    assert len(upstreams.ledger.entries) == 1


def test_several_pictures_count_several_times(served: Any, upstreams: Any) -> None:
    key = served.new_key("poor", Limits(budget=Decimal("0.1")))
    assert served.generate(key, **PRICED, n=3).status == 402
    assert served.generate(key, **PRICED, n=2).status == 200
    assert len(upstreams.ledger.entries) == 2


@pytest.mark.parametrize("upstreams", [[Rule("401", times=1)]], indirect=True)
def test_what_was_free_counts_nothing(served: Any) -> None:
    key = served.new_key("poor", Limits(budget=Decimal("0.04")))
    assert [served.generate(key, **PRICED).status for _ in range(2)] == [503, 200]


def test_a_repeated_request_counts_once(served: Any) -> None:
    key = served.new_key("poor", Limits(budget=Decimal("0.04"), rpm=1))
    headers = {"Idempotency-Key": "k"}
    assert [served.generate(key, headers, **PRICED).status for _ in range(3)] == [200] * 3


def test_what_nobody_has_a_price_for_needs_one_where_there_is_a_budget(
    serving: Any, upstreams: Any
) -> None:
    served = serving()
    key = served.new_key("poor", Limits(budget=Decimal(1)))
    refused = served.generate(key, **SMALL)
    assert (refused.status, refused.error["code"]) == (402, "unknown_price")
    assert upstreams.ledger.entries == ()


def test_what_costs_nothing_does_so_in_every_currency(serving: Any) -> None:
    served = serving()
    key = served.new_key("poor", Limits(budget=Decimal(0), currency="EUR"))
    assert served.generate(key, model="sandbox:seedream-4.0", **SMALL).status == 200


def test_the_configuration_may_say_what_it_counts(serving: Any) -> None:
    served = serving(unknown_price=Cost("0.6", "USD"))
    key = served.new_key("poor", Limits(budget=Decimal(1)))
    assert [served.generate(key, **SMALL).status for _ in range(2)] == [200, 402]


def test_what_an_alias_asks_for_besides_counts(serving: Any, upstreams: Any) -> None:
    four = Alias("token360:seedream-4.5", defaults={"n": 4})
    served = serving(models={"four": four}, unknown_price=Cost("0.05", "USD"))
    key = served.new_key("poor", Limits(budget=Decimal("0.19")))
    fields = {"model": "four", "prompt": "a corgi"}
    assert served.ask("POST", "/v1/images/plan", fields).json["images"] == 4
    assert served.generate(key, **fields).status == 402
    assert upstreams.ledger.entries == ()


# --- the gateway's own ----------------------------------------------------------------------------


@pytest.mark.parametrize("more", [{}, {"stream": True}])
def test_a_budget_of_the_gateway_s_own_is_402_without_its_numbers(
    serving: Any, upstreams: Any, more: Any
) -> None:
    served = serving(budget=Budget.parse("0.05 USD"))
    told = [served.generate(**PRICED, **more) for _ in range(2)]
    assert [one.status for one in told] == [200, 402]
    assert told[1].error["code"] == "insufficient_quota"
    assert told[1].error["charged"] == "no"
    assert "a budget that is its own" in told[1].error["message"]
    assert "0.0" not in told[1].error["message"]
    assert len(upstreams.ledger.entries) == 1


def test_a_host_that_is_asked_as_much_as_it_may_be_is_429_with_when(
    serving: Any, upstreams: Any
) -> None:
    hosts = {"powertokens": evolve(upstreams.configuration().hosts["powertokens"], rpm=1)}
    served = serving(hosts=hosts, deadline=1.0)
    told = [served.generate(**PRICED) for _ in range(2)]
    assert [one.status for one in told] == [200, 429]
    assert told[1].error["code"] == "rate_limit_exceeded"
    assert 1 <= int(told[1].headers["Retry-After"]) <= 60
    assert "rpm" not in told[1].error["message"]
    assert len(upstreams.ledger.entries) == 1


def test_keys_take_turns_at_a_host_that_is_full(serving: Any, upstreams: Any) -> None:
    """However much one of them asks for: the other's comes after at most one of its own."""
    hosts = {"powertokens": evolve(upstreams.configuration().hosts["powertokens"], at_once=1)}
    served = serving(hosts=hosts)
    many, one = served.new_key("many"), served.new_key("one")
    with ThreadPoolExecutor(8) as threads:
        crowd = [threads.submit(served.generate, many, **PRICED) for _ in range(6)]
        lone = threads.submit(served.generate, one, **PRICED)
        assert {call.result().status for call in (*crowd, lone)} == {200}
    assert len(upstreams.ledger.entries) == 7
