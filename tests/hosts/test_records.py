"""Token360's records: listed, fetched once more and deleted, at the sandbox's upstream."""

from __future__ import annotations

import json

import pytest
from imagekit_sandbox.serving.configuration import KEY

from imagekit import (
    Config,
    HostSettings,
    ModelUnavailable,
    NoPictures,
    UnreadableAnswer,
    UsageError,
)
from imagekit.cli import exits
from imagekit.cli.app import run
from imagekit.testing import Answer, Loopback

MODEL = "token360:seedream-4.5"


@pytest.fixture
def made(client, upstreams):
    """A client that has made three pictures."""
    mine = client(upstreams)
    for prompt in ("a heron", "a stork", "a crane"):
        mine.generate(prompt, model=MODEL, size="2048x2048")
    return mine


def test_what_was_made_is_on_record(made, upstreams):
    records = made.records("token360")
    page = records.list(limit=2)
    assert [record.prompt for record in page] == ["a crane", "a stork"]
    assert (page.more, page.last) == (True, page.records[-1].id)
    assert {record.status for record in page} == {"completed"}
    assert [one.prompt for one in records.list(after=page.last)] == ["a heron"]
    assert [one.prompt for one in records.list(order="asc", limit=1)] == ["a heron"]
    assert [one.prompt for one in records] == ["a crane", "a stork", "a heron"]
    assert len(upstreams.ledger.entries) == 3  # nothing of this was bought


def test_a_picture_is_fetched_once_more(made):
    records = made.records("token360")
    (first, *_) = records
    image = records.content(first.id)
    assert image.pixels == (2048, 2048)
    assert image.host == "token360"


def test_a_record_is_deleted(made):
    records = made.records("token360")
    (first, *others) = records
    records.delete(first.id)
    assert [one.id for one in records] == [one.id for one in others]
    with pytest.raises(ModelUnavailable, match="does not exist"):
        records.delete(first.id)
    with pytest.raises(ModelUnavailable):
        records.content(first.id)


@pytest.fixture
def asked(client):
    """``asked(*answers)``: the records at a server with a script, and its requests."""
    servers = []

    def make(*answers):
        server = Loopback(*answers).__enter__()
        servers.append(server)
        hosts = {"token360": HostSettings(base_url=server.url)}
        mine = client(Config(), hosts=hosts, credentials={"token360": "mine"})
        return mine.records("token360"), server.seen

    yield make
    for server in servers:
        server.__exit__(None, None, None)


def test_every_request_byte_for_byte(asked):
    empty = {"object": "list", "data": [], "has_more": False, "first_id": None, "last_id": None}
    link = {"url": "https://pictures.example/a.png", "image_id": "a/b", "expires_in": 3600}
    gone = {"id": "a/b", "object": "image", "deleted": True}
    records, requests = asked(Answer(json=empty), Answer(json=link), Answer(json=gone))
    assert len(records.list(limit=5, after="img_1", order="asc")) == 0
    assert records.content("a/b").url == "https://pictures.example/a.png"
    records.delete("a/b")
    assert [(one.method, one.path, one.body) for one in requests] == [
        ("GET", "/images?limit=5&after=img_1&order=asc", b""),
        ("GET", "/images/a%2Fb/content?format=url", b""),
        ("DELETE", "/images/a%2Fb", b""),
    ]
    assert {one.headers["authorization"] for one in requests} == {"Bearer mine"}


def test_a_picture_that_is_not_ready_is_told_in_words(asked):
    message = "Image is not ready yet. Current status: failed"
    answer = Answer(400, json={"error": {"message": message, "type": "invalid_request_error"}})
    records, _ = asked(answer)
    with pytest.raises(NoPictures, match="a request that failed never has a picture") as error:
        records.content("img_1")
    assert (error.value.charged, error.value.vendor_message) == ("no", message)


def test_a_redirect_has_the_link_as_well(asked):
    records, _ = asked(Answer(302, headers={"Location": "https://pictures.example/a.png"}))
    assert records.content("img_1").url == "https://pictures.example/a.png"


def test_what_is_no_answer_is_said(asked):
    records, _ = asked(Answer(json={"data": None}), Answer(json={}), Answer(json={"id": "x"}))
    with pytest.raises(UnreadableAnswer, match="no list of records"):
        records.list()
    with pytest.raises(UnreadableAnswer, match="no link to the picture"):
        records.content("x")
    with pytest.raises(UnreadableAnswer, match="no word that it is deleted"):
        records.delete("x")


def test_a_host_that_repeats_itself_is_not_asked_for_ever(asked):
    page = {"data": [{"id": "img_1"}], "has_more": True, "last_id": "img_1"}
    records, requests = asked(*[Answer(json=page)] * 9)
    assert [one.id for one in records] == ["img_1", "img_1"]
    assert len(requests) == 2


def test_a_host_that_has_always_more_of_nothing_is_not_asked_for_ever(asked):
    pages = [{"data": [], "has_more": True, "last_id": f"img_{number}"} for number in range(9)]
    records, requests = asked(*[Answer(json=page) for page in pages])
    assert list(records) == []
    assert len(requests) == 1


def test_odd_records_are_read_as_far_as_they_go(asked):
    data = [
        {"id": "img_1", "error": {"message": "refused"}, "created_at": "soon"},
        None,
        {"id": ""},
        {"id": "img_2", "created_at": 1_795_867_200_000},
        {"id": "img_3", "created_at": 10**30},
    ]
    records, _ = asked(Answer(json={"data": data}))
    page = records.list()
    assert [record.id for record in page] == ["img_1", "img_2", "img_3"]
    assert [record.created_at for record in page] == [None] * 3
    assert page.records[0].error == "refused"


def test_hosts_without_records_say_so(client):
    mine = client(Config())
    with pytest.raises(
        UsageError, match="zai keeps no records that can be read here; token360 does"
    ):
        mine.records("zai")
    with pytest.raises(UsageError, match="limit: 101 is not from 1 to 100"):
        mine.records("token360").list(limit=101)


# --- the command ------------------------------------------------------------------------------


@pytest.fixture
def shell(made, upstreams, tmp_path, monkeypatch, capsys):
    """``shell("list", ...)``: ``imagekit records``, where three pictures were made."""
    settings = upstreams.configuration().hosts["token360"]
    path = tmp_path / "mine.toml"
    path.write_text(f'[hosts.token360]\nbase_url = "{settings.base_url}"\n')
    monkeypatch.setenv("TOKEN360_API_KEY", KEY.read_text().strip())
    monkeypatch.chdir(tmp_path)

    def make(*arguments):
        code = run(["--config", str(path), "records", *arguments])
        return code, capsys.readouterr()

    return make


def test_records_are_listed_saved_and_deleted(shell, tmp_path):
    code, said = shell("list", "--json", "--limit", "2")
    found = json.loads(said.out)
    assert (code, [one["prompt"] for one in found["records"]]) == (0, ["a crane", "a stork"])
    id = found["records"][0]["id"]
    code, said = shell("list", "--limit", "1")
    assert said.out.splitlines()[1].startswith(f"{id}\t20")
    assert said.err == f"there are more: --after {id}\n"
    assert shell("save", id)[0] == 0
    assert (tmp_path / f"{id}.jpg").exists() or (tmp_path / f"{id}.png").exists()
    code, said = shell("save", id, "-o", "heron.png", "--json")
    assert (code, json.loads(said.out)["path"]) == (0, "heron.png")
    code, said = shell("save", id, "-o", "heron.png")
    assert (code, "--force" in said.err) == (exits.USAGE, True)
    assert shell("delete", id)[1].out == f"deleted {id}\n"
    code, said = shell("delete", id)
    assert (code, "does not exist" in said.err) == (exits.REFUSED, True)
    assert id not in shell("list")[1].out
