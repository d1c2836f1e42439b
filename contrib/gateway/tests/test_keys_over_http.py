"""Keys over HTTP: what a key is told of itself, and what operators do with all of them."""

from __future__ import annotations

import json
import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from imagekit_gateway.gateway import callers
from imagekit_store import Keys, Limits

SMALL = {"size": "1K"}


@pytest.fixture
def boss(served: Any) -> str:
    """An operator's key."""
    return str(served.new_key("boss", operator=True))


# --- one's own -----------------------------------------------------------------------------------


def test_a_key_is_told_what_it_may_and_what_it_has_spent(served: Any) -> None:
    limits = Limits(rpm=60, at_once=4, budget="10", currency="USD", period="day")
    key = served.new_key("studio", limits, models=["seedream-*"], dialect="token360")
    served.generate(key, model="seedream-4.5")
    told = served.get("/v1/key", key=key).json
    assert (told["name"], told["state"], told["operator"]) == ("studio", "active", False)
    assert (told["models"], told["dialect"], told["keep"]) == (["seedream-*"], "token360", True)
    assert (told["rpm"], told["at_once"]) == (60, 4)
    assert (told["budget"], told["currency"], told["period"]) == ("10", "USD", "day")
    assert 0 < float(told["spent"]) < 1
    assert key not in json.dumps(told)


def test_a_key_is_told_of_no_other(served: Any) -> None:
    served.new_key("studio")
    assert served.get("/v1/key").json["name"] == "mary"
    assert served.get("/v1/keys").status == 403
    assert "studio" not in served.get("/v1/keys").body.decode()


# --- all of them ---------------------------------------------------------------------------------


def test_an_operator_sees_every_key_and_no_secret(served: Any, boss: str) -> None:
    made = served.generate(**SMALL)
    Keys(served.store).revoke(Keys(served.store).named("mary").name)
    every = served.get("/v1/keys", key=boss)
    assert [(one["name"], one["state"]) for one in every.json["data"]] == [
        ("boss", "active"),
        ("mary", "revoked"),
    ]
    boss_s, mary_s = every.json["data"]
    created = served.store.request(made.json["metadata"]["id"]).created
    assert (boss_s["last_asked"], mary_s["last_asked"]) == (None, created.isoformat())
    assert datetime.fromisoformat(mary_s["revoked"]) > created
    assert [one for one in (boss, served.key) if one in every.body.decode()] == []
    assert "hash" not in every.body.decode()


def test_a_key_is_made_and_its_secret_said_once(served: Any, boss: str, caplog: Any) -> None:
    caplog.set_level(logging.DEBUG)
    given = {
        "name": "studio",
        "models": ["seedream-*"],
        "rpm": 60,
        "at_once": 4,
        "budget": "20",
        "currency": "EUR",
        "period": "day",
        "expires": "90d",
        "keep": False,
        "native": True,
        "dialect": "powertokens",
        "response_format": "url",
    }
    made = served.ask("POST", "/v1/keys", given, boss)
    assert (made.status, made.headers["Cache-Control"]) == (201, "no-store")
    secret = made.json["key"]
    until = datetime.fromisoformat(made.json["expires"]) - datetime.now(UTC)
    assert timedelta(days=89) < until < timedelta(days=90)
    assert {**made.json, **given, "expires": made.json["expires"]} == made.json
    assert served.get("/v1/key", key=secret).json["name"] == "studio"
    served.settle()
    everything = caplog.text + served.get("/v1/keys", key=boss).body.decode()
    assert secret not in everything
    key = Keys(served.store).named("studio")
    assert key.settings.keys() == {"models", "keep", "native", "dialect", "response_format"}


def test_what_is_told_of_a_key_may_be_said_again(served: Any, boss: str) -> None:
    """A page shows what there is, lets it be changed, and sends all of it back."""
    served.ask("POST", "/v1/keys", {"name": "studio", "budget": 5, "rpm": 3}, boss)
    told = served.get("/v1/keys", key=boss).json["data"][-1]
    mine = {name: told[name] for name in ("models", "keep", "rpm", "budget", "currency", "period")}
    changed = served.ask("POST", "/v1/keys/studio", {**mine, "expires": None}, boss)
    assert {**changed.json, "last_asked": None} == told


def test_a_name_is_used_once(served: Any, boss: str) -> None:
    for name in ("mary", "boss"):
        refused = served.ask("POST", "/v1/keys", {"name": name}, boss)
        assert (refused.status, refused.error["code"]) == (409, "key_exists")
        assert refused.headers["x-should-retry"] == "false"


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({}, "name"),
        ({"name": "a b"}, "name"),
        ({"name": ["studio"]}, "name"),
        ({"name": "studio", "budget": "lots"}, "budget"),
        ({"name": "studio", "budget": 0.1}, "budget"),
        ({"name": "studio", "budget": "-1"}, "budget"),
        ({"name": "studio", "currency": "a dollar"}, "currency"),
        ({"name": "studio", "period": "week"}, "period"),
        ({"name": "studio", "rpm": 0}, "rpm"),
        ({"name": "studio", "rpm": True}, "rpm"),
        ({"name": "studio", "at_once": "4"}, "at_once"),
        ({"name": "studio", "expires": "soon"}, "expires"),
        ({"name": "studio", "expires": "2020-01-01"}, "expires"),
        ({"name": "studio", "expires": "9" * 30 + "d"}, "expires"),
        ({"name": "studio", "operator": "yes"}, "operator"),
        ({"name": "studio", "models": "seedream-*"}, "models"),
        ({"name": "studio", "models": [""]}, "models"),
        ({"name": "studio", "dialect": "gemini"}, "dialect"),
        ({"name": "studio", "response_format": "gif"}, "response_format"),
        ({"name": "studio", "modles": []}, "modles"),
    ],
    ids=str,
)
def test_a_key_that_can_not_be_is_not_made(
    served: Any, boss: str, given: dict[str, Any], wrong: str
) -> None:
    refused = served.ask("POST", "/v1/keys", given, boss)
    assert (refused.status, refused.error["code"]) == (400, "invalid_value")
    assert [one["param"] for one in refused.error["problems"]] == [wrong]
    assert [key.name for key in Keys(served.store).all()] == ["boss", "mary"]


def test_all_that_is_wrong_is_said_at_once(served: Any, boss: str) -> None:
    given = {"name": "studio", "rpm": 0, "budget": "lots", "modles": []}
    refused = served.ask("POST", "/v1/keys", given, boss)
    told = {one["param"]: one["message"] for one in refused.error["problems"]}
    assert told.keys() == {"rpm", "budget", "modles"}
    assert told["rpm"] == "0 is no whole number from 1 to 1,000,000"
    assert told["modles"] == "a key has no such setting; did you mean models?"


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({"Content-Type": "text/plain"}, b'{"name": "studio"}', 415),
        ({"Content-Type": "application/x-www-form-urlencoded"}, b"name=studio", 415),
        ({"Content-Encoding": "gzip", "Content-Type": "application/json"}, b"{}", 415),
        ({"Content-Type": "application/json"}, b"[]", 400),
        ({"Content-Type": "application/json"}, b'{"name": ', 400),
        ({"Content-Type": "application/json"}, b'{"name": "' + b"x" * 70_000 + b'"}', 413),
    ],
)
def test_what_can_not_be_read_makes_no_key(
    served: Any, boss: str, headers: dict[str, str], body: bytes, status: int
) -> None:
    """A form of another page, which a browser sends without asking first, is not read."""
    assert served.ask("POST", "/v1/keys", body, boss, headers).status == status
    assert [key.name for key in Keys(served.store).all()] == ["boss", "mary"]


# --- changed, and ended --------------------------------------------------------------------------


def test_what_a_key_may_is_changed_and_the_rest_stays(
    served: Any, boss: str, monkeypatch: Any
) -> None:
    monkeypatch.setattr(callers, "FRESH", 0.0)
    key = served.new_key("studio", Limits(rpm=60, budget="5"), models=["seedream-*"])
    changed = served.ask("POST", "/v1/keys/studio", {"models": [], "budget": None}, boss).json
    assert (changed["rpm"], changed["budget"], changed["models"]) == (60, None, [])
    assert served.get("/v1/key", key=key).json["budget"] is None
    assert Keys(served.store).named("studio").settings == {}


def test_a_key_that_was_revoked_over_http_is_none(served: Any, boss: str, monkeypatch: Any) -> None:
    monkeypatch.setattr(callers, "FRESH", 0.0)
    key = served.new_key("leaver")
    assert served.ask("DELETE", "/v1/keys/leaver", key=boss).json["state"] == "revoked"
    assert served.get("/v1/key", key=key).status == 401
    again = served.ask("DELETE", "/v1/keys/leaver", key=boss)  # its answer may have been lost
    assert (again.status, again.json["state"]) == (200, "revoked")


def test_a_key_may_be_called_as_an_address_is(served: Any, boss: str) -> None:
    served.new_key("edits")
    assert served.ask("DELETE", "/v1/keys/edits", key=boss).json["state"] == "revoked"


def test_nobody_locks_themselves_out(served: Any, boss: str) -> None:
    ways = [
        served.ask("DELETE", "/v1/keys/boss", key=boss),
        served.ask("POST", "/v1/keys/boss", {"operator": False}, boss),
    ]
    for refused in ways:
        assert (refused.status, refused.error["code"]) == (403, "not_allowed")
        assert "ask with that of another operator" in refused.error["message"]
    assert served.ask("POST", "/v1/keys/boss", {"rpm": 60}, boss).json["rpm"] == 60


@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_there_is_no_such_key(served: Any, boss: str, method: str) -> None:
    refused = served.ask(method, "/v1/keys/nobody", {}, boss)
    assert (refused.status, refused.error["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/keys"),
        ("POST", "/v1/keys"),
        ("POST", "/v1/keys/mary"),
        ("DELETE", "/v1/keys/boss"),
        ("GET", "/v1/open"),
        ("POST", "/v1/images/img_1/settle"),
    ],
)
def test_what_operators_do_nobody_else_does(served: Any, boss: str, method: str, path: str) -> None:
    given = {"name": "mine", "operator": True}
    refused = served.ask(method, path, given)
    assert (refused.status, refused.error["code"]) == (403, "not_allowed")
    assert [(key.name, key.state) for key in Keys(served.store).all()] == [
        ("boss", "active"),
        ("mary", "active"),
    ]
    assert not Keys(served.store).named("mary").settings


def test_a_key_of_a_newer_gateway_is_told_to_be_one(served: Any, boss: str) -> None:
    served.new_key("newer", may_fly=True)
    for method, path in (("GET", "/v1/keys"), ("POST", "/v1/keys/newer")):
        refused = served.ask(method, path, {} if method == "POST" else None, boss)
        assert (refused.status, refused.error["code"]) == (503, "outdated")


# --- what is written down of it ------------------------------------------------------------------


def test_the_audit_log_has_who_did_what_to_which_key(served: Any, boss: str, caplog: Any) -> None:
    caplog.set_level(logging.INFO, "imagekit.gateway.audit")
    served.ask("POST", "/v1/keys", {"name": "studio"}, boss)
    served.ask("POST", "/v1/keys/studio", {"rpm": 1, "operator": True}, boss)
    served.ask("DELETE", "/v1/keys/studio", key=boss)
    served.ask("POST", "/v1/keys", {"name": "studio"}, boss)
    served.settle()
    lines = [json.loads(one.message) for one in caplog.records if "audit" in one.name]
    assert [(one["key"], one["method"], one["path"], one["status"]) for one in lines] == [
        ("boss", "POST", "/v1/keys", 201),
        ("boss", "POST", "/v1/keys/studio", 200),
        ("boss", "DELETE", "/v1/keys/studio", 200),
        ("boss", "POST", "/v1/keys", 409),
    ]
    assert (lines[0]["of_key"], lines[1]["changed"], lines[3]["of_key"]) == (
        "studio",
        '{"rpm": 1, "operator": true}',
        "studio",
    )


# --- several operators at once -------------------------------------------------------------------


def test_changes_that_are_made_at_once_are_all_made(served: Any, boss: str) -> None:
    served.new_key("studio", operator=True)
    changes = [{"operator": False, "budget": "1"}, *({"rpm": 50 + one} for one in range(8))]
    with ThreadPoolExecutor(len(changes)) as pool:
        answers = [*pool.map(lambda one: served.ask("POST", "/v1/keys/studio", one, boss), changes)]
    again = [answer for answer in answers if answer.status != 200]
    assert {answer.error["code"] for answer in again} <= {"key_changed"}
    told = served.get("/v1/keys", key=boss).json["data"][-1]
    assert (answers[0].status, told["operator"], told["budget"]) in (
        (200, False, "1"),
        (409, True, None),
    )


def test_an_operator_sets_no_end_to_their_own_key(served: Any, boss: str) -> None:
    refused = served.ask("POST", "/v1/keys/boss", {"expires": "1d"}, boss)
    assert (refused.status, refused.error["code"]) == (403, "not_allowed")


def test_an_operator_that_was_revoked_does_nothing_more_at_once(served: Any, boss: str) -> None:
    other = served.new_key("other", operator=True)
    assert served.get("/v1/keys", key=other).status == 200
    served.ask("DELETE", "/v1/keys/other", key=boss)
    refused = served.ask("POST", "/v1/keys", {"name": "mine", "operator": True}, other)
    assert (refused.status, refused.error["message"]) == (401, "this API key is revoked")


@pytest.mark.parametrize("name", [".", ".."])
def test_a_name_that_no_address_can_have_is_none(served: Any, boss: str, name: str) -> None:
    refused = served.ask("POST", "/v1/keys", {"name": name}, boss)
    assert (refused.status, refused.error["param"]) == (400, "name")
