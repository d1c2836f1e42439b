"""What servers of a store need: secrets in common, another try, pages in both directions."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from imagekit import UsageError
from imagekit_store import Caller, Store


def test_all_who_open_a_store_have_its_secrets_in_common(opened: Callable[..., Store]) -> None:
    first, second = opened(), opened()
    assert first.secret("links") == second.secret("links")
    assert len(first.secret("links")) == 32
    assert first.secret("links") != first.secret("others")


def ids(store: Store, **how: object) -> list[str]:
    return [entry.id for entry in store.requests(limit=2, **how)]  # type: ignore[arg-type]


def test_pages_go_both_ways(store: Store) -> None:
    a, b, c, d = (
        store.ask("a corgi", model="sandbox:seedream-4.5", id=name) for name in ("a", "b", "c", "d")
    )
    assert ids(store) == [d, c]
    assert ids(store, after=c) == [b, a]
    assert ids(store, before=a) == [c, b]
    assert ids(store, oldest_first=True) == [a, b]
    assert ids(store, oldest_first=True, after=b) == [c, d]
    assert ids(store, oldest_first=True, before=d) == [b, c]


def test_what_is_forgotten_may_be_left_out(store: Store) -> None:
    gone, kept = (store.ask("a corgi", model="sandbox:seedream-4.5", id=id) for id in ("a", "b"))
    store.forget(gone)
    assert ids(store, forgotten=False) == [kept]
    assert ids(store, forgotten=True) == [gone]


def test_several_states_may_be_asked_for_at_once(store: Store) -> None:
    for id in ("one", "two"):
        store.ask("a heron", model="powertokens:seedream-4.5", id=id)
    assert [one.id for one in store.requests(state=["queued", "unknown"])] == ["two", "one"]
    assert [*store.requests(state=["running"])] == []
    with pytest.raises(UsageError, match="state: 'lost' is none of"):
        store.requests(state=["queued", "lost"])


def test_a_note_is_found_with_the_request_and_forgotten_with_it(store: Store) -> None:
    id = store.ask("a corgi", model="sandbox:seedream-4.5", caller=Caller("me", note={"a": [1]}))
    assert store.request(id).note == {"a": [1]}
    store.forget(id)
    assert store.request(id).note is None


def test_a_name_is_released_by_a_request_that_has_failed_for_free(
    store: Store, finish: Callable[[Store], None]
) -> None:
    failed = store.ask("a corgi", model="sandbox:nobody", caller=Caller("me", idem="once"))
    assert not store.release_idem(failed)
    finish(store)
    assert store.release_idem(failed)
    assert store.same("me", "once") is None


def test_a_name_that_was_used_for_something_else_is_told(store: Store) -> None:
    store.ask("a", model="sandbox:seedream-4.5", caller=Caller("me", "once", "0" * 64))
    with pytest.raises(UsageError, match="something else"):
        store.same("me", "once", "1" * 64)
