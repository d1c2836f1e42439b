"""Bytes in memory or on disk: to whoever reads them there is no difference."""

from __future__ import annotations

import gc
import hashlib
import io
import os
import pickle
import random
import re
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st

from imagekit import Blob, Image
from imagekit.basics.blob import SPOOL_AT, BlobWriter

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

DATA = random.Random(7).randbytes(300_000)


def written(data: bytes, spool_at: int, piece: int = 70_001) -> Blob:
    writer = BlobWriter(spool_at)
    for at in range(0, len(data), piece):
        writer.write(data[at : at + piece])
    return writer.finish()


@pytest.fixture(params=[SPOOL_AT, 100_000, 0], ids=["in memory", "spooled half-way", "spooled"])
def blob(request: pytest.FixtureRequest) -> Blob:
    """The same bytes, wherever they are kept."""
    return written(DATA, request.param)


def test_the_fixture_is_kept_where_it_says() -> None:
    """Otherwise the tests below would say less than they seem to."""
    assert isinstance(written(DATA, SPOOL_AT)._file, io.BytesIO)
    assert not isinstance(written(DATA, 100_000)._file, io.BytesIO)


def test_what_was_written_is_read(blob: Blob) -> None:
    assert blob.read() == DATA
    assert b"".join(blob.chunks()) == DATA
    assert blob.open().read() == DATA


@pytest.fixture
def no_room(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No temporary file can be made, and half of these bytes may stay in memory."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "gone"))
    monkeypatch.setattr("imagekit.basics.blob.MOST_IN_MEMORY", len(DATA) // 2)


def test_where_no_temporary_file_can_be_made_bytes_stay_in_memory(no_room: None) -> None:
    assert written(DATA[:150_000], 100_000).read() == DATA[:150_000]


def test_what_finds_no_room_anywhere_is_an_error_and_the_rest_is_kept(no_room: None) -> None:
    writer = BlobWriter(100_000)
    writer.write(DATA[:140_000])
    with pytest.raises(OSError, match="No such file"):
        writer.write(DATA[140_000:])
    assert writer.finish().read() == DATA[:140_000]


@pytest.mark.skipif(sys.platform == "win32", reason="no limits on file sizes there")
@pytest.mark.parametrize("room", [50_000, 150_000], ids=["at the first", "later"])
def test_bytes_come_back_to_memory_when_the_disk_is_full(room: int) -> None:
    import resource

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, before[1]))
    try:
        blob = written(DATA, 100_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert blob.read() == DATA


def test_size_and_digest_are_those_of_the_bytes(blob: Blob) -> None:
    assert blob.size == len(blob) == len(DATA)
    assert blob.sha256 == hashlib.sha256(DATA).hexdigest()


def test_chunks_are_no_larger_than_asked(blob: Blob) -> None:
    sizes = [len(chunk) for chunk in blob.chunks(99_999)]
    assert sizes == [99_999, 99_999, 99_999, 3]


def test_every_reader_has_its_own_place(blob: Blob) -> None:
    one, other = blob.open(), blob.open()
    assert one.read(10) == DATA[:10]
    assert other.read(5) == DATA[:5]
    one.seek(-4, io.SEEK_END)
    assert other.read(5) == DATA[5:10]
    assert one.read() == DATA[-4:]


def test_nothing_is_hashed_before_the_digest_is_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(hashlib, "sha256", None)
    blob = written(DATA, 0)
    repr(blob), blob.read(), pickle.dumps(blob)
    with pytest.raises(TypeError):
        _ = blob.sha256


def test_many_threads_read_at_once(blob: Blob) -> None:
    """Each through its own reader, in odd pieces, from its own place."""

    def read(offset: int) -> bytes:
        file = blob.open()
        file.seek(offset)
        return b"".join(iter(lambda: file.read(4_099), b""))

    offsets = [at * 7_919 for at in range(24)]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(read, offsets)) == [DATA[offset:] for offset in offsets]


def test_a_blob_can_be_pickled(blob: Blob) -> None:
    """Results travel to other processes with their pictures."""
    copy = pickle.loads(pickle.dumps(blob))
    assert (copy.read(), copy.size, copy.sha256) == (DATA, blob.size, blob.sha256)


def test_a_reader_outlives_the_name_of_its_blob() -> None:
    file = written(DATA, 0).open()
    gc.collect()
    assert file.read() == DATA


def test_the_repr_shows_the_size_and_not_the_bytes() -> None:
    assert repr(Blob.of(b"x" * 2_000)) == "<Blob 2,000 bytes>"


def test_an_empty_blob() -> None:
    blob = Blob.of(b"")
    assert (blob.read(), list(blob.chunks()), blob.open().read(), len(blob)) == (b"", [], b"", 0)


def test_spooling_begins_past_the_limit_and_not_at_it() -> None:
    assert isinstance(written(b"1234", 4)._file, io.BytesIO)
    assert not isinstance(written(b"12345", 4)._file, io.BytesIO)


@pytest.mark.filterwarnings("error")
def test_spooled_bytes_give_their_file_back() -> None:
    """Without a warning: nobody is asked to close a picture."""
    blob = written(DATA, 0)
    file = blob._file
    del blob
    gc.collect()
    assert file.closed


@pytest.mark.parametrize("spool_at", [0, SPOOL_AT])
def test_what_is_discarded_is_closed(spool_at: int) -> None:
    writer = BlobWriter(spool_at)
    writer.write(b"half a pict")
    writer.discard()
    assert writer._file.closed


pieces = st.lists(st.binary(max_size=12), max_size=6)
moves = st.lists(
    st.tuples(
        st.sampled_from([io.SEEK_SET, io.SEEK_CUR, io.SEEK_END]),
        st.integers(-30, 90),
        st.integers(0, 20),
    ),
    max_size=6,
)


@given(pieces, st.sampled_from([0, 1, 8, 99]), moves)
def test_it_reads_like_any_other_binary_file(
    parts: list[bytes], spool_at: int, steps: list[tuple[int, int, int]]
) -> None:
    """Whatever is sought and read, as from a `io.BytesIO` of the same bytes."""
    writer = BlobWriter(spool_at)
    for part in parts:
        writer.write(part)
    file, model = writer.finish().open(), io.BytesIO(b"".join(parts))
    for whence, offset, amount in steps:
        if whence == io.SEEK_SET:
            offset = abs(offset)
        assert file.seek(offset, whence) == model.seek(offset, whence)
        assert file.read(amount) == model.read(amount)


# --- over what is kept already ----------------------------------------------------------------


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    path = tmp_path / "picture.png"
    path.write_bytes(DATA)
    return path


def test_a_file_is_read_where_it_is(kept: Path, tmp_path: Path) -> None:
    blob = Blob.of_file(kept)
    assert (blob.size, blob.sha256) == (len(DATA), hashlib.sha256(DATA).hexdigest())
    assert blob.read() == blob.open().read() == b"".join(blob.chunks()) == DATA
    with (tmp_path / "copy").open("wb") as target:
        blob.copy_to(target)
    assert (tmp_path / "copy").read_bytes() == DATA
    assert pickle.loads(pickle.dumps(blob)).read() == DATA


def test_a_digest_that_is_known_is_not_computed(kept: Path) -> None:
    assert Blob.of_file(kept, sha256="as it is named").sha256 == "as it is named"


@pytest.mark.skipif(os.name == "nt", reason="an open file keeps its name there")
def test_a_file_may_lose_its_name(kept: Path) -> None:
    blob = Blob.of_file(str(kept))
    kept.unlink()
    assert blob.read() == DATA


@pytest.mark.filterwarnings("error")
def test_a_file_is_given_back(kept: Path) -> None:
    blob = Blob.of_file(kept)
    file = blob._file
    del blob
    gc.collect()
    assert file.closed


@pytest.mark.filterwarnings("error")
def test_what_is_no_file_is_refused_at_once(tmp_path: Path) -> None:
    """A pipe would have it wait for whoever writes."""
    for path in (tmp_path, tmp_path / "nothing"):
        with pytest.raises(OSError, match=re.escape(path.name)):
            Blob.of_file(path)
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe")
        with pytest.raises(OSError, match=r"no regular file.*pipe"):
            Blob.of_file(tmp_path / "pipe")


@pytest.mark.skipif(os.name == "nt", reason="an open file can't be cut off there")
def test_a_file_that_was_cut_off_is_not_copied_for_whole(kept: Path, tmp_path: Path) -> None:
    blob = Blob.of_file(kept)
    os.truncate(kept, 1_000)
    with (tmp_path / "copy").open("wb") as target, pytest.raises(OSError, match="only 1,000 are"):
        blob.copy_to(target)


@pytest.mark.skipif(os.name == "nt", reason="an open file can't be cut off there")
def test_a_file_that_was_cut_off_is_not_read_for_whole(kept: Path) -> None:
    blob = Blob.of_file(kept)
    os.truncate(kept, 1_000)
    with pytest.raises(OSError, match="only 1,000 are"):
        list(blob.chunks())


def test_of_a_file_that_has_grown_no_more_is_read_than_its_size(kept: Path) -> None:
    """What is sent after a body would be the next request on its connection."""
    blob = Blob.of_file(kept)
    with kept.open("ab") as file:
        file.write(b"POST / HTTP/1.1")
    assert b"".join(blob.chunks()) == DATA


def test_an_object_is_brought_when_it_is_first_read(kept: Path, tmp_path: Path) -> None:
    brought = []

    def get() -> Blob:
        brought.append(Blob.of_file(kept))
        return brought[-1]

    blob = Blob.of_object(get, len(DATA), hashlib.sha256(DATA).hexdigest())
    image = Image(0, blob=blob)
    assert (image.blob.size, len(image.blob.sha256), image.is_here) == (len(DATA), 64, True)
    assert not brought
    assert image.read() == image.open().read() == DATA
    image.save(tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == DATA
    assert pickle.loads(pickle.dumps(image)).read() == DATA
    assert len(brought) == 1


def test_an_object_that_is_gone_or_another_is_an_error() -> None:
    def gone() -> Blob:
        raise FileNotFoundError("no such object")

    with pytest.raises(FileNotFoundError, match="no such object"):
        Blob.of_object(gone, 7, "0" * 64).read()
    other = Blob.of_object(lambda: Blob.of(b"another"), 7, "0" * 64)
    with pytest.raises(
        OSError, match=r"instead of 7 bytes, sha256 0000.* is 7 bytes, sha256 ae448"
    ):
        other.read()


@pytest.mark.parametrize("pieces", [3, SPOOL_AT // 9])
def test_pieces_that_break_off_leave_no_file_open(pieces: int) -> None:
    """An open file would warn, and warnings fail."""

    def broken() -> Iterator[bytes]:
        for _ in range(pieces):
            yield b"ab" * 9
        raise ConnectionError("broke off")

    assert Blob.of_pieces([b"ab", b"c"]).read() == b"abc"
    with pytest.raises(ConnectionError):
        Blob.of_pieces(broken())


@pytest.mark.parametrize("spool_at", [SPOOL_AT, 0], ids=["memory", "file"])
def test_a_blob_in_a_circle_is_collected_without_a_warning(spool_at: int) -> None:
    writer = BlobWriter(spool_at)
    writer.write(DATA)
    circle: list[object] = [writer.finish()]
    circle.append(circle)
    del writer, circle
    gc.collect()  # pytest makes an error of a file that nobody closed
