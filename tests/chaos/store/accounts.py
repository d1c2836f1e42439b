"""What the sandbox has billed, against what the store has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from attrs import frozen
from imagekit_store import Attempt, Entry, State, Store, StoredPicture

__all__ = ["Account", "account_of", "every"]

#: Whose jobs can be asked for by the name that we gave them.
NAMED = ("klingai",)

#: Where a call may stand that nobody works on.
RESTING = (State.STORED, State.FAILED, State.UNKNOWN)

#: A line of the sandbox's ledger; its ``name`` is the id of the paid call, see `watched.Naming`.
Line = Mapping[str, Any]


@frozen
class Account:
    """Of one store, when nothing moves any more.

    Attributes:
        requests, calls: how many were asked for, and how many paid calls they take.
        billed: how many of those were billed.
        stored: how many of the billed have all their pictures here.
        unknown: how many are listed for a person, billed or not.
        free: how many failed, and were not billed.
        moving: how many did not come to their end, though nobody works on them.
        twice: how many were billed more than once.
        lost: how many were billed, have no picture here, and are not listed.
        wrong: everything that must not be, in words.
    """

    requests: int
    calls: int
    billed: int
    stored: int
    unknown: int
    free: int
    moving: int
    twice: int
    lost: int
    wrong: tuple[str, ...]


def account_of(store: Store, bill: Iterable[Line]) -> Account:
    """Compare them."""
    lines = list(bill)
    entries = list(every(store))
    calls = {attempt.id: attempt for entry in entries for attempt in entry.attempts}
    pictures: dict[str, list[StoredPicture]] = {id: [] for id in calls}
    strays = []
    for picture in (one for entry in entries for one in entry.pictures):
        pictures.get(picture.attempt, strays).append(picture)
    billed = Counter(str(line["name"]) for line in lines)
    wanted = {str(line["name"]): int(line["pictures"]) for line in lines}
    stored = {id for id in calls if _is_stored(calls[id], pictures[id], wanted.get(id, 0))}
    unknown = {id for id in calls if calls[id].state is State.UNKNOWN}
    twice = {id for id, times in billed.items() if times > 1}
    moving = {id for id in calls if calls[id].state not in RESTING}
    lost = billed.keys() - stored - unknown - moving
    wrong = [
        *(f"bought twice: {calls.get(id, id)}" for id in twice),
        *(f"lost: {calls.get(id, id)}" for id in lost),
        *(f"its name is known, and it is not found: {calls[id]}" for id in _findable(calls)),
        *(f"it has no call: {picture}" for picture in strays),
        *_moving(entries),
        *_of_another(calls, pictures, lines),
        *_of_files(store, pictures),
    ]
    return Account(
        requests=len(entries),
        calls=len(calls),
        billed=len(billed),
        stored=len(stored & billed.keys()),
        unknown=len(unknown),
        free=sum(calls[id].state is State.FAILED for id in calls.keys() - billed.keys()),
        moving=len(moving),
        twice=len(twice),
        lost=len(lost),
        wrong=tuple(wrong),
    )


def every(store: Store) -> Iterator[Entry]:
    """All requests."""
    page = store.requests(limit=1000)
    yield from page
    while page.more:
        page = store.requests(limit=1000, after=page.entries[-1].id)
        yield from page


def _is_stored(call: Attempt, pictures: list[StoredPicture], wanted: int) -> bool:
    return call.state is State.STORED and sum(one.is_kept for one in pictures) >= wanted


def _findable(calls: Mapping[str, Attempt]) -> list[str]:
    return [id for id, one in calls.items() if one.state is State.UNKNOWN and one.host in NAMED]


def _moving(entries: Iterable[Entry]) -> Iterator[str]:
    """What has not come to its end, or says so of itself wrongly."""
    for entry in entries:
        for call in entry.attempts:
            if call.state not in RESTING:
                yield f"it does not move any more: {call}"
        if not entry.is_over and all(call.state in RESTING for call in entry.attempts):
            yield f"its calls are over, and it is {entry.state}: {entry}"


def _of_another(
    calls: Mapping[str, Attempt], pictures: Mapping[str, list[StoredPicture]], bill: list[Line]
) -> Iterator[str]:
    """A call that has what another was billed for: no two pictures of the sandbox are alike."""
    billed = {str(line["name"]): line for line in bill}
    owners: dict[str, str] = {}
    for id, call in calls.items():
        if call.state is State.STORED and id not in billed:
            yield f"it was not billed, and is stored: {call}"
        if call.record and call.record != billed.get(id, {}).get("id"):
            yield f"this is the record of another call: {call}"
        for picture in pictures[id]:
            if picture.sha256 and owners.setdefault(picture.sha256, id) != id:
                yield f"{id} has the picture of {owners[picture.sha256]}: {picture}"


def _of_files(store: Store, pictures: Mapping[str, list[StoredPicture]]) -> Iterator[str]:
    """Rows without their file, and files without a row. Half a file and an announcement that a
    process was killed over are neither: a sweep removes them."""
    kept = {sha256 for sha256, _, _ in store.keeping.every()}
    needed = {one.sha256 for some in pictures.values() for one in some if one.sha256}
    yield from (f"its file is not here: {sha256}" for sha256 in needed - kept)
    yield from (f"no row needs it: {store.keeping.where(sha256)}" for sha256 in kept - needed)
    for sha256 in needed & kept:
        if not store.keeping.verify(sha256):
            yield f"it is not what was kept: {store.keeping.where(sha256)}"
