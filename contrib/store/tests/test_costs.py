"""What was spent: exact sums, by currency; what nobody knows is counted, and never taken for 0."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from sqlalchemy import delete, insert

from imagekit import Charged, Retry, UsageError
from imagekit.cli import exits
from imagekit_sandbox.serving import Rule
from imagekit_store import Amount, State, Worker
from imagekit_store.schema.tables import ATTEMPTS, PICTURES, REQUESTS

NUMBERS = itertools.count(1)
NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)


def microseconds(at: datetime) -> int:
    return int(at.timestamp()) * 1_000_000


def bought(store, *, key="", pictures=1, at=NOON, **call) -> None:
    """A request of one call, with so many pictures that are kept."""
    id, began = f"r{next(NUMBERS)}", microseconds(at)
    named = {"host": call.pop("host", "ark"), "model": call.pop("model", "seedream-4.5")}
    request = {
        "id": id,
        "key": key,
        "state": "done",
        "operation": "generate",
        "keep": True,
        **named,
    }
    attempt = {"id": id, "request": id, "number": 1, "body": "", "tries": 0, **named}
    told = {"state": "stored", "charged": "yes", "began": began, "priced": "list", **call}
    rows = [{"request": id, "place": n, "attempt": id, "sha256": "ab"} for n in range(pictures)]

    def write(connection) -> None:
        asked = {"prompt": "a corgi", "folded": "a corgi", "created": began}
        connection.execute(insert(REQUESTS), {**request, **asked})
        connection.execute(insert(ATTEMPTS), {**attempt, **told})
        if rows:
            connection.execute(insert(PICTURES), rows)

    store.write(write)


def usd(amount: str, **more: object) -> dict[str, object]:
    return {"cost": Decimal(amount), "currency": "USD", **more}


def expecting(amount: str, currency: str = "USD") -> dict[str, object]:
    return {"expected": Decimal(amount), "expected_currency": currency}


# --- sums ----------------------------------------------------------------------------------------


def test_a_thousand_small_sums_are_exact(store):
    for _ in range(10):
        bought(store, **usd("0.000000001"))
        bought(store, **usd("0.1"))
    (amount,) = store.costs().total.amounts
    assert amount.cost == Decimal("1.00000001")


@pytest.mark.parametrize(
    ("by", "names"),
    [
        ("day", ["2026-11-28", "2026-11-29"]),
        ("host", ["ark", "klingai"]),
        ("model", ["kling-v3", "seedream-4.5"]),
        ("key", ["", "hers"]),
    ],
)
def test_sums_are_made_for_days_hosts_models_and_keys(by, names, store):
    before = datetime(2026, 11, 28, 23, 59, 59, tzinfo=UTC)
    bought(store, host="klingai", model="kling-v3", at=before, pictures=2, **usd("1"))
    bought(store, key="hers", **usd("2"))
    costs = store.costs(by=by)
    assert (costs.by, [group.name for group in costs.groups]) == (by, names)
    by_name = {group.name: group for group in costs.groups}
    first = by_name[{"host": "klingai", "model": "kling-v3"}.get(by, names[0])]
    assert (first.calls, first.pictures, first.amounts[0].cost) == (1, 2, 1)
    assert (costs.total.calls, costs.total.pictures, costs.total.amounts[0].cost) == (2, 3, 3)


def test_currencies_are_never_added_to_each_other(store):
    bought(store, **usd("0.25"))
    bought(store, cost=Decimal(3), currency="CNY")
    bought(store, cost=Decimal(7), currency=None)
    (group,) = store.costs(by="host").groups
    assert {one.currency: one.cost for one in group.amounts} == {
        "USD": Decimal("0.25"),
        "CNY": 3,
        None: 7,
    }
    assert group.calls == 3


def test_what_nobody_knows_is_counted_and_what_was_free_costs_nothing(store):
    bought(store, **usd("0.25"))
    bought(store, charged="maybe", state="unknown", pictures=0)
    bought(store, charged="yes", currency="USD")
    bought(store, charged="no", state="failed", pictures=0, **usd("9"))
    (day,) = store.costs().groups
    assert (day.calls, day.unknown, day.free) == (4, 2, 1)
    assert [(one.currency, one.cost) for one in day.amounts] == [("USD", Decimal("0.25"))]


def test_it_is_told_whose_word_a_cost_is_and_what_was_expected(store):
    bought(store, **usd("1.00", priced="host", **expecting("0.90")))
    bought(store, **usd("0.50", **expecting("0.50")))
    bought(store, **usd("0.25", **expecting("3", "CNY")))  # which can't be compared
    bought(store, charged="maybe", **expecting("4"))  # nor this, for nobody knows what it cost
    bought(store, **usd("0.10", priced="person"))
    (amount,) = store.costs().total.amounts
    assert amount == Amount(
        "USD",
        Decimal("1.85"),
        Decimal(1),
        Decimal("0.1"),
        expected=Decimal("1.4"),
        compared=Decimal("1.5"),
    )
    assert amount.by_list == Decimal("0.75")


def test_what_has_not_been_sent_is_no_cost(store):
    store.ask("a corgi", model="powertokens:seedream-4.5")
    bought(store, state="queued", charged="no", pictures=0)  # free, and to be sent again
    assert store.costs().groups == ()
    assert store.costs().total.calls == 0


def test_the_sums_may_be_of_some_calls_alone(store):
    bought(store, host="klingai", **usd("1"))
    bought(store, model="kling-v3", **usd("2"))
    bought(store, key="hers", **usd("4"))
    bought(store, at=datetime(2026, 11, 30, tzinfo=UTC), **usd("8"))
    found = {
        "host": store.costs(host="klingai"),
        "model": store.costs(model="kling-v3"),
        "key": store.costs(key="hers"),
        "since": store.costs(since="2026-11-30"),
        "until": store.costs(until=datetime(2026, 11, 30, tzinfo=UTC)),
    }
    assert {name: costs.total.amounts[0].cost for name, costs in found.items()} == {
        "host": 1,
        "model": 2,
        "key": 4,
        "since": 8,
        "until": 7,
    }


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"by": "week"}, "costs are by day, host, model, key, not by 'week'"),
        ({"since": "yesterday"}, "since is a time such as"),
    ],
)
def test_what_makes_no_sense_is_told(asked, why, store):
    with pytest.raises(UsageError, match=why):
        store.costs(**asked)


def test_what_real_calls_cost_is_their_host_s_word_or_by_its_list_or_unknown(store, clients):
    client = clients(store)
    for model in ("klingai:kling-v3", "powertokens:seedream-4.5", "token360:seedream-4.5"):
        client.generate("a corgi", model=model)
    kling, powertokens, token360 = store.costs(by="host").groups
    assert kling.amounts[0].by_host == kling.amounts[0].cost > 0
    assert powertokens.amounts[0].by_list == powertokens.amounts[0].expected > 0
    assert (token360.pictures, token360.unknown, token360.amounts) == (1, 1, ())


@pytest.mark.parametrize("upstreams", [[Rule("429", times=1)]], indirect=True)
def test_a_call_that_is_under_way_may_cost_and_one_that_is_to_be_sent_again_does_not(
    store, clients, upstreams
):
    seen = []
    telling = store.answered

    def answered(*told) -> None:
        seen.append(store.costs().total)
        telling(*told)

    store.answered = answered
    store.ask("a corgi", model="token360:seedream-4.5", id="one")
    worker = Worker(store, clients(store, retry=Retry(attempts=1)))
    worker.once()
    (call,) = store.request("one").attempts
    assert (call.state, call.charged, store.costs().groups) == (State.QUEUED, Charged.NO, ())
    worker.once(horizon=float("inf"))
    assert [(total.calls, total.free, total.unknown) for total in seen] == [(1, 0, 1)]


MONEY = st.none() | st.decimals(0, 10**6, places=9)
CALLS = st.fixed_dictionaries(
    {
        "host": st.sampled_from(["ark", "zai"]),
        "model": st.sampled_from(["seedream-4.5", "kling-v3"]),
        "key": st.sampled_from(["", "hers"]),
        "at": st.datetimes(datetime(2026, 11, 1), datetime(2026, 11, 4)),
        "charged": st.sampled_from(["no", "maybe", "yes"]),
        "cost": MONEY,
        "currency": st.sampled_from(["USD", "CNY"]),
        "priced": st.sampled_from(["host", "list"]),
        "pictures": st.integers(0, 2),
    }
)


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(calls=st.lists(CALLS, max_size=8))
def test_however_they_are_grouped_the_groups_are_the_whole(calls, store):
    store.write(lambda rows: [rows.execute(delete(t)) for t in (PICTURES, ATTEMPTS, REQUESTS)])
    for call in calls:
        bought(store, **call)
    paid = [call for call in calls if call["charged"] != "no"]
    for by in ("day", "host", "model", "key"):
        total = store.costs(by=by).total
        assert total.calls == len(calls)
        assert total.pictures == sum(call["pictures"] for call in calls)
        assert total.unknown == sum(call["cost"] is None for call in paid)
        for amount in total.amounts:
            known = [
                call
                for call in paid
                if call["currency"] == amount.currency and call["cost"] is not None
            ]
            assert amount.cost == sum(call["cost"] for call in known)
            assert amount.by_host == sum(call["cost"] for call in known if call["priced"] == "host")


# --- the command ---------------------------------------------------------------------------------


def test_the_command_prints_a_table_with_a_total(kept, told):
    bought(kept, **usd("1.00", priced="host", **expecting("0.90")))
    bought(kept, **usd("0.50", **expecting("0.50")))
    bought(kept, at=datetime(2026, 11, 30, tzinfo=UTC), charged="maybe", pictures=0)
    bought(kept, at=datetime(2026, 11, 30, tzinfo=UTC), charged="no", pictures=0)
    lines = told("history", "costs").splitlines()
    assert lines == [
        "DAY (UTC)\tCALLS\tPICTURES\tCOST\tSAID BY\tEXPECTED",
        "2026-11-29\t2\t2\t1.5 USD\t1 USD hosts, 0.5 USD price lists\t1.4 USD",
        "2026-11-30\t2, 1 free\t0\t1 call of unknown cost\t\t",
        "total\t4, 1 free\t2\t1.5 USD + 1 call of unknown cost"
        "\t1 USD hosts, 0.5 USD price lists\t1.4 USD",
    ]


def test_the_command_says_what_it_can_not_compare(kept, told):
    bought(kept, **usd("1", **expecting("1")))
    bought(kept, key="hers", **usd("0.5"))
    bought(kept, key="hers", charged="no", pictures=0)
    shown = told("history", "costs", "--by", "key").splitlines()
    assert shown[1:] == [
        "(nobody's)\t1\t1\t1 USD\tprice lists\t1 USD",
        "hers\t2, 1 free\t1\t0.5 USD\tprice lists\t",
        "total\t3, 1 free\t2\t1.5 USD\tprice lists\t1 USD for 1",
    ]


def test_json_has_money_as_text(kept, told):
    bought(kept, **usd("0.0000001", **expecting("0.0000002")))
    plain = told("history", "costs", "--by", "host", "--json")
    assert plain["groups"] == [
        {
            "name": "ark",
            "calls": 1,
            "free": 0,
            "unknown": 0,
            "pictures": 1,
            "amounts": [
                {
                    "currency": "USD",
                    "cost": "0.0000001",
                    "by_host": "0",
                    "by_person": "0",
                    "by_list": "0.0000001",
                    "expected": "0.0000002",
                    "compared": "0.0000001",
                }
            ],
        }
    ]
    assert plain["total"] == {**plain["groups"][0], "name": "total"}


def test_the_command_says_that_there_is_nothing(kept, told):
    assert "nothing was sent\n" in told("history", "costs")
    assert "nothing was sent of these" in told("history", "costs", "--host", "ark")
    assert told("history", "costs", "--json")["groups"] == []
    assert "since is a time" in told("history", "costs", "--since", "x", code=exits.USAGE)
