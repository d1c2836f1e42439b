"""Keys: a secret that is said once, and what is known of whoever has it."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from imagekit import Cost, UsageError
from imagekit_store import Caller, KeyExists, Keys, Limits, NoSuchKey
from imagekit_store.schema.tables import KEYS

MODEL = "powertokens:seedream-4.5"
LIMITS = Limits(rpm=60, at_once=4, budget=Decimal("20"), currency="EUR", period="day")


@pytest.fixture
def keys(store):
    return Keys(store)


def test_a_key_is_found_by_its_secret(keys):
    secret = keys.add("ada", limits=LIMITS, settings={"models": ["seedream-*"]})
    key = keys.find(secret)
    assert (key.name, key.state, key.limits, key.spent) == ("ada", "active", LIMITS, 0)
    assert key.settings == {"models": ["seedream-*"]}
    assert secret.startswith("ik-")
    assert secret.endswith(key.hint)
    assert keys.find(secret + "x") is keys.find("\ud800") is None


def test_its_secret_is_nowhere(keys, store, caplog):
    with caplog.at_level(logging.DEBUG):
        secret = keys.add("ada")
        key = keys.find(secret)
    (row,) = store.read(lambda rows: rows.execute(KEYS.select()).all())
    everything = f"{row} {key} {keys.all()} {keys} {caplog.text}"
    assert secret not in everything
    assert secret[3:20] not in everything


def test_a_key_that_is_no_longer_to_be_taken_is_found_and_says_why(keys):
    past = datetime.now(UTC) - timedelta(days=1)
    old, gone = keys.add("old", expires=past), keys.add("gone")
    first = keys.revoke("gone")
    assert keys.find(old).state == "expired"
    assert keys.find(gone).state == "revoked"
    assert keys.revoke("gone") == first
    assert [key.name for key in keys.all()] == ["gone", "old"]


def test_a_name_is_given_once_for_what_was_asked_with_it_is_its_owner_s(keys):
    keys.add("ada")
    keys.revoke("ada")
    with pytest.raises(KeyExists, match="was a key of the name ada already"):
        keys.add("ada")


def test_it_is_known_when_each_has_last_asked(keys, store):
    for name in ("ada", "bob"):
        keys.add(name)
    for id in ("first", "second"):
        store.ask("a heron", model=MODEL, id=id, caller=Caller("ada"))
    store.ask("a heron", model=MODEL)  # nobody's
    assert keys.last_asked() == {"ada": store.request("second").created}


def test_of_two_who_add_a_key_at_the_same_moment_one_has_it(keys, opened):
    others = [Keys(opened()) for _ in range(3)]

    def add(keys) -> str:
        try:
            return keys.add("ada")
        except UsageError as error:
            return str(error)

    with ThreadPoolExecutor(4) as threads:
        told = [*threads.map(add, [keys, *others])]
    (secret,) = (one for one in told if one.startswith("ik-"))
    assert keys.find(secret).name == "ada"


@pytest.mark.parametrize("name", ["", "a b", "ä", "x" * 65, None, "a/b"])
def test_what_is_no_name_is_refused(keys, name):
    with pytest.raises(UsageError, match="1 to 64 letters, digits"):
        keys.add(name)


def test_what_is_changed_of_a_key_leaves_the_rest(keys):
    secret = keys.add("ada", limits=LIMITS, settings={"a": 1})
    soon = datetime.now(UTC) + timedelta(hours=1)
    assert keys.change("ada", expires=soon).expires == soon
    assert keys.change("ada", settings={}).settings == {}
    changed = keys.change("ada", limits=Limits(rpm=5))
    assert (changed.limits, changed.expires) == (Limits(rpm=5), soon)
    assert keys.change("ada", expires=None).expires is None
    assert keys.change("ada") == keys.named("ada") == keys.find(secret)


def test_money_of_another_currency_is_not_what_was_spent(keys, store):
    keys.add("ada", limits=LIMITS)
    caller = Caller("ada", limits=LIMITS, estimate=Cost("2", "EUR"))
    store.ask("a corgi", model=MODEL, caller=caller, id="before")
    more = Limits(budget=30, currency="EUR", period="month")
    assert keys.change("ada", limits=more).spent == 2
    assert keys.change("ada", limits=Limits(budget=30)).spent == 0
    store.forget("before")  # which was never sent, so it counts nothing: that is no credit
    assert keys.named("ada").spent == 0


def test_there_is_no_such_key(keys):
    for ask in (keys.named, keys.revoke, lambda name: keys.change(name, settings={})):
        with pytest.raises(NoSuchKey, match="no key of the name 'nobody'"):
            ask("nobody")


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"rpm": 0}, "rpm: 0 is no whole number from 1"),
        ({"at_once": 1.5}, "at_once: 1.5 is no whole number"),
        ({"rpm": True}, "rpm: True"),
        ({"budget": 0.1}, "budget: an amount of money is exact"),
        ({"budget": "-1"}, "budget: an amount of money is 0 or more"),
        ({"budget": "1e10"}, "budget: no more than 1,000,000,000 is counted"),
        ({"currency": ""}, "currency: '' is none; one is USD"),
        ({"period": "week"}, "period: 'week' is none of day, month, total"),
    ],
)
def test_what_are_no_limits_is_told(given, why):
    with pytest.raises(UsageError, match=why):
        Limits(**given)


def test_settings_that_can_not_be_written_down_are_refused(keys):
    for settings in ({"a": {1}}, {"a": float("nan")}):
        with pytest.raises(UsageError, match="as JSON has them"):
            keys.add("ada", settings=settings)
