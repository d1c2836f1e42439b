"""A job whose making was not confirmed is looked up by the name that its caller gave it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import pytest

from imagekit import (
    Call,
    Charged,
    Client,
    DeadlineExceeded,
    ErrorRow,
    Family,
    Host,
    HostError,
    HostSettings,
    Model,
    NoAuth,
    NoPictures,
    Offer,
    OutcomeUnknown,
    Pending,
    Plugins,
    Refusal,
    RejectedRequest,
    Request,
    Response,
    Result,
    Wire,
    hookimpl,
    spell,
)
from imagekit.settings.conversion import from_plain
from imagekit.testing import Answer, Loopback, picture_base64
from imagekit.values.plain.convert import to_plain
from imagekit.wires.answers import document_of, refuse
from imagekit.wires.openai_answers import result_of


class Named(Wire):
    """``POST /jobs`` with a name, and ``GET /jobs/<name>``."""

    @hookimpl
    def imagekit_shape_request(self, call: Call) -> Request:
        url, name = call.route.url(), call.fields.get("user")
        lookup = Request("GET", f"{url}/{name}", step="poll", repeatable=True) if name else None
        return Request("POST", url, body=json.dumps(call.fields).encode(), lookup=lookup)

    @hookimpl
    def imagekit_decode_response(self, call: Call, response: Response) -> Result | Pending:
        document = document_of(call, response)
        if response.status >= 400:
            raise refuse(call, response, Refusal("no", document.get("code")))
        if document.get("failed"):
            raise NoPictures("it failed", charged=Charged.NO, final=True)
        return result_of(call, response, document)


class Jobs:
    @hookimpl
    def imagekit_families(self) -> Iterable[Family]:
        return [Family("fern", "Fern", (Model("fern", "Fern"),))]

    @hookimpl
    def imagekit_wires(self) -> Iterable[Wire]:
        return [Named("named-jobs", frozenset({"b64_json"}), paths={"generate": "/jobs"})]

    @hookimpl
    def imagekit_hosts(self) -> Iterable[Host]:
        offers = (Offer("fern", "f-1", "named-jobs", spell("prompt user")),)
        errors = (ErrorRow(RejectedRequest, code="too_long", charged=Charged.NO),)
        return [Host("bank", "Bank", "https://bank.invalid", NoAuth(), offers, errors)]


LOST = Answer(cut=0)
UNKNOWN = Answer(404, json={})


def client_of(server: Loopback) -> Client:
    hosts = {"bank": HostSettings(base_url=server.url)}
    return Client(
        plugins=Plugins.of(Jobs()), environment={}, hosts=hosts, sleep=lambda seconds: None
    )


def sent(server: Loopback) -> list[str]:
    return [f"{seen.method} {seen.path}" for seen in server.seen]


@pytest.fixture
def done() -> Answer:
    return Answer(json={"data": [{"b64_json": picture_base64(3, 2)}]})


@pytest.mark.parametrize(
    "lost", [LOST, Answer(502, body=b"<html>"), Answer(body=b'{"da')], ids=["cut", "502", "torn"]
)
def test_a_job_that_is_there_is_the_answer(lost, done):
    with Loopback(lost, done) as server, client_of(server) as client:
        assert client.generate("a fern", model="fern", user="f7").image.pixels == (3, 2)
        assert sent(server) == ["POST /jobs", "GET /jobs/f7"]


def test_without_a_name_nothing_is_looked_up():
    with Loopback(LOST) as server, client_of(server) as client:
        with pytest.raises(OutcomeUnknown):
            client.generate("a fern", model="fern")
        assert sent(server) == ["POST /jobs"]


def test_a_refusal_that_is_certainly_free_is_the_end():
    too_long = Answer(400, json={"code": "too_long"})
    with Loopback(too_long) as server, client_of(server) as client:
        with pytest.raises(RejectedRequest):
            client.generate("a fern", model="fern", user="f7")
        assert sent(server) == ["POST /jobs"]


def test_a_job_that_is_not_there_yet_can_be_looked_up_later_and_elsewhere(done):
    with Loopback(LOST, UNKNOWN, done) as server, client_of(server) as client:
        with pytest.raises(OutcomeUnknown) as caught:
            client.generate("a fern", model="fern", user="f7")
        assert caught.value.charged is Charged.MAYBE
        stored: Any = json.loads(json.dumps(to_plain(caught.value.pending)))
        assert client.resume(from_plain(stored, Pending)).image.pixels == (3, 2)
        assert sent(server) == ["POST /jobs", "GET /jobs/f7", "GET /jobs/f7"]


NO_SUCH = Answer(404, json={"code": "no_such_job"})


@pytest.mark.parametrize("ask", [Client.resume, Client.look])
def test_that_nobody_knows_the_name_proves_nothing(ask):
    """It may be on its way yet, or forgotten since, or another account's."""
    with Loopback(LOST, NO_SUCH, NO_SUCH) as server, client_of(server) as client:
        with pytest.raises(OutcomeUnknown) as lost:
            client.generate("a fern", model="fern", user="f7")
        pending = lost.value.pending
        assert pending is not None
        assert not pending.confirmed
        with pytest.raises(HostError) as caught:
            ask(client, pending)
        assert caught.value.charged is Charged.MAYBE
        assert caught.value.pending is not None


def test_how_the_job_ended_is_how_the_call_ends():
    failed = Answer(json={"failed": True})
    with Loopback(LOST, failed) as server, client_of(server) as client:
        with pytest.raises(NoPictures, match="it failed") as caught:
            client.generate("a fern", model="fern", user="f7")
        assert caught.value.charged is Charged.NO


def test_a_deadline_during_the_silence_leaves_what_looks_it_up(done):
    with Loopback(Answer(delay=30), done) as server, client_of(server) as client:
        with pytest.raises(DeadlineExceeded) as caught:
            client.generate("a fern", model="fern", user="f7", deadline=0.5)
        pending = caught.value.pending
        assert pending is not None
        assert pending.request.url.endswith("/jobs/f7")
