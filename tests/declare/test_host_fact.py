"""What a host's one fact stands for: whatever is declared in it and has none of its own."""

from __future__ import annotations

from attrs import evolve

from imagekit import (
    BillingError,
    Charged,
    CostsIn,
    ErrorRow,
    Fact,
    Host,
    ModelList,
    NoAuth,
    Offer,
    Parameter,
    Price,
    RecordsAt,
    ReferenceLimits,
    Sizes,
    Spell,
    State,
)
from imagekit.testing.kit.parts import facts

PAGE = Fact("https://docs.pond.example", "2026-11-30")
OTHER = Fact("https://docs.pond.example/errors", "2026-11-29")

BARE = Offer(
    "lily-1",
    "lily",
    "openai-images",
    (Spell("seed"),),
    (Parameter("seed", int),),
    sizes={"max_pixels": 4},
    references=ReferenceLimits(max_bytes=9),
)
OWN = Offer(
    "lily-2", "lily", "openai-images", sizes=Sizes(), price=Price("1", "USD", OTHER), id_fact=OTHER
)
POND = Host(
    "pond",
    "Pond",
    "https://api.pond.example",
    NoAuth(),
    (BARE, OWN),
    (
        ErrorRow(BillingError, code="broke", charged=Charged.NO),
        ErrorRow(BillingError, code="poor", charged=Charged.NO, fact=OTHER),
    ),
    models_at=ModelList(),
    records_at=RecordsAt(),
    costs_in=CostsIn("USD"),
    fact=PAGE,
)


def test_everything_has_the_fact_of_its_host_or_its_own():
    told = dict(facts(POND))
    own = {what for what, fact in told.items() if fact == OTHER}
    assert own == {
        "the error row BillingError poor",
        "the id of pond:lily-2",
        "the price of pond:lily-2",
    }
    assert {fact for what, fact in told.items() if what not in own} == {PAGE}
    assert len(told) == 12


def test_a_host_without_one_has_none_to_give():
    told = dict(facts(Host("pond", "Pond", "https://api.pond.example", NoAuth(), (BARE,))))
    assert set(told.values()) == {None}


def test_a_spelling_stays_as_it_is_since_its_fact_is_a_mark():
    (spelled,) = POND.offers[0].spells
    assert spelled.fact is None


def test_one_offer_may_be_of_two_hosts():
    guess = Fact("a client's notes", "2026-11-30", State.UNVERIFIED)
    other = Host("lake", "Lake", "https://api.lake.example", NoAuth(), (BARE,), fact=guess)
    assert (other.offers[0].id_fact, POND.offers[0].id_fact, BARE.id_fact) == (guess, PAGE, None)


def test_an_instance_of_a_host_has_the_same_offers():
    assert evolve(POND, name="pond-eu", kind="pond").offers == POND.offers
