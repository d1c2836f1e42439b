"""What a client tries who means no good, and what a host does."""

from __future__ import annotations


import time
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest
from imagekit_sandbox.serving.faults.rules import Rule

from imagekit import Cost, Image, Usage
from imagekit_gateway.answers import made
from imagekit_gateway.answers import told
from imagekit_gateway.requests.strangers import is_link
from imagekit_store import Limits, StoreUnavailable


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254./latest/meta-data",
        "http://127.0.0.1\\@example.com/x.png",
        "http://metadata.google.internal\u3002/",
        "http://kubernetes.default.svc/",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "https://example.com/a\r\nSet-Cookie: a=b",
        "http://example.com:99999/",
    ],
)
def test_what_may_be_read_as_another_address_is_no_link(url: str) -> None:
    assert not is_link(url)
    passed_on = made.of_image(Image(0, url), kept=False)
    assert (passed_on.url, passed_on.error) == (None, made.UNSAFE)


def test_a_key_that_may_have_few_requests_holds_few_threads(served: Any) -> None:
    for _ in range(9):
        served.gateway.shares.take("few", 1)
    key = served.new_key("few", Limits(at_once=1))
    assert served.get("/v1/images", key=key).status == 429


@pytest.mark.parametrize("upstreams", [[Rule("delay:0.4")]], indirect=True)
def test_a_client_that_repeats_itself_while_it_waits_buys_once(served: Any, upstreams: Any) -> None:
    def ask(count: int) -> Any:
        time.sleep(count * 0.05)
        return served.generate(headers={"X-Stainless-Retry-Count": str(count)})

    with ThreadPoolExecutor(4) as pool:
        answers = [*pool.map(ask, range(4))]
    assert {answer.status for answer in answers} == {200}
    assert upstreams.ledger.document()["requests"] == 1


@pytest.mark.parametrize("upstreams", [[Rule("delay:0.3")]], indirect=True)
def test_streams_of_one_key_of_idempotency_join(served: Any, upstreams: Any) -> None:
    def ask(_: int) -> Any:
        return served.generate(stream=True, headers={"Idempotency-Key": "k"})

    with ThreadPoolExecutor(3) as pool:
        bodies = [answer.body.decode() for answer in pool.map(ask, range(3))]
    assert all("image_generation.completed" in body for body in bodies)
    assert upstreams.ledger.document()["requests"] == 1


def test_a_stream_that_is_refused_is_an_answer(served: Any) -> None:
    key = served.new_key("poor", Limits(rpm=1))
    assert served.generate(key=key, stream=True).headers["Content-Type"].startswith("text/event")
    refused = served.generate(key=key, stream=True)
    assert (refused.status, refused.error["code"]) == (429, "rate_limit_exceeded")


def test_records_of_models_that_no_plugin_names_are_read(served: Any) -> None:
    drawn = served.generate(model="openai:gpt-image-2", response_format="url", size="1024x1024")
    assert drawn.status == 200
    id = drawn.json["metadata"]["id"]
    assert served.get(drawn.json["data"][0]["url"]).status == 200
    assert served.get(f"/v1/images/{id}").json["status"] == "completed"
    assert [one["id"] for one in served.get("/v1/images").json["data"]] == [id]


def test_a_group_counts_all_of_its_pictures_against_a_budget(serving: Any) -> None:
    served = serving(unknown_price=Cost("0.05", "USD"))
    key = served.new_key("saver", Limits(budget=Decimal("0.2")))
    fields = {"sequential_image_generation": "auto", "model": "seedream-4.5"}
    refused = served.generate(key=key, size="2K", **fields)
    assert (refused.status, refused.error["code"]) == (402, "insufficient_quota")


def test_a_cost_that_is_absurd_is_not_written_out() -> None:
    for absurd in ("9e1000000", "1e-1000000"):
        assert made._believed(Cost(Decimal(absurd), "USD")).amount is None
    assert made._believed(Cost(Decimal("0.04"), "USD")).amount == Decimal("0.04")


def test_counts_that_no_client_can_read_are_not_known() -> None:
    counted = told.usage(Usage(output_tokens=-5, input_tokens=10**30), 1)
    assert (counted["output_tokens"], counted["input_tokens"]) == (0, 0)


@pytest.mark.parametrize("host", ["a b", "[", "evil.com:notaport"])
def test_an_odd_host_is_refused_before_anything_is_bought(
    served: Any, upstreams: Any, host: str
) -> None:
    refused = served.generate(headers={"Host": host})
    assert (refused.status, refused.error["code"]) == (400, "invalid_host")
    assert upstreams.ledger.document()["requests"] == 0


def test_what_was_deleted_is_not_answered_again(served: Any, upstreams: Any) -> None:
    headers = {"Idempotency-Key": "k"}
    id = served.generate(headers=headers).json["metadata"]["id"]
    served.ask("DELETE", f"/v1/images/{id}")
    refused = served.generate(headers=headers)
    assert (refused.status, refused.error["code"]) == (404, "deleted")
    assert upstreams.ledger.document()["requests"] == 1


def test_a_range_of_another_picture_is_not_given(served: Any) -> None:
    url = served.generate().json["data"][0]["url"]
    asked = {"Range": "bytes=0-9", "If-Range": '"other"'}
    assert served.get(url, headers=asked).status == 200
    assert served.get(url, headers={"Range": "bytes=0-9"}).status == 206


def test_nobody_learns_where_the_store_is(served: Any, monkeypatch: Any) -> None:
    def gone(**_: object) -> None:
        raise StoreUnavailable("the store sqlite:////srv/store.db can't be used")

    monkeypatch.setattr(served.store, "requests", gone)
    refused = served.get("/readyz")
    assert refused.status == 503
    assert "sqlite" not in refused.body.decode()
