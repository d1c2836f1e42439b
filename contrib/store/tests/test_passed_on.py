"""Pictures that are passed on and not kept: their rows have the host's links, and no bytes."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from imagekit import Charged
from imagekit_store import Caller, RequestState, State
from imagekit_store.schema.tables import ATTEMPTS, PICTURES

MODEL = "powertokens:seedream-4.5"
PASSED_ON = Caller("ada", keep=False)


def whole(store, id: str):
    """The request, with one picture that is nowhere here."""
    entry = store.request(id)
    (attempt,), (picture,) = entry.attempts, entry.pictures
    assert (entry.state, attempt.state, attempt.charged) == (
        RequestState.DONE,
        State.STORED,
        Charged.YES,
    )
    assert not entry.keep
    assert not picture.is_kept
    assert not [*store.keeping.every()]
    assert not [*store.keeping.announced()]
    return entry


@pytest.mark.parametrize("fetch", [True, False])
def test_a_picture_that_is_passed_on_is_not_written_anywhere(fetch, store, clients):
    with store.on_behalf("one", PASSED_ON):
        result = clients(store).generate("a corgi", model=MODEL, id="one", fetch=fetch)
    (picture,) = whole(store, "one").pictures
    assert picture.url == result.image.url
    measured = (picture.media_type, picture.bytes, picture.width, picture.height)
    if fetch:
        assert measured == (result.image.media_type, result.image.blob.size, *result.image.pixels)
    else:
        assert measured == (None, None, None, None)


def test_it_needs_no_place_for_pictures(store, clients, monkeypatch):
    monkeypatch.setattr(store.keeping.place, "free", lambda: 0)
    with store.on_behalf("one", PASSED_ON):
        clients(store).generate("a corgi", model=MODEL, id="one")
    whole(store, "one")


@pytest.mark.parametrize("model", [MODEL, "klingai:kling-v3", "token360:seedream-4.5"])
def test_a_worker_keeps_no_picture_that_is_to_be_passed_on(model, store, finish, upstreams):
    id = store.ask("a heron", model=model, caller=PASSED_ON)
    finish(store)
    entry = whole(store, id)
    assert entry.key == "ada"
    assert len(upstreams.ledger.entries) == 1


def test_what_a_process_left_behind_is_ended_without_fetching_it(store, clients, finish):
    """Killed when it had written that it was answered, and not that it is over."""
    with store.on_behalf("one", PASSED_ON):
        clients(store).generate("a corgi", model=MODEL, id="one", fetch=False)
    left = update(ATTEMPTS).values(state=State.ANSWERED, due=0.0, holder=None)
    store.write(lambda rows: rows.execute(left))
    finish(store)
    assert whole(store, "one").pictures[0].url


def test_what_a_person_settles_is_stored_if_it_came(store, clients):
    with store.on_behalf("one", PASSED_ON):
        clients(store).generate("a corgi", model=MODEL, id="one", fetch=False)
    lost = update(ATTEMPTS).values(state=State.UNKNOWN, charged="maybe")
    store.write(lambda rows: rows.execute(lost))
    store.settle("one", charged="yes")
    whole(store, "one")


def test_what_did_not_come_is_not_stored(store, clients):
    with store.on_behalf("one", PASSED_ON):
        clients(store).generate("a corgi", model=MODEL, id="one", fetch=False)
    lost = update(ATTEMPTS).values(state=State.UNKNOWN, charged="maybe")
    failed = update(PICTURES).values(url=None, error={"type": "Failure", "message": "too dark"})
    store.write(lambda rows: [rows.execute(step) for step in (lost, failed)])
    store.settle("one", charged="yes")
    assert store.request("one").state == RequestState.FAILED


def test_people_are_told_that_it_was_passed_on(told, kept, clients):
    with kept.on_behalf("one", PASSED_ON):
        clients(kept).generate("a corgi", model=MODEL, id="one", fetch=False)
    shown = told("history", "show", "one")
    assert "picture 1: passed on, not kept; its link: http://127.0.0.1:" in shown
    assert told("history", "show", "one", "--json")["keep"] is False


def test_others_are_kept_as_ever(store, clients):
    with store.on_behalf("one", Caller("ada")):
        clients(store).generate("a corgi", model=MODEL, id="one")
    assert store.request("one").keep
    assert store.picture("one").pixels
