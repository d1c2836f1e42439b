"""What nobody needs is removed, and never what somebody is about to need."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from pathlib import Path

import pytest

from imagekit import Blob
from imagekit_store.pictures import Pictures, Swept, pictures_at, remove, sweep, unneeded
from imagekit_store.pictures.place import Area


def of(*digests: str) -> Callable[[Collection[str]], Collection[str]]:
    """A ledger in which rows need these."""
    return lambda asked: set(digests) & set(asked)


def later() -> float:
    return time.time() + 7200


def test_a_sweep_removes_what_no_row_needs(pictures: Pictures) -> None:
    needed, orphan = (pictures.keep(Blob.of(text)).sha256 for text in (b"lily", b"weed"))

    assert sweep(pictures, of(needed), clock=later) == Swept(1, 4, 0)
    assert (pictures.has(needed), pictures.has(orphan)) == (True, False)
    assert sweep(pictures, of(needed), clock=later) == Swept()


def test_what_is_young_or_announced_is_left_alone(pictures: Pictures) -> None:
    young = pictures.keep(Blob.of(b"lily")).sha256
    assert sweep(pictures, of()) == Swept()

    pictures.announce("att_1.0", young)
    assert sweep(pictures, of(), clock=later) == Swept()

    pictures.withdraw("att_1.0", [young])
    assert sweep(pictures, of(), clock=later).pictures == 1


def test_what_a_row_has_just_forgotten_is_removed_unless_another_needs_it(
    pictures: Pictures,
) -> None:
    shared, own = (pictures.keep(Blob.of(text)).sha256 for text in (b"lily", b"weed"))

    assert remove(pictures, [shared, own, own], of(shared)) == {own}
    assert [entry[0] for entry in pictures.every()] == [shared]


def test_who_keeps_what_is_being_removed_waits_and_then_writes_it_anew(where: str) -> None:
    """The sweep has found that nobody needs it, and is about to remove it: the worst moment."""
    sweeper = pictures_at(where)
    lily = sweeper.keep(Blob.of(b"lily")).sha256
    with sweeper.leaving([lily]) as there_is_time:
        assert there_is_time()
        naps: list[float] = []

        def nap(seconds: float) -> None:
            """The sweep goes on while the other waits."""
            naps.append(seconds)
            sweeper.remove([lily])
            for marker in list(sweeper.place.listed(Area.LEAVING)):
                sweeper.place.remove(Area.LEAVING, [marker.name])

        keeper = Pictures(pictures_at(where).place, sleep=nap)
        keeper.announce("att_1.0", lily)
        keeper.keep(Blob.of(b"lily"))

    assert len(naps) == 1
    assert keeper.has(lily)


def test_who_removes_sees_what_was_announced_before_it_wrote_its_list(where: str) -> None:
    sweeper, keeper = pictures_at(where), pictures_at(where)
    lily = sweeper.keep(Blob.of(b"lily")).sha256
    rows: set[str] = set()

    def needed(digests: Collection[str]) -> Collection[str]:
        """Somebody begins to keep it after the ledger was asked for the first time."""
        before = rows & set(digests)
        keeper.announce("att_1.0", lily)
        return before

    assert sweep(sweeper, needed, clock=later) == Swept()
    assert sweeper.has(lily)


def test_others_are_kept_while_one_is_removed(pictures: Pictures) -> None:
    with pictures.leaving(["0" * 64]):
        assert pictures.keep(Blob.of(b"lily"))


def test_a_list_that_a_killed_sweep_left_behind_is_taken_away(where: str) -> None:
    waited: list[float] = []
    pictures = Pictures(pictures_at(where).place, sleep=waited.append)
    lily = pictures.keep(Blob.of(b"lily")).sha256
    pictures.place.put(Area.LEAVING, "of-a-dead-one", Blob.of(lily.encode()), None)

    pictures.keep(Blob.of(b"lily"))

    assert 90 <= sum(waited) < 92
    assert not list(pictures.place.listed(Area.LEAVING))


def test_who_removes_too_slowly_leaves_it_for_the_next_time(
    pictures: Pictures, monkeypatch: pytest.MonkeyPatch
) -> None:
    lily = pictures.keep(Blob.of(b"lily")).sha256
    monkeypatch.setattr("imagekit_store.pictures.pictures.HURRY", -1.0)

    assert remove(pictures, [lily], of()) == set()
    assert pictures.has(lily)


def test_half_written_files_of_killed_processes_are_swept_when_they_are_old(
    tmp_path: Path,
) -> None:
    pictures = pictures_at(tmp_path)
    pictures.check()
    (tmp_path / "parts" / "0123.part").write_bytes(b"half a li")

    assert sweep(pictures, of()) == Swept()
    assert sweep(pictures, of(), clock=later) == Swept(parts=1)


def test_thumbnails_and_lists_that_killed_processes_have_left_are_swept_when_they_are_old(
    pictures: Pictures,
) -> None:
    lily, weed = (pictures.keep(Blob.of(text)).sha256 for text in (b"lily", b"weed"))
    for sha256 in (lily, weed):
        pictures.place.put(Area.THUMBNAILS, f"{sha256}.128.webp", Blob.of(b"small"), None)
    pictures.place.put(Area.LEAVING, "of-a-dead-one", Blob.of(lily.encode()), None)

    assert sweep(pictures, of(lily), grace=-7200.0) == Swept(1, 4)  # parts may still be growing
    assert sweep(pictures, of(lily), clock=later) == Swept(parts=1)
    assert [small.name for small in pictures.place.listed(Area.THUMBNAILS)] == [f"{lily}.128.webp"]


def test_a_thumbnail_of_a_picture_that_is_gone_is_swept(pictures: Pictures) -> None:
    pictures.place.put(Area.THUMBNAILS, f"{'0' * 64}.128.webp", Blob.of(b"small"), None)

    assert sweep(pictures, of()) == Swept()
    assert sweep(pictures, of(), clock=later) == Swept(parts=1)


def test_what_was_announced_can_be_asked_for_by_its_age(pictures: Pictures) -> None:
    pictures.announce("att_1.0", "0" * 64)

    assert [*pictures.announced(before=time.time() - 3600)] == []
    assert [*pictures.announced(before=later())] == [("att_1.0", "0" * 64)]


def test_what_no_row_needs_is_told_without_being_removed(pictures: Pictures) -> None:
    weed, new = (pictures.keep(Blob.of(text)).sha256 for text in (b"weed", b"lily"))
    pictures.announce("att_1.0", new)

    assert [*unneeded(pictures, of(), later())] == [{weed: 4}]
    assert pictures.has(weed)
