"""Bodies on their way out: whole and of the length that was said, or not at all."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import socket
import struct
import zlib
from collections.abc import Iterable
from contextlib import closing

import pytest
from attrs import define, evolve, field

from imagekit import (
    Blob,
    Body,
    Carriage,
    Carried,
    Charged,
    Family,
    Model,
    NotSent,
    Offer,
    OutcomeUnknown,
    Purchase,
    Request,
    Spell,
    hookimpl,
    read_reference,
    spell,
)
from imagekit.errors import JournalError
from imagekit.send.transport import Transport
from imagekit.testing import Answer, Loopback, picture
from imagekit.values.abridged import shortened
from imagekit.values.body import Inline

cuts_files = pytest.mark.skipif(os.name == "nt", reason="an open file can't be cut off there")

SLOW_DOWN = {"error": {"code": "slow_down", "message": "not so fast"}}


class Irises:
    """A plugin: a model that takes references as base64 or as a data URL."""

    @hookimpl
    def imagekit_families(self) -> Iterable[Family]:
        return [Family("iris", "Iris", (Model("iris", "Iris"), Model("iris-raw", "Iris, raw")))]

    @hookimpl
    def imagekit_offers(self) -> Iterable[Offer]:
        raw = Spell("image", how=Carried(Carriage.BASE64))
        spells = {"iris": spell("image"), "iris-raw": (raw,)}
        return [
            Offer(name, name, "openai-images", them, host="garden") for name, them in spells.items()
        ]


@define
class Diary:
    """A journal that keeps what it is told before a call is sent."""

    purchases: list[Purchase] = field(factory=list)

    def sending(self, purchase: Purchase) -> None:
        self.purchases.append(purchase)

    def ended(self, purchase: Purchase, error: Exception) -> None: ...

    def __getattr__(self, name: str) -> object:
        return lambda *_: None


def large_picture(size: int = 300_000) -> bytes:
    """A PNG with a chunk of so many bytes that no decoder looks at."""
    small, chunk = picture(8, 8), b"paDd" + os.urandom(size)
    framed = struct.pack(">I", size) + chunk + struct.pack(">I", zlib.crc32(chunk))
    return small[:-12] + framed + small[-12:]


@pytest.fixture
def transport():
    with closing(Transport()) as made:
        yield made


@pytest.fixture
def shrunk(tmp_path):
    """A picture whose file was cut off after it was looked at."""
    path = tmp_path / "iris.png"
    path.write_bytes(large_picture())
    reference = evolve(read_reference(path), blob=Blob.of_file(path))
    os.truncate(path, 200_000)
    return reference


# --- what arrives -------------------------------------------------------------------------------


def test_a_body_of_pieces_says_its_length_and_arrives_whole(transport):
    body = Body([b'{"image":"', Inline(Blob.of(os.urandom(200_000)), "data:,"), b'"}'])
    with Loopback(Answer(json={})) as server:
        transport.send(Request("POST", server.url, body=body)).stream.close()
    (seen,) = server.seen
    assert seen.body == body.read()
    assert seen.headers["content-length"] == str(body.size)
    assert "transfer-encoding" not in seen.headers


@pytest.mark.parametrize("name", ["Content-Length", "content-length"])
def test_no_other_length_than_its_own_is_said(transport, name):
    with Loopback(Answer(json={})) as server:
        request = Request("POST", server.url, {name: "3"}, b"a lily")
        transport.send(request).stream.close()
    assert (server.seen[0].body, server.seen[0].headers["content-length"]) == (b"a lily", "6")


def test_what_is_sent_again_is_the_same_and_is_what_the_journal_has(garden, drawn, tmp_path):
    paths = [tmp_path / "one.png", tmp_path / "other.png"]
    for path in paths:
        path.write_bytes(large_picture())
    diary = Diary()
    with Loopback(Answer(429, SLOW_DOWN), Answer(json=drawn)) as server:
        client = garden(server.url, Irises(), journal=diary)
        client.generate("two irises", model="garden:iris", image=paths)
    first, second = (seen.body for seen in server.seen)
    links = [base64.b64encode(path.read_bytes()).decode() for path in paths]
    assert json.loads(first)["image"] == [f"data:image/png;base64,{link}" for link in links]
    assert first == second
    assert [one.body for one in diary.purchases] == [hashlib.sha256(first).hexdigest()]


@pytest.mark.parametrize("model", ["iris", "iris-raw"])
def test_provenance_tells_a_large_picture_by_its_own_digest(garden, drawn, model):
    with Loopback(Answer(json=drawn)) as server:
        client = garden(server.url, Irises())
        picture = large_picture()
        result = client.generate("an iris", model=f"garden:{model}", image=picture)
    digest = hashlib.sha256(picture).hexdigest()
    assert f'"({len(picture):,} bytes, sha256 {digest})"' in result.provenance.body


# --- what does not ------------------------------------------------------------------------------


@cuts_files
def test_a_picture_that_was_cut_off_is_not_sent_whole_so_it_is_free(garden, drawn, shrunk):
    with Loopback(Answer(json=drawn)) as server:
        client = garden(server.url, Irises())
        with pytest.raises(NotSent, match=r"not sent whole: .* only 200,000 are there") as told:
            client.generate("an iris", model="garden:iris", image=shrunk)
        server.wait_for_closed()
        assert client.generate("an iris", model="garden:iris", image=large_picture()).images
    assert (told.value.charged, told.value.retryable) == (Charged.NO, False)
    assert server.seen[0].connection != server.seen[-1].connection


@cuts_files
def test_a_picture_that_was_cut_off_can_not_be_written_down(garden, shrunk):
    with Loopback() as server, pytest.raises(JournalError, match="nothing was sent") as told:
        garden(server.url, Irises(), journal=Diary()).generate(
            "an iris", model="garden:iris", image=shrunk
        )
    assert (told.value.charged, server.seen) == (Charged.NO, [])


@cuts_files
def test_a_picture_that_was_cut_off_is_told_without_its_digest(garden, shrunk):
    client = garden("http://127.0.0.1:1", Irises())
    plan = client.plan("an iris", model="garden:iris", image=shrunk)
    assert "bytes that can't be read any more)" in shortened(plan.request)


def test_a_host_that_reads_no_further_is_not_waited_for_without_end(transport):
    """The time limit is for the sending as well, of whose outcome nothing is known then."""
    body = Body([Inline(Blob.of(bytes(40 << 20)), "")])
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        with pytest.raises(OutcomeUnknown, match="no answer came"):
            transport.send(Request("POST", url, body=body, timeout=0.2))
