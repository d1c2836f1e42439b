"""A key in the query of every address: it is there when a request leaves, and nowhere else."""

from __future__ import annotations

import json
import logging
import pickle
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from pathlib import Path
from traceback import TracebackException
from typing import Any
from urllib.parse import quote

import pytest

from imagekit import (
    AuthenticationError,
    Call,
    Client,
    Fact,
    Family,
    Host,
    HostSettings,
    ImagekitError,
    Model,
    ModelList,
    Offer,
    OutcomeUnknown,
    Pending,
    Plugins,
    QueryKey,
    Request,
    Response,
    Result,
    UsageError,
    Wire,
    hookimpl,
    spell,
    to_json,
)
from imagekit.basics.urls import with_query, without_query
from imagekit.send.transport import Transport
from imagekit.testing import Answer, Cassette, Loopback
from imagekit.values.plain.convert import to_plain
from imagekit.wires.answers import document_of
from imagekit.wires.openai_answers import refused, result_of, says_error

KEY = "key/of+the=mill"
SENT = "key%2Fof%2Bthe%3Dmill"
FACT = Fact("https://mill.invalid/docs", "2026-11-30")


class Jobs(Wire):
    """``POST /jobs`` answers with a picture, or with the address of a job."""

    @hookimpl
    def imagekit_shape_request(self, call: Call) -> Request:
        url = call.route.url()
        lookup = Request("GET", f"{url}&name=mine", step="poll", repeatable=True)
        return Request("POST", url, body=json.dumps(call.fields).encode(), lookup=lookup)

    @hookimpl
    def imagekit_decode_response(self, call: Call, response: Response) -> Result | Pending:
        said = document_of(call, response)
        if response.status >= 400 or says_error(said):
            raise refused(call, response, said)
        if "status_url" not in said:
            return result_of(call, response, said)
        return Pending(Request("GET", said["status_url"], {}, None, "poll", True), wait=1.0)


MILL = Host(
    "mill",
    "Mill",
    "https://mill.invalid/v1",
    QueryKey(("MILL_API_KEY",), parameter="api key"),
    (Offer("peony-1", "peony", "jobs", spell("model prompt")),),
    models_at=ModelList("/models?limit=2"),
    fact=FACT,
)


class Mill:
    @hookimpl
    def imagekit_wires(self) -> Iterable[Wire]:
        return [Jobs("jobs", frozenset({"b64_json"}), paths={"generate": "/jobs?v=1%2C2"})]

    @hookimpl
    def imagekit_families(self) -> Iterable[Family]:
        return [Family("peony", "Peony", (Model("peony-1", "Peony 1"),))]

    @hookimpl
    def imagekit_hosts(self) -> Iterable[Host]:
        return [MILL]


Make = Callable[..., Client]


@pytest.fixture
def mill() -> Iterator[Make]:
    """``mill(url, *plugins)``: a client of the host, served at ``url``."""
    clients: list[Client] = []

    def make(url: str, *plugins: object, key: str = KEY) -> Client:
        clients.append(
            Client(
                plugins=Plugins.of(Mill(), *plugins),
                environment={"MILL_API_KEY": key},
                hosts={"mill": HostSettings(base_url=url)},
                sleep=lambda seconds: None,
            )
        )
        return clients[-1]

    yield make
    for client in clients:
        client.close()


def hidden(*texts: object) -> None:
    """None of these has the key, however it is written."""
    for text in texts:
        for form in (KEY, SENT, SENT.lower(), "of+the", "of%2Bthe", json.dumps(KEY)[1:-1]):
            assert form not in str(text)


# --- where it goes --------------------------------------------------------------------------------


def test_it_stands_in_the_query_encoded_after_what_is_there_already(mill, drawn, png):
    with Loopback(Answer(json=drawn)) as server:
        result = mill(server.url).generate("a peony", model="peony-1")
        assert server.seen[0].path == f"/jobs?v=1%2C2&api%20key={SENT}"
        assert "authorization" not in server.seen[0].headers
    assert result.image.read() == png


def test_free_questions_are_signed_as_well(mill):
    with Loopback(Answer(json={"data": [{"id": "peony"}]})) as server:
        mill(server.url).models_at("mill")
        assert server.seen[0].path == f"/models?limit=2&api%20key={SENT}"


@pytest.mark.parametrize(
    ("target", "signed"),
    [
        ("/v1", "/v1?key=a%26b"),
        ("/v1?", "/v1?key=a%26b"),
        ("/v1?x=%20+y&z", "/v1?x=%20+y&z&key=a%26b"),
        ("/v1?key=***&x=1", "/v1?x=1&key=a%26b"),
        ("/v1?%6Bey=other&keys=1", "/v1?keys=1&key=a%26b"),
    ],
)
def test_the_rest_of_a_query_stays_as_it_is_written(target, signed):
    assert with_query(target, {"key": "a&b"}) == signed


def test_an_address_without_a_parameter_is_otherwise_as_it_was():
    assert without_query("https://a/b?x=1&%6Bey=***&y#part", {"key"}) == "https://a/b?x=1&y#part"
    assert without_query("https://a/b?key=***", {"key"}) == "https://a/b"


@pytest.mark.parametrize("named", [f"api%20key={SENT}", f"api+key={quote(KEY)}", "api%20key=***"])
def test_a_job_is_kept_without_the_key_and_asked_for_with_it(mill, drawn, png, named):
    """Although its host answers with the address as it was asked, in whatever spelling."""
    with Loopback(
        lambda seen: Answer(json={"status_url": f"{server.url}/t1?{named}&part=7"}),
        Answer(json=drawn),
        Answer(json=drawn),
    ) as server:
        client = mill(server.url)
        job = client.begin("a peony", model="peony-1")
        assert isinstance(job, Pending)
        assert job.request.url == f"{server.url}/t1?part=7"
        hidden(to_json(job), to_plain(job), pickle.dumps(job).decode("latin-1"), job)
        assert client.resume(job).image.read() == png
        assert server.seen[1].path == f"/t1?part=7&api%20key={SENT}"
        again = mill(server.url, key="another").resume(job)
        assert server.seen[2].path == "/t1?part=7&api%20key=another"
    assert again.image.read() == png


def test_a_lookup_has_it_when_it_leaves(mill, drawn, png):
    with Loopback(Answer(cut=0), Answer(json=drawn)) as server:
        assert mill(server.url).generate("a peony", model="peony-1").image.read() == png
        assert server.seen[1].path == f"/jobs?v=1%2C2&name=mine&api%20key={SENT}"


def test_it_goes_to_its_own_host_alone(mill, png):
    with Loopback() as stranger:
        away = Answer(json={"status_url": f"{stranger.url}/t1"})
        with Loopback(away) as home, pytest.raises(UsageError, match="its own host alone") as no:
            mill(home.url).generate("a peony", model="peony-1")
        moved = Answer(307, headers={"Location": f"{stranger.url}/jobs"})
        with Loopback(moved) as home, pytest.raises(ImagekitError):
            mill(home.url).generate("a peony", model="peony-1")
        assert stranger.seen == []
    hidden(no.value, vars(no.value))


def test_a_picture_is_fetched_without_it(mill, png):
    with Loopback(
        lambda seen: Answer(json={"data": [{"url": f"{server.url}/1.png"}]}),
        Answer(body=png),
    ) as server:
        assert mill(server.url).generate("a peony", model="peony-1").image.read() == png
        assert server.seen[1].path == "/1.png"


# --- where it does not show ----------------------------------------------------------------------


class Everything:
    """Whatever a plugin is told of a call, and the request as it leaves."""

    def __init__(self) -> None:
        self.told: list[Any] = []

    @hookimpl
    def imagekit_observers(self) -> list[Callable[[object], None]]:
        return [self.told.append]

    @hookimpl
    def imagekit_transport_wrapper(self, host: Host) -> Callable[[Any], Any]:
        def wrap(send: Callable[[Request], Any]) -> Callable[[Request], Any]:
            def sending(request: Request) -> Any:
                self.told += [repr(request), request.url, request.headers]
                return send(request)

            return sending

        return wrap


def echoing(status: int) -> Callable[[Any], Answer]:
    """A host that says the address that it was asked at, and the key."""

    def answer(seen: Any) -> Answer:
        said = f"no such key: {KEY}, at {seen.path}"
        headers = {"Location": seen.path, "X-Request-Id": KEY}
        return Answer(status, json={"error": {"code": KEY, "message": said}}, headers=headers)

    return answer


@pytest.mark.parametrize("answer", [echoing(401), echoing(302), Answer(500, body=SENT.encode())])
def test_no_refusal_shows_it(mill, caplog, answer):
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, logger="imagekit")
    seen = Everything()
    with Loopback(answer) as server, pytest.raises(ImagekitError) as caught:
        mill(server.url, seen).generate("a peony", model="peony-1")
    assert seen.told
    hidden(caught.value, vars(caught.value), frames(caught.value), caplog.text, seen.told)


@pytest.mark.parametrize("answer", [Answer(cut=0), Answer(delay=600)])
def test_no_broken_connection_shows_it(answer):
    asked = {"api key": KEY}
    with Loopback(answer) as server, closing(Transport(read_timeout=0.3)) as transport:
        with pytest.raises(OutcomeUnknown) as caught:
            transport.send(Request("POST", f"{server.url}/jobs", body=b"{}", signed_query=asked))
        assert server.seen[0].path == f"/jobs?api%20key={SENT}"
    hidden(caught.value, vars(caught.value), frames(caught.value))


def test_neither_plan_nor_result_nor_journal_shows_it(mill, caplog, drawn, monkeypatch, tmp_path):
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, logger="imagekit")
    monkeypatch.setenv("IMAGEKIT_STATE", str(tmp_path))
    drawn["model"] = f"peony by {KEY}"
    written: list[str] = []

    def answer(seen: Any) -> Answer:
        written.append(everything(tmp_path))
        return Answer(json=drawn, headers={"X-Request-Id": seen.path})

    seen = Everything()
    with Loopback(answer) as server:
        client = mill(server.url, seen)
        plan = client.plan("a peony", model="peony-1")
        result = client.generate("a peony", model="peony-1")
        hidden(client.credential_source(MILL), repr(client))
    hidden(plan, to_plain(plan), plan.request and plan.request.url)
    hidden(result, to_plain(result), to_json(result), pickle.dumps(result).decode("latin-1"))
    hidden(result.receipt, result.served_model, result.request_id)
    hidden(caplog.text, seen.told, *written, everything(tmp_path))


def test_no_cassette_has_it_and_it_plays_for_whoever_has_no_key(mill, drawn, tmp_path, png):
    tape = tmp_path / "tape.json"
    with (
        Loopback(
            lambda seen: Answer(json={"status_url": f"{server.url}{seen.path}&key={KEY}"}),
            Answer(json=drawn),
        ) as server,
        Cassette(tape) as cassette,
    ):
        assert mill(server.url, cassette).generate("a peony", model="peony-1").image.read() == png
    hidden(everything(tmp_path))
    with Cassette(tape) as cassette:
        playing = mill(server.url, cassette, key="")
        assert playing.generate("a peony", model="peony-1").image.read() == png


def test_a_host_says_no_to_a_key_in_a_query_as_to_any(mill):
    refused = Answer(401, json={"error": {"message": "no such key"}})
    with Loopback(refused) as server, pytest.raises(AuthenticationError, match="no such key"):
        mill(server.url).generate("a peony", model="peony-1")


def frames(error: BaseException) -> str:
    """As those show an error who log the locals of every frame; but not of this file's."""
    told = TracebackException.from_exception(error, capture_locals=True)
    told.stack[:] = [frame for frame in told.stack if frame.filename != __file__]
    return "".join(told.format())


def everything(folder: Path) -> str:
    return "".join(one.read_bytes().decode("latin-1") for one in folder.rglob("*") if one.is_file())
