"""A disk is full, a folder is gone: before a call is sent, and after it was paid for."""

from __future__ import annotations

import shutil
import subprocess
import threading
from contextlib import nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from imagekit import Charged, JournalError
from imagekit.testing import picture
from imagekit_store import RequestState, State, Store, StoreUnavailable, Worker

LINK = "powertokens:seedream-4.5"
INLINE = "gemini:nano-banana-pro"


@pytest.fixture
def local(tmp_path):
    """A store whose database and pictures are on one disk."""
    with Store(f"sqlite:///{tmp_path}/store.db", lease=0.9) as store:
        yield store


# --- all of it -----------------------------------------------------------------------------------


def test_nothing_is_sent_when_the_disk_is_full(local, disk, clients, upstreams):
    client = clients(local)
    disk.fill()
    with pytest.raises(JournalError, match="nothing was sent") as told:
        client.generate("a corgi", model=LINK, id="one")
    assert told.value.charged is Charged.NO
    assert not upstreams.ledger.entries
    disk.clear()
    client.generate("a corgi", model=LINK, id="one")
    assert local.request("one").state == RequestState.DONE


@pytest.mark.parametrize(
    ("model", "told"),
    [
        (LINK, nullcontext()),
        (INLINE, pytest.raises(JournalError, match="could not be kept")),  # at once; it is later
    ],
)
def test_a_disk_that_is_full_for_a_while_costs_nothing_but_time(
    model, told, local, disk, meanwhile, clients, upstreams
):
    meanwhile(local, "answered", disk.fill, disk.clear)
    with told:
        clients(local).generate("a corgi", model=model, id="one")
    (attempt,) = local.request("one").attempts
    assert (attempt.state, attempt.charged) == (State.STORED, Charged.YES)
    assert local.picture("one").pixels
    assert len(upstreams.ledger.entries) == 1


def test_a_picture_that_can_not_be_kept_is_given_to_the_program_with_an_error(
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


@pytest.fixture
def small(tmp_path):
    """A disk of half a megabyte, where the system lets us make one."""
    where = tmp_path / "small"
    where.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=512k", "imagekit", str(where)]
    try:
        subprocess.run(mount, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this user may not mount a small disk")
    yield where
    subprocess.run(["umount", "--lazy", str(where)], check=True)


def test_a_small_disk_runs_full_of_pictures_and_then_nothing_is_bought(
    small, impatient, clients, upstreams
):
    with Store(f"sqlite:///{small}/store.db") as store:
        client, errors = clients(store), []
        while not errors or errors[-1].charged is not Charged.NO:
            try:
                client.generate("a corgi", model=INLINE)
            except JournalError as error:
                errors.append(error)
        bought = len(upstreams.ledger.entries)
        assert "full" in str(errors[-1])
        with pytest.raises(JournalError) as told:
            client.generate("a corgi", model=INLINE)
        assert told.value.charged is Charged.NO
        assert len(upstreams.ledger.entries) == bought
        assert all(error.result.image.pixels for error in errors[:-1])


# --- the folder of the pictures alone ------------------------------------------------------------


@pytest.fixture
def broken(tmp_path):
    """A store whose folder of pictures is a file now; mended by the function that it comes with."""
    folder = tmp_path / "pictures"
    folder.write_text("in the way")
    with Store(f"sqlite:///{tmp_path}/store.db", pictures=str(folder), lease=0.9) as store:
        yield store, folder.unlink


@pytest.mark.parametrize("model", [LINK, INLINE])
def test_a_picture_that_has_no_place_is_given_to_the_program(model, broken, clients, upstreams):
    store, _ = broken
    with pytest.raises(JournalError, match="pictures") as told:
        clients(store).generate("a corgi", model=model, id="one")
    assert told.value.result.image.pixels
    assert told.value.charged is Charged.YES
    (picture,) = store.request("one").pictures
    assert not picture.is_kept
    assert len(upstreams.ledger.entries) == 1


def test_what_has_a_link_is_fetched_once_the_folder_is_mended(broken, clients, upstreams):
    store, mend = broken
    client = clients(store)
    with pytest.raises(JournalError):
        client.generate("a corgi", model=LINK, id="one")
    worker = Worker(store, client)
    with pytest.raises(OSError, match="pictures"):
        worker.once(horizon=float("inf"))
    assert store.request("one").state == RequestState.RUNNING
    mend()
    worker.run(until_idle=True)
    assert store.request("one").state == RequestState.DONE
    assert store.picture("one").pixels
    assert len(upstreams.ledger.entries) == 1


def test_a_request_whose_reference_has_no_place_is_not_asked_for(broken):
    store, _ = broken
    with pytest.raises(OSError, match="pictures"):
        store.ask("a corgi, seated", model=LINK, image=picture())
    assert not store.requests()


def test_a_folder_that_was_removed_is_made_again(tmp_path, clients):
    with Store(f"sqlite:///{tmp_path}/store.db") as store:
        client = clients(store)
        client.generate("a corgi", model=LINK, id="one")
        shutil.rmtree(tmp_path / "store-pictures")
        client.generate("a corgi", model=LINK, id="two")
        assert store.picture("two").pixels
        with pytest.raises(LookupError, match="removed, or never kept"):
            store.picture("one").read()


def test_workers_outlive_a_folder_that_can_not_be_written(broken, clients, upstreams, caplog):
    store, mend = broken
    id = store.ask("a corgi", model=LINK)
    stop = threading.Event()
    working = threading.Thread(target=Worker(store, clients(store)).run, args=(stop,))
    working.start()
    while not upstreams.ledger.entries:
        stop.wait(0.05)
    mend()
    entry = store.wait(id, timeout=120)
    stop.set()
    working.join()
    assert (entry.state, len(upstreams.ledger.entries)) == (RequestState.DONE, 1)


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
