"""Bytes in memory or on disk: to whoever reads them there is no difference."""

from __future__ import annotations

import gc
import hashlib
import io
import pickle
import random
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings, strategies as st

from imagekit import Blob
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
    assert repr(Blob.of(b"x" * 2_000)) == "<Blob 2,000 bytes sha256:5c0e0ea42157>"


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
