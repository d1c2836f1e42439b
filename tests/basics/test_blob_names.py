"""A blob's own file may get a name: no copy is made, and no two files are ever one by that."""

from __future__ import annotations

import os
import stat
import struct
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from imagekit import Blob, Image
from imagekit.basics.blob import SPOOL_AT

needs_links = pytest.mark.skipif(
    not hasattr(os, "O_TMPFILE"), reason="needs files that never had a name"
)
DATA = b"\x89PNG\r\n\x1a\n" + bytes(SPOOL_AT)


@pytest.fixture(autouse=True)
def same_file_system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Temporary files are where the pictures go."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


def is_one(*paths: Path) -> bool:
    return len({path.stat().st_ino for path in paths}) == 1


@needs_links
def test_a_picture_that_is_moved_is_not_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Blob, "copy_to", None)
    image = Image(0, blob=Blob.of(DATA))
    assert image.move_to(tmp_path / "a.png") == tmp_path / "a.png"
    assert (tmp_path / "a.png").read_bytes() == image.read() == DATA
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]


def test_what_is_saved_is_a_file_of_its_own(tmp_path: Path) -> None:
    """Also where the same picture is moved later."""
    image = Image(0, blob=Blob.of(DATA))
    image.save(tmp_path / "saved.png").write_bytes(b"edited")
    assert image.read() == DATA
    image.move_to(tmp_path / "moved.png")
    image.save(tmp_path / "again.png").write_bytes(b"edited")
    assert image.read() == (tmp_path / "moved.png").read_bytes() == DATA


def test_a_picture_that_is_moved_twice_is_two_files(tmp_path: Path) -> None:
    image = Image(0, blob=Blob.of(DATA))
    one, other = image.move_to(tmp_path / "one.png"), image.move_to(tmp_path / "other.png")
    assert one.read_bytes() == other.read_bytes() == DATA
    assert not is_one(one, other)


@needs_links
@pytest.mark.parametrize("is_removed", [True, False])
def test_a_name_that_passes_leaves_room_for_one_that_stays(
    tmp_path: Path, is_removed: bool
) -> None:
    """As a journal's does, whose file is nobody else's."""
    blob, passing = Blob.of(DATA), tmp_path / "passing"
    assert blob.link_to(passing, private=True, passing=True)
    if is_removed:
        passing.unlink()
    paths = [Image(0, blob=blob).move_to(tmp_path / name) for name in ("a.png", "b.png")]
    assert [path.read_bytes() for path in paths] == [DATA, DATA]
    assert not is_one(*paths)
    assert not blob.link_to(tmp_path / "c")


@needs_links
def test_permissions_are_those_of_any_new_file(tmp_path: Path) -> None:
    """However private it was meanwhile."""
    (tmp_path / "any").touch()
    blob = Blob.of(DATA)
    assert blob.link_to(tmp_path / "passing", private=True, passing=True)
    assert stat.S_IMODE((tmp_path / "passing").stat().st_mode) == 0o600
    moved = Image(0, blob=blob).move_to(tmp_path / "a.png")
    assert moved.stat().st_mode == (tmp_path / "any").stat().st_mode


@needs_links
def test_a_umask_that_has_changed_meanwhile_holds_for_what_is_saved(tmp_path: Path) -> None:
    image, private = Image(0, blob=Blob.of(DATA)), os.umask(0o077)
    try:
        moved = image.move_to(tmp_path / "a.png")
    finally:
        os.umask(private)
    assert stat.S_IMODE(moved.stat().st_mode) == 0o600


def gives_its_group(directory: Path) -> None:
    """Another than ours, where we may."""
    groups = [group for group in (*os.getgroups(), 50) if group != os.getegid()]
    try:
        os.chown(directory, -1, groups[0])
        directory.chmod(0o2775)
    except OSError:
        pytest.skip("no other group to give")


def gives_permissions(directory: Path) -> None:
    """To a user by number, as ``setfacl -d -m u:1234:rw`` does."""
    nobody = 0xFFFFFFFF
    entries = [(1, 7, nobody), (2, 6, 1234), (4, 5, nobody), (16, 7, nobody), (32, 5, nobody)]
    acl = struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in entries)
    try:
        os.setxattr(directory, "system.posix_acl_default", acl)
    except OSError:
        pytest.skip("no such permissions here")


@needs_links
@pytest.mark.parametrize("give", [gives_its_group, gives_permissions])
@pytest.mark.parametrize("is_temporary", [True, False])
def test_a_file_is_as_its_own_directory_makes_new_ones(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    give: Callable[[Path], None],
    is_temporary: bool,
) -> None:
    """Where that of temporary files makes others, it is copied."""
    shared, plain = tmp_path / "shared", tmp_path / "plain"
    shared.mkdir()
    plain.mkdir()
    give(shared)
    monkeypatch.setattr(tempfile, "tempdir", str(shared if is_temporary else plain))
    target = plain if is_temporary else shared
    (target / "any").touch()
    assert not Blob.of(DATA).link_to(target / "a")
    moved = Image(0, blob=Blob.of(DATA)).move_to(target / "a.png")
    assert moved.read_bytes() == DATA
    assert marks(moved) == marks(target / "any")


def marks(path: Path) -> tuple[object, ...]:
    status = path.stat()
    return status.st_mode, status.st_gid, os.listxattr(path)


@needs_links
def test_a_private_name_stays_private_where_another_can_not_be_given(tmp_path: Path) -> None:
    blob = Blob.of(DATA)
    assert blob.link_to(tmp_path / "passing", private=True, passing=True)
    assert not blob.link_to(tmp_path / "passing")
    assert stat.S_IMODE((tmp_path / "passing").stat().st_mode) == 0o600


@pytest.mark.parametrize("what", ["in memory", "a file of somebody's", "an object"])
def test_bytes_without_a_file_of_their_own_are_copied(tmp_path: Path, what: str) -> None:
    source = tmp_path / "source"
    source.write_bytes(DATA)
    blob = {
        "in memory": lambda: Blob.of(b"few"),
        "a file of somebody's": lambda: Blob.of_file(source),
        "an object": lambda: Blob.of_object(lambda: Blob.of(DATA), len(DATA), Blob.of(DATA).sha256),
    }[what]()
    assert not blob.link_to(tmp_path / "linked")
    moved = Image(0, blob=blob).move_to(tmp_path / "moved")
    assert moved.read_bytes() == blob.read()
    assert not is_one(moved, source)


@pytest.mark.skipif(not Path("/dev/shm").is_dir(), reason="needs a second file system")
def test_another_file_system_gets_a_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", "/dev/shm")
    blob = Blob.of(DATA)
    assert not blob.link_to(tmp_path / "a")
    assert Image(0, blob=blob).move_to(tmp_path / "a").read_bytes() == DATA


def test_a_file_that_is_there_stays_and_the_next_name_is_as_good(tmp_path: Path) -> None:
    taken = tmp_path / "taken.png"
    taken.write_bytes(b"mine")
    image = Image(0, blob=Blob.of(DATA))
    with pytest.raises(FileExistsError):
        image.move_to(taken)
    assert taken.read_bytes() == b"mine"
    assert image.move_to(tmp_path / "free.png").read_bytes() == DATA
    assert image.move_to(taken, overwrite=True).read_bytes() == DATA
    assert {path.name for path in tmp_path.iterdir()} == {"taken.png", "free.png"}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs forks")
@pytest.mark.parametrize("in_a_journal", [False, True])
def test_a_process_and_its_child_move_it_to_two_files(tmp_path: Path, in_a_journal: bool) -> None:
    image, journal = Image(0, blob=Blob.of(DATA)), tmp_path / "journal"
    if in_a_journal:
        image.blob.link_to(journal, private=True, passing=True)
    child = os.fork()
    if not child:
        try:
            image.move_to(tmp_path / "child.png")
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    journal.unlink(missing_ok=True)
    image.move_to(tmp_path / "parent.png")
    assert (tmp_path / "child.png").read_bytes() == (tmp_path / "parent.png").read_bytes() == DATA
    assert not is_one(tmp_path / "child.png", tmp_path / "parent.png")
