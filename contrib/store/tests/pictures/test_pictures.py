"""Pictures are kept once, whole, under their digest, and found again."""

from __future__ import annotations

import hashlib
import threading
from pathlib import Path

import pytest

from imagekit import Blob, ConfigurationError
from imagekit.testing import picture
from imagekit_store.pictures import Folder, Gone, Kept, Pictures, pictures_at

PICTURE = picture(3, 2)
SHA256 = hashlib.sha256(PICTURE).hexdigest()


def read(pictures: Pictures, sha256: str) -> bytes:
    with pictures.open(sha256) as file:
        return file.read()


def test_a_picture_is_measured_and_found_under_its_digest(pictures: Pictures) -> None:
    kept = pictures.keep(Blob.of(PICTURE))

    assert kept == Kept(SHA256, "image/png", len(PICTURE), 3, 2)
    assert pictures.has(SHA256)
    assert read(pictures, SHA256) == PICTURE
    assert pictures.blob(SHA256).read() == PICTURE
    assert pictures.verify(SHA256)
    assert [entry[:2] for entry in pictures.every()] == [(SHA256, len(PICTURE))]


def test_bytes_that_are_no_picture_were_paid_for_and_are_kept(pictures: Pictures) -> None:
    kept = pictures.keep(Blob.of(b"<html>"))

    assert (kept.media_type, kept.width, kept.height) == (None, None, None)
    assert read(pictures, kept.sha256) == b"<html>"


def test_what_is_kept_twice_is_written_once(pictures: Pictures) -> None:
    pictures.keep(Blob.of(PICTURE))
    [first] = pictures.every()

    pictures.keep(Blob.of(PICTURE))

    assert list(pictures.every()) == [first]


def test_a_large_picture_comes_back_as_it_was(pictures: Pictures) -> None:
    large = PICTURE + bytes(range(256)) * 50_000  # three pieces of a bucket

    kept = pictures.keep(Blob.of(large))

    with pictures.open(kept.sha256) as file:
        assert file.read(4) == large[:4]
        file.seek(-4, 2)
        assert file.read() == large[-4:]
    assert pictures.blob(kept.sha256).read() == large


def test_many_threads_keep_the_same_picture_at_once(pictures: Pictures) -> None:
    threads = [threading.Thread(target=pictures.keep, args=[Blob.of(PICTURE)]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert pictures.verify(SHA256)
    assert len(list(pictures.every())) == 1


def test_what_was_forgotten_is_gone(pictures: Pictures) -> None:
    pictures.keep(Blob.of(PICTURE))

    assert pictures.forget(SHA256)
    assert not pictures.forget(SHA256)
    assert not pictures.has(SHA256)
    for look in (pictures.open, pictures.verify, lambda sha256: pictures.blob(sha256).read()):
        with pytest.raises(Gone, match=SHA256):
            look(SHA256)


def test_an_announcement_stays_until_it_is_withdrawn(pictures: Pictures) -> None:
    pictures.announce("att_1.0", SHA256)
    pictures.announce("att_1.1", SHA256)

    pictures.withdraw("att_1.0", [SHA256])

    assert list(pictures.announced()) == [("att_1.1", SHA256)]
    assert not pictures.has(SHA256)


@pytest.mark.parametrize("wrong", ["", "../../etc/passwd", SHA256.upper(), SHA256 + "\n", "a" * 63])
def test_a_digest_is_never_a_path(pictures: Pictures, wrong: str) -> None:
    for use in (pictures.has, pictures.open, pictures.blob, pictures.forget, pictures.verify):
        with pytest.raises(ValueError, match="no digest of a picture"):
            use(wrong)
    with pytest.raises(ValueError, match="no digest"):
        pictures.announce("att_1.0", wrong)
    with pytest.raises(ValueError, match="no name for a picture"):
        pictures.announce(f"../{wrong}", SHA256)


def test_a_place_that_can_be_written_passes_its_check(pictures: Pictures) -> None:
    free = pictures.check()

    assert free is None or free > 0
    assert not list(pictures.announced())


def test_a_folder_is_named_by_its_path_or_its_url(tmp_path: Path) -> None:
    spaced = tmp_path / "my pictures"

    for where in (spaced, str(spaced), spaced.as_uri()):
        place = pictures_at(where).place
        assert isinstance(place, Folder)
        assert place.path == spaced
    assert not spaced.exists()


@pytest.mark.parametrize(
    ("where", "why"),
    [
        ("", "the path of the folder is empty"),
        ("ftp://host/pictures", "can't be kept at ftp://: say a folder's path"),
        ("file://other/pictures", "on another machine"),
    ],
)
def test_a_place_that_is_none_is_refused(where: str, why: str) -> None:
    with pytest.raises(ConfigurationError, match=why):
        pictures_at(where)


def test_it_is_told_where_a_picture_is(tmp_path: Path) -> None:
    pictures = Pictures(Folder(tmp_path))
    pictures.keep(Blob.of(PICTURE))

    assert Path(pictures.where(SHA256)).read_bytes() == PICTURE
    pytest.importorskip("obstore")
    assert pictures_at("s3://pond/lilies").where(SHA256) == f"s3://pond/lilies/pictures/{SHA256}"
