"""What a disk, a link and a second process do to a folder of pictures."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from imagekit import Blob, Image
from imagekit_store.pictures import Gone, Pictures, pictures_at, sweep

LILY = b"lily" * 100
SHA256 = hashlib.sha256(LILY).hexdigest()
posix = pytest.mark.skipif(os.name != "posix", reason="permissions and limits of POSIX")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "pictures"


@pytest.fixture
def pictures(folder: Path) -> Pictures:
    return pictures_at(folder)


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


@posix
def test_nobody_else_may_look(pictures: Pictures, folder: Path) -> None:
    pictures.keep(Blob.of(LILY))
    pictures.announce("att_1.0", SHA256)

    modes = {stat.S_IMODE(path.stat().st_mode) for path in folder.rglob("*") if path.is_dir()}
    assert modes == {0o700} == {stat.S_IMODE(folder.stat().st_mode)}
    assert {stat.S_IMODE(path.stat().st_mode) for path in files(folder)} == {0o600}


def test_a_picture_is_no_copy_in_memory(pictures: Pictures, folder: Path) -> None:
    pictures.keep(Blob.of(LILY))

    blob = pictures.blob(SHA256)
    pictures.forget(SHA256)

    assert blob.sha256 == SHA256
    if os.name == "posix":  # open files may be removed
        assert blob.read() == LILY


@pytest.mark.skipif(not hasattr(os, "O_TMPFILE"), reason="needs files that never had a name")
def test_what_came_is_kept_without_a_copy_and_no_file_of_others_is_one_with_it(
    pictures: Pictures, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    image = Image(0, blob=Blob.of(LILY * 10_000))
    with monkeypatch.context() as patch:
        patch.setattr(Blob, "copy_to", None)
        kept = pictures.keep(image.blob)
    assert [stat.S_IMODE(path.stat().st_mode) for path in files(folder)] == [0o600]

    image.move_to(tmp_path / "moved.png").write_bytes(b"edited")
    assert pictures.verify(kept.sha256)


LIMITED = """
import resource, signal, sys
from imagekit import Blob
from imagekit_store.pictures import pictures_at
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
blob = Blob.of(bytes(300_000))
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
pictures = pictures_at(sys.argv[1])
try:
    pictures.keep(blob)
except OSError as error:
    print(error)
print(pictures.has(blob.sha256))
"""


@posix
def test_a_disk_that_takes_no_more_leaves_nothing_half(folder: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-c", LIMITED, folder], capture_output=True, text=True, check=True
    )

    assert "a picture of 300,000 bytes could not be kept: File too large: '" in run.stdout
    assert run.stdout.endswith("False\n")
    assert files(folder) == []


def test_a_full_disk_is_told_with_its_number(
    pictures: Pictures, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="could not be kept: No space left") as caught:
        pictures.keep(Blob.of(LILY))

    assert caught.value.errno == errno.ENOSPC
    assert files(folder) == []
    monkeypatch.undo()
    pictures.keep(Blob.of(LILY))  # there is room again
    assert pictures.verify(SHA256)


@posix
@pytest.mark.skipif(not hasattr(os, "geteuid") or not os.geteuid(), reason="root may write")
def test_a_folder_that_can_not_be_written_fails_its_check(folder: Path) -> None:
    folder.mkdir(mode=0o500)

    with pytest.raises(PermissionError):
        pictures_at(folder).check()


def test_a_file_where_the_folder_should_be_is_told(folder: Path) -> None:
    folder.write_bytes(b"")

    with pytest.raises(OSError, match="pictures"):
        pictures_at(folder).keep(Blob.of(LILY))


@posix
def test_a_link_to_a_file_elsewhere_is_neither_read_nor_taken_for_a_picture(
    pictures: Pictures, folder: Path, tmp_path: Path
) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(LILY)
    pictures.keep(Blob.of(LILY))
    [kept] = files(folder)
    kept.unlink()
    kept.symlink_to(secret)

    assert not pictures.has(SHA256)
    assert not list(pictures.every())
    for look in (pictures.open, pictures.blob):
        with pytest.raises(OSError):  # noqa: PT011 - each system has its own words
            look(SHA256)

    pictures.keep(Blob.of(LILY))  # takes the place of the link
    assert not kept.is_symlink()
    assert secret.read_bytes() == LILY


@posix
def test_a_link_to_another_folder_is_not_followed(folder: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (folder / "pictures").mkdir(parents=True)
    (folder / "pictures" / SHA256[:2]).symlink_to(elsewhere)
    (elsewhere / SHA256).write_bytes(LILY)
    pictures = pictures_at(folder)

    for do in (lambda: pictures.keep(Blob.of(LILY)), lambda: pictures.open(SHA256)):
        with pytest.raises(OSError, match="this is a link"):
            do()
    with pytest.raises(OSError, match="this is a link"):
        pictures.forget(SHA256)
    assert not list(pictures.every())
    assert (elsewhere / SHA256).exists()


@posix
@pytest.mark.parametrize("area", ["parts", "leaving", "thumbnails", "pictures"])
def test_a_sweep_removes_nothing_where_a_link_leads(
    pictures: Pictures, folder: Path, tmp_path: Path, area: str
) -> None:
    theirs = tmp_path / "thesis"
    for path in (theirs / "draft.doc", theirs / SHA256, theirs / SHA256[:2] / SHA256):
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(LILY)
        os.utime(path, (1, 1))  # as old as what killed processes have left
    before = files(theirs)
    folder.mkdir()
    (folder / area).symlink_to(theirs)

    with pytest.raises(OSError, match="this is a link"):
        sweep(pictures, needed=lambda _: ())
    assert files(theirs) == before


def test_bytes_that_have_changed_are_noticed(pictures: Pictures, folder: Path) -> None:
    pictures.keep(Blob.of(LILY))
    [kept] = files(folder)

    kept.write_bytes(LILY[::-1])
    assert not pictures.verify(SHA256)

    kept.write_bytes(LILY[:7])  # a shorter one is not taken for the picture, either
    pictures.keep(Blob.of(LILY))
    assert pictures.verify(SHA256)


def test_strange_files_are_no_pictures(pictures: Pictures, folder: Path) -> None:
    pictures.keep(Blob.of(LILY))
    for area in ("pictures/ab", "incoming"):
        (folder / area).mkdir(exist_ok=True)
        (folder / area / ".DS_Store").touch()

    assert [entry[0] for entry in pictures.every()] == [SHA256]
    assert not list(pictures.announced())


def test_a_folder_that_is_taken_away_is_made_again(pictures: Pictures, folder: Path) -> None:
    pictures.keep(Blob.of(LILY))
    folder.rename(folder.with_name("old"))
    with pytest.raises(Gone):
        pictures.open(SHA256)

    pictures.keep(Blob.of(LILY))
    assert pictures.verify(SHA256)


TOGETHER = """
import sys
from imagekit import Blob
from imagekit_store.pictures import pictures_at
pictures = pictures_at(sys.argv[1])
for number in range(200):
    blob = Blob.of(b"lily %d" % number)
    pictures.announce(f"{sys.argv[2]}.{number}", blob.sha256)
    pictures.keep(blob)
    assert pictures.verify(blob.sha256)
    pictures.withdraw(f"{sys.argv[2]}.{number}", [blob.sha256])
"""


def test_two_processes_keep_the_same_pictures_at_once(pictures: Pictures, folder: Path) -> None:
    running = [
        subprocess.Popen([sys.executable, "-c", TOGETHER, folder, name]) for name in ("a", "b")
    ]
    assert [process.wait() for process in running] == [0, 0]

    assert len(list(pictures.every())) == 200
    assert len(files(folder)) == 200
