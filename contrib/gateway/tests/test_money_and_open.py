"""What was spent, what is open or unknown, and what a person says of it."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
from imagekit_sandbox.serving import Rule
from sqlalchemy import update

from imagekit_store.schema.tables import ATTEMPTS

SMALL = {"size": "1K"}
PROMPT = "a corgi that nobody else is to know of"
#: Seedream 4.5 gives no answer, for which it is paid.
lost = pytest.mark.parametrize("upstreams", [[Rule("lost", model="seedream-4-5-*")]], indirect=True)


@pytest.fixture
def boss(served: Any) -> str:
    """An operator's key."""
    return str(served.new_key("boss", operator=True))


def lose(served: Any, **fields: Any) -> str:
    """Buy a picture whose answer is lost. Gives the id of its record."""
    refused = served.generate(prompt=PROMPT, model="seedream-4.5", **fields)
    assert refused.status == 424, refused.body
    return str(refused.error["record"])


# --- costs ---------------------------------------------------------------------------------------


@lost
def test_what_nobody_knows_is_counted_apart_and_is_never_0(served: Any) -> None:
    served.generate(model="seedream-5.0-lite")
    lose(served)
    told = served.get("/v1/costs?by=model").json
    by_model = {group["name"]: group for group in told["groups"]}
    assert (by_model["seedream-4.5"]["unknown"], by_model["seedream-4.5"]["amounts"]) == (1, [])
    (amount,) = by_model["seedream-5.0-lite"]["amounts"]
    assert float(amount["cost"]) > 0
    assert (told["by"], told["total"]["calls"], told["total"]["unknown"]) == ("model", 2, 1)
    assert told["total"]["amounts"] == [amount]


@pytest.mark.parametrize("by", ["day", "host", "model", "key"])
def test_a_key_sees_what_it_has_spent_itself(served: Any, by: str) -> None:
    served.generate(served.new_key("other"), **SMALL)
    served.generate(**SMALL)
    for query in (f"by={by}", f"by={by}&key=mary"):
        assert served.get(f"/v1/costs?{query}").json["total"]["calls"] == 1
    refused = served.get(f"/v1/costs?by={by}&key=other")
    assert (refused.status, refused.error["code"]) == (403, "not_allowed")


def test_an_operator_sees_all_or_one(served: Any, boss: str) -> None:
    served.generate(served.new_key("other"), **SMALL)
    served.generate(**SMALL)
    groups = served.get("/v1/costs?by=key", key=boss).json["groups"]
    assert [(one["name"], one["calls"]) for one in groups] == [("mary", 1), ("other", 1)]
    assert served.get("/v1/costs?key=other", key=boss).json["total"]["calls"] == 1


def test_a_span_of_time_is_looked_at(served: Any) -> None:
    served.generate(**SMALL)
    assert served.get("/v1/costs?since=2020-01-01").json["total"]["calls"] == 1
    assert served.get("/v1/costs?until=2020-01-01").json["groups"] == []
    for query in ("by=colour", "since=soon", "until=x"):
        refused = served.get(f"/v1/costs?{query}")
        assert (refused.status, refused.error["code"]) == (400, "invalid_value")


# --- what is open --------------------------------------------------------------------------------


@lost
def test_an_operator_sees_what_is_unknown_of_all_keys_without_a_prompt(
    served: Any, boss: str
) -> None:
    served.generate(**SMALL)
    first, second = lose(served), lose(served, n=2)
    told = served.get("/v1/open", key=boss)
    assert [one["id"] for one in told.json["data"]] == [second, first]
    of_first = told.json["data"][1]
    assert (of_first["key"], of_first["model"], of_first["host"]) == (
        "mary",
        "seedream-4.5",
        "powertokens",
    )
    assert (of_first["state"], of_first["charged"]) == ("unknown", "maybe")
    assert of_first["since"] == int(served.store.request(first).created.timestamp())
    assert of_first["why"]
    assert [call["id"] for call in told.json["data"][0]["calls"]] == [f"{second}-1", f"{second}-2"]
    assert float(of_first["calls"][0]["expected"]["amount"]) > 0
    assert PROMPT not in told.body.decode()


@lost
@pytest.mark.parametrize(
    ("kind", "status", "message", "why"),
    [
        ("OutcomeUnknown", None, f"it broke off at '{PROMPT}'", "it broke off at '...'"),
        (
            "HostUnavailable",
            502,
            f"could not draw: {PROMPT[:20]}",
            "powertokens answered that it went wrong (HostUnavailable, HTTP 502)",
        ),
    ],
)
def test_a_host_that_repeats_the_prompt_tells_the_operator_nothing_of_it(
    served: Any, boss: str, kind: str, status: int | None, message: str, why: str
) -> None:
    id = lose(served)
    error = {"type": kind, "message": message, "status": status}
    broken = update(ATTEMPTS).where(ATTEMPTS.c.request == id).values(error=error)
    served.store.write(lambda rows: rows.execute(broken))
    (told,) = served.get("/v1/open", key=boss).json["data"]
    assert told["why"] == why


def test_of_what_only_waits_nothing_is_said_to_have_gone_wrong(served: Any, boss: str) -> None:
    served.store.ask(PROMPT, model="powertokens:seedream-4.5")
    told = served.get("/v1/open", key=boss).json["data"]
    assert [one["why"] for one in told] in ([None], [])  # unless it has been made already


@lost
def test_it_comes_in_pages(served: Any, boss: str) -> None:
    ids = [lose(served) for _ in range(3)]
    page = served.get("/v1/open?limit=2", key=boss).json
    assert ([one["id"] for one in page["data"]], page["has_more"]) == (ids[:0:-1], True)
    rest = served.get(f"/v1/open?after={page['last_id']}", key=boss).json
    assert ([one["id"] for one in rest["data"]], rest["has_more"]) == (ids[:1], False)
    for query in ("limit=0", "after=img_none"):
        assert served.get(f"/v1/open?{query}", key=boss).status == 400


# --- what a person says --------------------------------------------------------------------------


@lost
@pytest.mark.parametrize("charged", ["yes", "no"])
def test_an_operator_settles_what_is_unknown(
    served: Any, boss: str, charged: str, caplog: Any
) -> None:
    caplog.set_level(logging.INFO, "imagekit.gateway.audit")
    id = lose(served)
    said = {"charged": charged, "reason": "invoice 17"}
    told = served.ask("POST", f"/v1/images/{id}/settle", said, boss)
    assert (told.status, told.json["settled"]) == (200, [id])
    assert (told.json["state"], told.json["charged"]) == ("failed", charged)
    (call,) = served.store.request(id).attempts
    assert (call.evidence["by"], call.evidence["note"]) == ("boss", "invoice 17")
    assert served.get("/v1/open", key=boss).json["data"] == []
    assert served.get(f"/v1/images/{id}").json["metadata"]["charged"] == charged
    again = served.ask("POST", f"/v1/images/{id}/settle", said, boss)
    assert (again.status, again.error["code"]) == (409, "not_unknown")
    served.settle()
    lines = [json.loads(one.message) for one in caplog.records if "audit" in one.name]
    (line,) = [one for one in lines if one.get("settled")]
    assert (line["key"], line["settled"], line["charged"]) == ("boss", id, charged)


@lost
def test_what_it_cost_is_said_of_one_call(served: Any, boss: str) -> None:
    id = lose(served, n=2)
    said = {"charged": "yes", "cost": {"amount": "0.05", "currency": "EUR"}}
    refused = served.ask("POST", f"/v1/images/{id}/settle", said, boss)
    assert refused.status == 400
    assert "it is that of one call" in refused.error["message"]
    told = served.ask("POST", f"/v1/images/{id}-2/settle", said, boss).json
    assert (told["id"], told["settled"], told["state"]) == (id, [f"{id}-2"], "unknown")
    total = served.get("/v1/costs").json["total"]
    assert [(one["currency"], one["by_person"]) for one in total["amounts"]] == [("EUR", "0.05")]
    served.ask("POST", f"/v1/images/{id}/settle", {"charged": "no"}, boss)
    assert served.get(f"/v1/images/{id}").json["metadata"]["cost"] == {
        "amount": "0.05",
        "currency": "EUR",
        "by": "person",
    }


@lost
@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ({}, ["charged"]),
        ({"charged": "maybe"}, ["charged"]),
        ({"charged": True, "reason": 7}, ["charged", "reason"]),
        ({"charged": "yes", "reason": "x" * 1001}, ["reason"]),
        ({"charged": "yes", "cost": "0.05 EUR"}, ["cost"]),
        ({"charged": "yes", "cost": {"amount": "0.05"}}, ["cost"]),
        ({"charged": "yes", "cost": {"amount": 0.05, "currency": "EUR"}}, ["cost"]),
        ({"charged": "yes", "cost": {"amount": "much", "currency": "EUR"}}, ["cost"]),
        ({"charged": "yes", "note": "x"}, ["note"]),
    ],
    ids=str,
)
def test_what_can_not_be_meant_settles_nothing(
    served: Any, boss: str, said: dict[str, Any], wrong: list[str]
) -> None:
    id = lose(served)
    refused = served.ask("POST", f"/v1/images/{id}/settle", said, boss)
    assert (refused.status, refused.error["code"]) == (400, "invalid_value")
    assert [one["param"] for one in refused.error["problems"]] == wrong
    assert served.store.request(id).state == "unknown"


@lost
@pytest.mark.parametrize(
    ("charged", "cost"),
    [
        ("no", {"amount": "1", "currency": "EUR"}),
        ("yes", {"amount": "1", "currency": "a b"}),
        ("yes", {"amount": "1", "currency": None}),
        ("yes", {"amount": "1e-40", "currency": "EUR"}),
    ],
)
def test_a_cost_that_can_not_be_settles_nothing(
    served: Any, boss: str, charged: str, cost: dict[str, str | None]
) -> None:
    id = lose(served)
    said = {"charged": charged, "cost": cost}
    assert served.ask("POST", f"/v1/images/{id}/settle", said, boss).status == 400
    assert served.store.request(id).state == "unknown"


def test_there_is_no_such_request_to_be_settled(served: Any, boss: str) -> None:
    refused = served.ask("POST", "/v1/images/img_none/settle", {"charged": "no"}, boss)
    assert (refused.status, refused.error["code"]) == (404, "not_found")
