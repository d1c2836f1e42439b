"""What a call is expected to cost, by what it asks for, and what it has cost by what came."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from decimal import Decimal
from typing import Any

import pytest

from imagekit import (
    Client,
    Cost,
    CostsIn,
    Fact,
    Family,
    Host,
    HostSettings,
    Model,
    NoAuth,
    Offer,
    Parameter,
    Plugins,
    Price,
    Purchase,
    Range,
    Rate,
    Result,
    Sizes,
    hookimpl,
    spell,
)
from imagekit.testing import Answer, Loopback, picture, picture_base64

PAGE = Fact("https://docs.invalid/prices", "2026-11-29")
SIZES = Sizes(
    tiers=("1K", "4K"),
    table={"1K": {"1:1": (100, 100), "2:1": (140, 70)}, "4K": {"1:1": (400, 400)}},
    default_tier="1K",
    auto=True,
)
PARAMETERS = (
    Parameter("n", int, (Range(1, 4),)),
    Parameter("quality", str, default="low"),
    Parameter("image", list),
)
LILY = Family("lily", "Lily", (Model("lily-1", "Lily", parameters=PARAMETERS, sizes=SIZES),))
TIERS = Price(None, "USD", PAGE, rates=(Rate("0.1", "1K"), Rate("0.4", "4K")), reference="0.01")
AREAS = Price("9", "USD", PAGE, rates=(Rate("1", max_pixels=20_000),))
QUALITY = Price(None, "USD", PAGE, rates=(Rate("2", quality="low"), Rate("8", quality="high")))
FLAT = Price("0.1", "USD", PAGE)

Pond = Callable[..., Client]


@pytest.fixture
def pond() -> Iterator[Pond]:
    """A client of one host with this price, at an address if one is given."""

    def make(
        price: Price | None, url: str = "", costs_in: CostsIn | None = None, **more: Any
    ) -> Client:
        offer = Offer(
            "lily-1",
            "lily-one",
            "openai-images",
            spells=spell("n size quality image sequential_image_generation"),
            price=price,
        )
        base = url or "https://pond.invalid"

        class Plugin:
            @hookimpl
            def imagekit_families(self) -> list[Family]:
                return [LILY]

            @hookimpl
            def imagekit_hosts(self) -> list[Host]:
                return [Host("pond", "Pond", base, NoAuth(), offers=(offer,), costs_in=costs_in)]

        return clients.enter_context(Client(plugins=Plugins.of(Plugin()), environment={}, **more))

    with ExitStack() as clients:
        yield make


@pytest.mark.parametrize(
    ("price", "asked", "amount"),
    [
        (TIERS, {}, "0.1"),
        (TIERS, {"n": 4}, "0.4"),
        (TIERS, {"n": 6}, "0.6"),
        (TIERS, {"size": "4K"}, "0.4"),
        (TIERS, {"size": "400x400"}, "0.4"),
        (TIERS, {"ratio": "2:1"}, "0.1"),
        (TIERS, {"size": "300x300"}, None),
        (TIERS, {"n": 2, "image": ["https://a.invalid/1", "https://a.invalid/2"]}, "0.22"),
        (AREAS, {}, "1"),
        (AREAS, {"size": "300x300"}, "9"),
        (AREAS, {"native": {"size": "of its own"}}, None),
        (FLAT, {"native": {"n": 4}}, None),
        (FLAT, {"native": {"of_its_own": 4}}, "0.1"),
        (QUALITY, {}, "2"),
        (QUALITY, {"quality": "high"}, "8"),
        (FLAT, {"sequential_image_generation": "auto"}, None),
        (None, {}, None),
    ],
)
def test_an_estimate_is_of_what_is_asked_for(
    pond: Pond, price: Price | None, asked: dict[str, Any], amount: str | None
) -> None:
    estimate = pond(price).plan("a pond", model="lily-1", **asked).estimate
    assert estimate.amount == (None if amount is None else Decimal(amount))
    assert estimate.why, "what it rests on, or why it is unknown"


def test_a_file_is_charged_by_its_area_and_a_link_at_least_once(pond: Pond) -> None:
    area = Price("0.1", "USD", PAGE, reference="0.01", reference_area=100 * 100)
    client, large = pond(area), picture(200, 101)
    measured = client.plan("a pond", model="lily-1", image=[large]).estimate
    assert measured.amount == Decimal("0.13")
    linked = client.plan("a pond", model="lily-1", image=[large, "https://a.invalid/1"]).estimate
    assert (linked.amount, linked.known) == (None, {"USD": Decimal("0.14")})
    assert "not measured" in linked.why


def test_what_would_not_be_sent_has_no_cost(pond: Pond) -> None:
    plan = pond(FLAT).plan("a pond", model="lily-1", n=0)
    assert plan.problems
    assert plan.estimate.amount is None


def test_a_list_says_perhaps_of_an_address_of_the_users_own(pond: Pond) -> None:
    own = pond(FLAT, hosts={"pond": HostSettings(base_url="https://proxy.invalid")})
    assert own.plan("a pond", model="lily-1").estimate.unverified
    assert not pond(FLAT).plan("a pond", model="lily-1").estimate.unverified


# --- after the call -----------------------------------------------------------------------


def answer(pictures: int = 1, **more: Any) -> Answer:
    item = {"b64_json": picture_base64(300, 300)}
    return Answer(json={"data": [item] * pictures, **more})


def cost(pond: Pond, price: Price | None, reply: Answer, asked: Any = None, **host: Any) -> Cost:
    with Loopback(reply) as server:
        return (
            pond(price, server.url, **host).generate("a pond", model="lily-1", **asked or {}).cost
        )


@pytest.mark.parametrize("said", [0.07, "0.07"])
def test_what_the_host_says_wins_over_its_list(pond: Pond, said: Any) -> None:
    reply = answer(usage={"cost": said})
    found = cost(pond, FLAT, reply, costs_in=CostsIn("USD", PAGE))
    assert (found.amount, found.currency, found.by) == (Decimal("0.07"), "USD", "host")


def test_a_currency_that_nobody_documents_stays_unnamed(pond: Pond) -> None:
    found = cost(pond, FLAT, answer(usage={"cost": 7}))
    assert (found.amount, found.currency, found.by) == (7, None, "host")


@pytest.mark.parametrize("said", [0, "0.0", -1, "much", None, True, [1]])
def test_what_is_no_cost_leaves_it_to_the_list(pond: Pond, said: Any) -> None:
    found = cost(pond, FLAT, answer(usage={"cost": said}))
    assert (found.amount, found.by) == (Decimal("0.1"), "list")


def test_nothing_is_nothing_where_the_host_documents_what_it_says(pond: Pond) -> None:
    found = cost(pond, FLAT, answer(usage={"cost": 0}), costs_in=CostsIn("USD", PAGE))
    assert (found.amount, found.by) == (0, "host")


def test_a_group_costs_what_was_made(pond: Pond) -> None:
    asked = {"sequential_image_generation": "auto"}
    assert cost(pond, FLAT, answer(3), asked).amount == Decimal("0.3")


def test_the_pixels_that_came_say_which_line_counts(pond: Pond) -> None:
    asked = {"size": "auto"}
    assert pond(AREAS).plan("a pond", model="lily-1", **asked).estimate.amount is None
    assert cost(pond, AREAS, answer(), asked).amount == 9


def test_whether_a_picture_that_was_not_made_was_charged_only_a_count_says(pond: Pond) -> None:
    item = {"b64_json": picture_base64(100, 100)}
    failed = [item, {"error": {"message": "no"}}]
    unsaid = cost(pond, FLAT, Answer(json={"data": failed}), {"n": 2})
    assert (unsaid.amount, unsaid.known) == (None, {"USD": Decimal("0.1")})
    counted = Answer(json={"data": failed, "usage": {"generated_images": 1}})
    assert cost(pond, FLAT, counted, {"n": 2}).amount == Decimal("0.1")


def test_the_hosts_count_of_references_wins(pond: Pond) -> None:
    """Whatever it is: of a thousand millions there is no list."""
    reply = answer(usage={"input_images": 1_000_000_000})
    assert cost(pond, TIERS, reply, {"size": "1K"}).amount == Decimal("10000000.1")


def test_a_count_that_is_none_counts_nothing(pond: Pond) -> None:
    reply = answer(2, usage={"generated_images": -3, "input_images": -1})
    assert cost(pond, FLAT, reply, {"n": 2}).amount == Decimal("0.2")


def test_a_price_that_makes_no_sense_loses_no_picture(pond: Pond) -> None:
    strange: Any = "many"
    found = cost(pond, Price(None, "USD", PAGE, rates=(Rate("1", max_pixels=strange),)), answer())
    assert found.amount is None
    assert "can't be reckoned: TypeError" in found.why


def test_no_list_and_no_word_is_unknown(pond: Pond) -> None:
    assert cost(pond, None, answer()).amount is None


def test_a_journal_is_told_what_each_paid_call_should_cost(pond: Pond) -> None:
    told: list[Purchase] = []
    spent: list[Decimal | None] = []

    class Journal:
        def sending(self, purchase: Purchase) -> None:
            told.append(purchase)

        def accepted(self, *_: Any) -> None: ...
        def answered(self, purchase: Purchase, result: Result, more: bool) -> None:
            spent.append(result.cost.amount)

        def kept(self, *_: Any) -> None: ...
        def left(self, *_: Any) -> None: ...
        def ended(self, *_: Any) -> None: ...

    with Loopback(answer(4), answer(2)) as server:
        client = pond(FLAT, server.url, journal=Journal(), concurrency=1)
        result = client.generate("a pond", model="lily-1", n=6)
    assert sorted(one.estimate.amount or 0 for one in told) == [Decimal("0.2"), Decimal("0.4")]
    assert spent == [Decimal("0.4"), Decimal("0.2")]
    assert result.cost.amount == Decimal("0.6")
