"""Requests that are repeated: one that is the same is answered once more, and bought once."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
from imagekit_sandbox.serving import Rule

KEY = {"Idempotency-Key": "k"}
SMALL = {"size": "1K"}


def bought(upstreams: Any) -> int:
    return len(upstreams.ledger.entries)


def id_of(made: Any) -> str:
    return str(made.json["metadata"]["id"])


@pytest.mark.parametrize("upstreams", [[Rule("delay:0.5")]], indirect=True)
def test_the_same_request_joins_one_that_is_under_way(served: Any, upstreams: Any) -> None:
    made: list[Any] = []
    first = threading.Thread(target=lambda: made.append(served.generate(headers=KEY, **SMALL)))
    first.start()
    while not bought(upstreams):
        time.sleep(0.01)
    joined = served.generate(headers=KEY, **SMALL)
    first.join()
    assert (made[0].status, joined.status) == (200, 200)
    assert id_of(joined) == id_of(made[0])
    assert "Idempotent-Replayed" not in made[0].headers
    assert joined.headers["Idempotent-Replayed"] == "true"
    assert bought(upstreams) == 1


def test_requests_that_come_at_the_same_moment_are_one(served: Any, upstreams: Any) -> None:
    made: list[Any] = []
    together = threading.Barrier(8)

    def ask() -> None:
        together.wait()
        made.append(served.generate(headers=KEY, **SMALL))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {one.status for one in made} == {200}
    assert len({id_of(one) for one in made}) == 1
    assert bought(upstreams) == 1


def test_a_replayed_answer_says_what_the_first_said(served: Any) -> None:
    first, again = (served.generate(headers=KEY, quality="hd", **SMALL) for _ in range(2))
    for name in ("model", "usage", "size", "output_format"):
        assert again.json[name] == first.json[name]
    said = ("host", "route", "charged", "cost", "receipt", "dropped", "added", "notes", "errors")
    told, before = again.json["metadata"], first.json["metadata"]
    assert {name: told[name] for name in said} == {name: before[name] for name in said}


def test_a_key_of_another_caller_is_another(served: Any, upstreams: Any) -> None:
    other = served.new_key("other")
    assert id_of(served.generate(headers=KEY, **SMALL)) != id_of(
        served.generate(other, headers=KEY, **SMALL)
    )
    assert bought(upstreams) == 2


def test_equal_requests_are_two_where_nobody_says_that_they_are_one(
    served: Any, upstreams: Any
) -> None:
    assert id_of(served.generate(**SMALL)) != id_of(served.generate(**SMALL))
    assert bought(upstreams) == 2


# --- after a failure ------------------------------------------------------------------------------


@pytest.mark.parametrize("upstreams", [[Rule("401", times=1)]], indirect=True)
@pytest.mark.parametrize(
    "repeated", [[KEY, KEY], [{"X-Stainless-Retry-Count": one} for one in "01"]]
)
def test_what_has_failed_and_was_free_may_be_tried_again(
    served: Any, upstreams: Any, repeated: list[dict[str, str]]
) -> None:
    statuses = [served.generate(headers=headers, **SMALL).status for headers in repeated]
    assert statuses == [503, 200]
    assert bought(upstreams) == 1


@pytest.mark.parametrize("upstreams", [[Rule("lost", times=1)]], indirect=True)
@pytest.mark.parametrize(
    "repeated", [[KEY, KEY], [{"X-Stainless-Retry-Count": one} for one in "01"]]
)
def test_what_may_have_been_paid_for_is_not_tried_again(
    served: Any, upstreams: Any, repeated: list[dict[str, str]]
) -> None:
    first, again = (served.generate(headers=headers, **SMALL) for headers in repeated)
    assert (first.status, again.status) == (424, 424)
    assert again.error["record"] == first.error["record"]
    assert bought(upstreams) == 1


# --- clients that count their attempts ------------------------------------------------------------


def test_a_client_that_says_it_repeats_itself_is_answered_once_more(
    served: Any, upstreams: Any
) -> None:
    first, again = (
        served.generate(headers={"X-Stainless-Retry-Count": count}, **SMALL) for count in "01"
    )
    assert id_of(again) == id_of(first)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert bought(upstreams) == 1


@pytest.mark.parametrize("count", ["0", "", "x", "-1", "\u0661".encode().decode("latin-1")])
def test_a_first_attempt_repeats_nothing(served: Any, upstreams: Any, count: str) -> None:
    headers = {"X-Stainless-Retry-Count": count}
    assert [served.generate(headers=headers, **SMALL).status for _ in range(2)] == [200, 200]
    assert bought(upstreams) == 2


def test_another_request_repeats_nothing_whatever_it_says(served: Any, upstreams: Any) -> None:
    served.generate(headers={"X-Stainless-Retry-Count": "0"}, **SMALL)
    headers = {"X-Stainless-Retry-Count": "1"}
    assert served.generate(headers=headers, prompt="a cat", **SMALL).status == 200
    assert bought(upstreams) == 2


# --- later ----------------------------------------------------------------------------------------


def test_a_request_that_is_only_written_down_is_the_same_as_well(
    served: Any, upstreams: Any
) -> None:
    headers = {**KEY, "Prefer": "respond-async"}
    first, again = (served.generate(headers=headers, **SMALL) for _ in range(2))
    id = first.json["id"]
    assert (first.status, first.headers["Location"]) == (202, f"/v1/images/{id}")
    assert again.status in (200, 202)  # and not after the end of it
    assert served.get(f"/v1/images/{id}?wait=30").json["status"] == "completed"
    assert again.json.get("id", again.json.get("metadata", {}).get("id")) == id
    assert bought(upstreams) == 1
