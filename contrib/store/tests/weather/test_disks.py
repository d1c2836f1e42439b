"""A disk is full, a folder is gone: before a call is sent, and after it was paid for."""

from __future__ import annotations

import itertools
import shutil
import subprocess
from collections import deque
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from imagekit import Charged, JournalError
from imagekit.testing import picture
from imagekit_store import RequestState, State, Store, StoreUnavailable, Worker
from imagekit_store.ledger import keeper

LINK = "powertokens:seedream-4.5"
INLINE = "gemini:nano-banana-pro"


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "pictures"


@pytest.fixture
def local(tmp_path, folder):
    """A store whose database and pictures are on one disk."""
    with Store(f"sqlite:///{tmp_path}/store.db", pictures=str(folder), lease=0.9) as store:
        yield store


@pytest.fixture
def in_the_way(folder):
    """A file where the folder of pictures was; mended by the second of the functions."""
    aside = folder.with_name("aside")

    def break_() -> None:
        if folder.exists():
            folder.rename(aside)
        folder.write_text("in the way")

    def mend() -> None:
        folder.unlink()
        if aside.exists():
            aside.rename(folder)

    return break_, mend


def is_refused(client, model: str = LINK) -> str:
    """A call is not sent; why."""
    with pytest.raises(JournalError, match="nothing was sent") as told:
        client.generate("a corgi", model=model)
    assert told.value.charged is Charged.NO
    return str(told.value)


# --- before a call is sent -----------------------------------------------------------------------


def test_nothing_is_sent_when_the_disk_is_full(local, disk, clients, upstreams):
    client = clients(local)
    disk.fill()
    is_refused(client)
    assert not upstreams.ledger.entries
    disk.clear()
    client.generate("a corgi", model=LINK, id="one")
    assert local.request("one").state == RequestState.DONE


def test_nothing_is_sent_while_pictures_have_no_place(local, in_the_way, clients, upstreams):
    break_, mend = in_the_way
    break_()
    assert "pictures" in is_refused(clients(local))
    assert not upstreams.ledger.entries
    mend()
    clients(local).generate("a corgi", model=LINK, id="one")
    assert local.picture("one").pixels


def test_nothing_is_sent_when_a_few_pictures_would_not_fit(monkeypatch, local, clients, upstreams):
    monkeypatch.setattr(keeper, "ROOM", 1 << 60)
    assert "bytes are free where pictures are kept" in is_refused(clients(local))
    assert not upstreams.ledger.entries


def test_nothing_is_sent_after_a_picture_could_not_be_kept(
    local, in_the_way, impatient, meanwhile, clients, upstreams
):
    break_, mend = in_the_way
    client = clients(local)
    meanwhile(local, "answered", break_)
    with pytest.raises(JournalError):
        client.generate("a corgi", model=LINK)
    is_refused(client)
    mend()
    assert len(upstreams.ledger.entries) == 1


def test_what_is_asked_for_waits_for_room_as_long_as_it_takes(
    local, in_the_way, clients, finish, upstreams
):
    break_, mend = in_the_way
    break_()
    id = local.ask("a corgi", model=INLINE)
    worker = Worker(local, clients(local))
    for _ in range(10):
        assert worker.once(horizon=float("inf"))
    entry = local.request(id)
    assert (entry.state, entry.error["charged"]) == (RequestState.QUEUED, "no")
    assert not upstreams.ledger.entries
    mend()
    finish(local)
    assert local.request(id).state == RequestState.DONE


def test_a_request_whose_reference_has_no_place_is_not_asked_for(local, in_the_way):
    break_, _ = in_the_way
    break_()
    with pytest.raises(OSError, match="pictures"):
        local.ask("a corgi, seated", model=LINK, image=picture())
    assert not local.requests()


def test_a_folder_that_was_removed_is_made_again(local, folder, clients):
    client = clients(local)
    client.generate("a corgi", model=LINK, id="one")
    shutil.rmtree(folder)
    client.generate("a corgi", model=LINK, id="two")
    assert local.picture("two").pixels
    with pytest.raises(LookupError, match="removed, or never kept"):
        local.picture("one").read()


@pytest.fixture
def small(tmp_path):
    """A disk of a megabyte, where the system lets us make one."""
    where = tmp_path / "small"
    where.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "imagekit", str(where)]
    try:
        subprocess.run(mount, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this user may not mount a small disk")
    yield where
    subprocess.run(["umount", "--lazy", str(where)], check=True)


def test_a_small_disk_is_filled_with_pictures_and_then_nothing_is_bought(
    monkeypatch, small, tmp_path, clients, upstreams
):
    monkeypatch.setattr(keeper, "ROOM", 256 << 10)
    with Store(f"sqlite:///{tmp_path}/store.db", pictures=str(small)) as store:
        bought = (clients(store).generate("a corgi", model=INLINE) for _ in itertools.count())
        with pytest.raises(JournalError, match="bytes are free where pictures are kept"):
            deque(bought, maxlen=0)
        entries = store.requests(limit=1000)
        assert 0 < len(entries) == len(upstreams.ledger.entries)
        assert all(store.picture(entry.id).pixels for entry in entries)


# --- after it was paid for -----------------------------------------------------------------------


@pytest.mark.parametrize("model", [LINK, INLINE])
def test_a_disk_that_is_full_for_a_while_costs_nothing_but_time(
    model, local, disk, meanwhile, clients, upstreams
):
    meanwhile(local, "answered", disk.fill, disk.clear)
    clients(local).generate("a corgi", model=model, id="one")
    (attempt,) = local.request("one").attempts
    assert (attempt.state, attempt.charged) == (State.STORED, Charged.YES)
    assert local.picture("one").pixels
    assert len(upstreams.ledger.entries) == 1


def test_one_that_stays_full_has_the_picture_given_to_the_program_with_an_error(
    local, disk, impatient, meanwhile, clients, finish, upstreams
):
    meanwhile(local, "answered", disk.fill)
    with pytest.raises(JournalError, match="the call goes on, but") as told:
        clients(local).generate("a corgi", model=INLINE, id="one")
    disk.clear()
    assert told.value.charged is Charged.YES
    assert told.value.result.image.pixels
    assert local.wait("one", timeout=60).state == RequestState.UNKNOWN
    finish(local)
    assert len(upstreams.ledger.entries) == 1


@pytest.mark.parametrize("model", [LINK, INLINE])
def test_a_picture_that_has_lost_its_place_is_given_to_the_program(
    model, local, in_the_way, impatient, meanwhile, clients, finish, upstreams
):
    """And what has a link is fetched once there is a place again."""
    break_, mend = in_the_way
    client = clients(local)
    meanwhile(local, "answered", break_)
    with pytest.raises(JournalError, match="pictures") as told:
        client.generate("a corgi", model=model, id="one")
    assert told.value.charged is Charged.YES
    assert told.value.result.image.pixels
    (entry,) = local.requests()
    assert (entry.state, entry.pictures[0].is_kept) == (RequestState.RUNNING, False)
    mend()
    finish(local)
    entry = local.request("one")
    assert entry.attempts[0].charged is Charged.YES
    assert entry.state == (RequestState.DONE if model == LINK else RequestState.FAILED)
    assert "could not be kept" in str(entry.pictures[0].error) or model == LINK
    assert len(upstreams.ledger.entries) == 1


def test_a_link_that_can_not_be_kept_yet_is_fetched_later(local, in_the_way, clients, upstreams):
    break_, mend = in_the_way
    client = clients(local)
    client.generate("a corgi", model=LINK, id="one", fetch=False)
    worker = Worker(local, client)
    break_()
    with pytest.raises(OSError, match="pictures"):
        worker.once(horizon=float("inf"))
    mend()
    worker.run(until_idle=True)
    assert local.request("one").state == RequestState.DONE
    assert local.picture("one").pixels
    assert len(upstreams.ledger.entries) == 1


# --- files and folders that may not be written ---------------------------------------------------


@pytest.fixture
def shared():
    """A folder that everybody may enter, which temporary ones of tests are not."""
    with TemporaryDirectory(prefix="imagekit-") as name:
        Path(name).chmod(0o777)
        yield Path(name)


@pytest.mark.parametrize(
    ("there", "mode_of_file", "mode_of_folder"),
    [(False, 0, 0o555), (True, 0o666, 0o555), (True, 0o444, 0o777)],
)
def test_what_may_not_be_written_is_told_when_it_is_opened(
    there, mode_of_file, mode_of_folder, shared, nobody
):
    url = f"sqlite:///{shared}/store.db"
    if there:
        Store(url).close()
        (shared / "store.db").chmod(mode_of_file)
    shared.chmod(mode_of_folder)
    with (
        nobody(),
        pytest.raises(StoreUnavailable, match=r"can't be used: .*(open|readonly)") as told,
    ):
        Store(url)
    assert len(str(told.value).splitlines()) == 1
