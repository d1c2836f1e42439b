"""`imagekit doctor` looks at the store as it is, and says what it contradicts."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text, update

from imagekit import Budget, Check, Claim, Client, Config, SecretReference, Spending
from imagekit.cli.app import run
from imagekit_store import Store, imagekit_checks
from imagekit_store.opening import configured
from imagekit_store.looking import checks as looking, recorded
from imagekit_store.schema.tables import ATTEMPTS, PICTURES

MODEL = "powertokens:seedream-4.5"


@pytest.fixture
def look(
    url: str, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., dict[tuple[str, str], Check]]:
    """What is found in a store of either database, by what it is and of what."""
    monkeypatch.setenv("STORE_URL", url)

    def checks(**more: Any) -> dict[tuple[str, str], Check]:
        table = {"url": SecretReference(env="STORE_URL"), "pictures": str(tmp_path / "pictures")}
        return {(one.what, one.of): one for one in imagekit_checks(Config(store=table, **more))}

    return checks


def change(store: Store, table: Any = ATTEMPTS, **values: object) -> None:
    store.write(lambda rows: rows.execute(update(table).values(**values)))


def test_a_store_that_is_well(look, store, clients):
    clients(store).generate("a corgi", model=MODEL, id="pond")
    found = look()
    assert {one.state for one in found.values()} == {"ok"}
    assert found["store", store.ledger.database.name].found.endswith("of version 0001")
    assert "GB free" in found["pictures", store.keeping.place.url].found
    assert found["calls", ""].found == "under way: none"
    assert "last 1 stored calls contradict nothing" in found["facts", "store"].found


def test_nothing_is_said_without_a_store():
    assert imagekit_checks(Config()) is None


def test_calls_that_are_open_come_with_the_command_that_settles_them(look, store, clients):
    store.ask("a heron", model=MODEL)
    store.ask("a corgi", model=MODEL)
    assert look()["calls", ""].found == "under way: 2 queued"
    change(store, state="unknown", due=None)
    unknown = look()["calls", "unknown"]
    assert (unknown.state, "history settle ID" in unknown.mend) == ("warning", True)
    assert unknown.found.startswith("what came of 2 is unknown")
    change(store, state="accepted", holder="gone", due=1.0)
    assert look()["calls", "left"].mend == "imagekit resume, or imagekit work"


def test_it_is_told_what_is_spent_of_each_budget_now(look, store):
    budget, daily = Budget.parse("20 USD/month"), Budget.parse("1 EUR/day")
    spending = (Spending("budget", budget, Decimal("0.5")), Spending("x", daily, Decimal("0.25")))
    store.claim(Claim("a", "ark", spending=spending))
    found = look(budget=budget)
    assert (
        found["budgets", "budget"].found == "spent or promised: 0.5 USD this month of 20 USD/month"
    )
    assert found["budgets", "x"].found == "spent or promised: 0.25 EUR today"


# --- recorded against declared -------------------------------------------------------------------


@pytest.fixture
def two(store: Store, clients: Callable[..., Client]) -> Store:
    """A store with two calls of one size that were made as they were asked for."""
    client = clients(store)
    for id in ("one", "two"):
        client.generate("a corgi", model=MODEL, size="2048x2048", id=id)
    change(store, priced="host", cost=Decimal("0.04"), expected=Decimal("0.04"), currency="USD")
    change(store, expected_currency="USD")
    change(store, PICTURES, width=2048, height=2048)
    return store


def test_costs_that_the_host_named_are_compared_with_the_price_list(look, two):
    assert look()["facts", "store"].state == "ok"
    change(two, cost=Decimal("0.041"))  # so little is how tokens were reckoned
    assert ("facts", MODEL) not in look()
    change(two, cost=Decimal("0.06"))
    told = look()["facts", MODEL]
    assert told.state == "warning"
    assert told.found == (
        "2 of 2 calls cost 0.12 USD in all by the host's own word, and 0.08 USD by the price list"
    )
    for more in ({"priced": "list"}, {"priced": "host", "expected_currency": "CNY"}):
        change(two, **more)
        assert ("facts", MODEL) not in look()


def test_a_call_that_made_fewer_pictures_may_cost_less(look, two):
    change(two, cost=Decimal("0.02"), places=[0, 1])
    assert ("facts", MODEL) not in look()


def test_sizes_that_came_otherwise_than_asked_are_told(look, two):
    change(two, PICTURES, width=1024)
    told = look()["facts", MODEL].found
    assert told == (
        "2 of 2 calls made other sizes than they were asked for, the last 1024x2048 for 2048x2048"
    )
    change(two, notes=["picture 1: asked for 4K, got 640x480"])
    assert look()["facts", MODEL].found.endswith("the last 640x480 for 4K")


def test_only_the_last_calls_are_looked_at(look, two, monkeypatch):
    monkeypatch.setattr(recorded, "LAST", 1)
    assert "last 1 stored" in look()["facts", "store"].found


# --- what is only looked at ----------------------------------------------------------------------


def test_a_store_that_is_not_there_is_not_made(here, tmp_path):
    path = tmp_path / "store.db"
    (found,) = imagekit_checks(Config(store={"url": f"sqlite:///{path}"}))
    assert (found.state, "not there yet" in found.found) == ("ok", True)
    assert not path.exists()


def test_an_empty_database_and_a_missing_folder_stay_so(here, tmp_path):
    path = tmp_path / "store.db"
    path.touch()
    store, pictures = imagekit_checks(Config(store={"url": f"sqlite:///{path}"}))
    assert (store.state, "it is empty" in store.found, pictures.state) == ("ok", True, "ok")
    assert path.read_bytes() == b""
    assert [*tmp_path.glob("store*")] == [path]


@pytest.mark.parametrize(
    ("version", "mend"),
    [("0000", "imagekit store upgrade"), ("9999", "pip install -U imagekit-store")],
)
def test_another_version_is_a_failure_and_is_left_alone(look, store, version, mend):
    set_ = text("update alembic_version set version_num = :version")
    store.write(lambda rows: rows.execute(set_, {"version": version}))
    found = look()
    told = found["store", store.ledger.database.name]
    assert (told.state, told.mend) == ("failed", mend)
    assert ("calls", "") not in found
    assert store.ledger.database.version() == version


@pytest.mark.parametrize(
    ("content", "why"), [(b"x" * 5000, "not a database"), (None, "not of this store")]
)
def test_what_is_no_store_is_a_failure(here, tmp_path, content, why):
    path = tmp_path / "store.db"
    if content is None:
        with sqlite3.connect(path) as other:
            other.execute("create table ducks (name text)")
        other.close()
        content = path.read_bytes()
    path.write_bytes(content)
    (found,) = imagekit_checks(Config(store={"url": f"sqlite:///{path}"}))
    assert (found.state, why in found.found) == ("failed", True)
    assert path.read_bytes() == content


def test_a_secret_that_is_missing_and_a_place_that_says_no_are_failures(look, store, tmp_path):
    (found,) = imagekit_checks(Config(store={"url": "sqlite:////no/such/place/store.db"}))
    assert (found.state, found.mend) == ("failed", "correct [store] in the configuration")
    (tmp_path / "pictures").write_text("a file")
    told = look()["pictures", str(tmp_path / "pictures")]
    assert (told.state, "no picture can be kept" in told.found) == ("failed", True)


@pytest.mark.parametrize(("free", "state"), [(10, "warning"), (None, "ok")])
def test_little_room_is_a_warning_and_a_bucket_has_no_end(look, store, monkeypatch, free, state):
    folder = store.keeping.place.path
    folder.mkdir(exist_ok=True)
    monkeypatch.setattr(looking.Folder, "free", lambda _: free)
    assert look()["pictures", str(folder)].state == state


def test_doctor_has_it_and_opens_nothing_of_a_configuration_that_was_only_found(
    kept, told, own, here, tmp_path, monkeypatch
):
    checks = told("doctor", "--offline", "--json")["checks"]
    assert {"store", "pictures", "calls"} <= {one["what"] for one in checks}
    monkeypatch.delenv("IMAGEKIT_CONFIG")
    stranger = tmp_path / "stranger.db"
    (here / "imagekit.toml").write_text(f'[store]\nurl = "sqlite:///{stranger}"\n')
    (store,) = (
        one for one in told("doctor", "--offline", "--json")["checks"] if one["what"] == "store"
    )
    assert (store["state"], "not trusted" in store["found"]) == ("warning", True)
    assert not stranger.exists()
    assert run(["doctor", "--offline"]) == 0


def test_what_calls_share_is_read_of_a_store_as_by_whoever_has_opened_it(
    url, store, tmp_path, monkeypatch
):
    monkeypatch.setenv("STORE_URL", url)
    table = {"url": SecretReference(env="STORE_URL"), "pictures": str(tmp_path / "pictures")}
    shared = configured.Configured(Config(store=table))
    budgets = {"budget": Budget.parse("20 USD/month"), "x": Budget.parse("1 EUR")}
    store.claim(Claim("a", "ark", spending=(Spending("budget", budgets["budget"], Decimal("2")),)))
    store.rest("pond", 0)
    assert shared.standing(["ark", "pond"]) == store.standing(["ark", "pond"])
    assert shared.spent(budgets) == store.spent(budgets) == {"budget": 2, "x": 0}
    assert not configured._open


def test_who_only_plans_changes_nothing_of_a_store(kept, told, own, clients, monkeypatch):
    """Whoever opens one to use it gives up what processes that are gone have left."""
    clients(kept).generate("a corgi", model=MODEL)
    change(kept, state="sending", holder="gone", due=1.0)
    own.write_text(own.read_text() + f'[models.poster]\nmodel = "{MODEL}"\nbudget = "1 USD"\n')
    monkeypatch.setattr(configured, "_open", {})  # as in a process of its own
    people = told("config", "explain", "poster")
    assert "models.poster.budget: 0 of 1 USD in all is spent" in people
    told("plan", "a corgi", "-m", "poster", "--why")
    assert kept.read(lambda rows: rows.scalar(select(ATTEMPTS.c.state))) == "sending"


def test_config_explain_says_who_rests_and_what_is_spent_and_makes_no_store_for_it(
    kept, told, own, tmp_path, monkeypatch
):
    text = own.read_text() + f'[models.poster]\nmodel = "{MODEL}"\nfailover = true\n'
    text += 'budget = "20 USD/month"\n'
    spending = Spending("models.poster", Budget.parse("20 USD/month"), Decimal("19.98"))
    kept.claim(Claim("a", "", spending=(spending,)))
    own.write_text(text)
    kept.rest("powertokens", 600)
    (asked,) = told("config", "explain", "poster", "--json")["candidates"]
    assert 0 < asked["rests"] <= 600
    assert asked["answer"] == "no"
    people = told("config", "explain", "poster")
    assert 'models.poster.budget = "20 USD/month" has no room: 19.98 USD' in people
    assert "; rests until " in people
    assert "models.poster.budget: 19.98 of 20 USD this month is spent or promised" in people
    own.write_text(text.replace("store.db", "other.db"))
    (asked,) = told("config", "explain", "poster", "--json")["candidates"]
    assert asked["rests"] == 0
    assert not (tmp_path / "other.db").exists()
    (tmp_path / "other.db").write_bytes(b"x" * 5000)
    assert "what is spent of budgets is not known" in told("config", "explain", "poster")
    (tmp_path / "other.db").unlink()
    (tmp_path / "other.db").touch()
    people = told("config", "explain", "poster")
    assert "rests until " not in people
    assert "models.poster.budget: 0 of 20 USD" in people
