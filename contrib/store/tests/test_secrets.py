"""Secrets that all processes of a store have in common, on both databases."""

from __future__ import annotations

from collections.abc import Callable

from imagekit_store import Store


def test_every_process_has_the_same_secret_of_a_name(opened: Callable[..., Store]) -> None:
    one, another = opened(), opened()
    assert len(one.secret("links")) == 32
    assert one.secret("links") == another.secret("links")
    assert one.secret("links") != one.secret("pages")


def test_of_two_that_make_one_at_once_the_first_counts(opened: Callable[..., Store]) -> None:
    store = opened()
    first, second = ({"name": "links", "value": value} for value in ("aa", "bb"))
    made = [
        store.write(lambda rows, new=new: store.ledger.secret(rows, new)) for new in (first, second)
    ]
    assert made == ["aa", "aa"]
