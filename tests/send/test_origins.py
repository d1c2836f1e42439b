"""A key goes to its own host alone, whatever an answer says; and not in clear without a word."""

from __future__ import annotations

import json
from collections.abc import Iterable

import pytest
from attrs import evolve

from imagekit import (
    Bearer,
    Call,
    Client,
    Family,
    Host,
    HostSettings,
    Model,
    Offer,
    Pending,
    Plugins,
    Request,
    Response,
    Result,
    UsageError,
    Wire,
    hookimpl,
    spell,
)
from imagekit.basics.urls import in_clear
from imagekit.cli import exits
from imagekit.cli.app import run
from imagekit.settings.trust import Trust
from imagekit.testing import Answer, Loopback
from imagekit.wires.openai_answers import result_of


class Queue(Wire):
    """Its jobs are asked for where the answer says, as at many hosts with queues."""

    @hookimpl
    def imagekit_shape_request(self, call: Call) -> Request:
        return Request("POST", call.route.url(), body=json.dumps(call.fields).encode())

    @hookimpl
    def imagekit_decode_response(self, call: Call, response: Response) -> Result | Pending:
        said = response.document
        if "status_url" not in said:
            return result_of(call, response, said)
        poll = Request("GET", said["status_url"], {}, None, "poll", True)
        return Pending(poll, wait=1.0, task="t1", charged="yes")


class Line:
    """A plugin of one host that queues."""

    def __init__(self, base_url: str, *origins: str) -> None:
        offer = Offer("peony-1", "peony", "queue", spell("model prompt"))
        self.host = Host(
            "line", "Line", base_url, Bearer(("LINE_API_KEY",)), (offer,), origins=origins
        )

    @hookimpl
    def imagekit_wires(self) -> Iterable[Wire]:
        return [Queue("queue", frozenset({"b64_json"}), paths={"generate": "/jobs"})]

    @hookimpl
    def imagekit_families(self) -> Iterable[Family]:
        return [Family("peony", "Peony", (Model("peony-1", "Peony 1"),))]

    @hookimpl
    def imagekit_hosts(self) -> Iterable[Host]:
        return [self.host]


def client(line: Line, **settings: object) -> Client:
    own = HostSettings(**{"headers": {"X-Gate": "gate-secret"}, **settings})
    return Client(
        plugins=Plugins.of(line),
        environment={"LINE_API_KEY": "key-of-the-line"},
        hosts={"line": own},
        sleep=lambda seconds: None,
    )


@pytest.mark.parametrize(
    "foreign",
    [
        "{stranger}/t1",
        "{home}@{stranger_authority}/t1",
        "{stranger}\\@{home_authority}/t1",
        "{stranger}?@{home_authority}/t1",
        "{home}.attacker.invalid/t1",
        "ftp://{home_authority}/t1",
        "//{home_authority}/t1",
        "/t1",
        "",
    ],
)
def test_nothing_is_sent_to_where_an_answer_points_and_the_job_is_kept(foreign, drawn):
    submitted: list[Answer] = []
    with (
        Loopback(Answer(json=drawn)) as stranger,
        Loopback(lambda seen: submitted[0]) as home,
    ):
        url = foreign.format(
            home=home.url,
            stranger=stranger.url,
            home_authority=home.url.partition("//")[2],
            stranger_authority=stranger.url.partition("//")[2],
        )
        submitted.append(Answer(json={"status_url": url}))
        with (
            client(Line(home.url)) as caller,
            pytest.raises(UsageError, match="a key goes to its own host alone") as caught,
        ):
            caller.generate("a peony", model="peony-1")
        assert stranger.seen == []
        assert len(home.seen) == 1
    assert caught.value.pending.request.url == url
    assert caught.value.charged == "yes"


def test_a_plugin_may_name_further_addresses_of_its_host(drawn, png):
    with Loopback(Answer(json=drawn)) as queue:
        submitted = Answer(json={"status_url": f"{queue.url}/t1"})
        with Loopback(submitted) as home, client(Line(home.url, queue.url)) as caller:
            assert caller.generate("a peony", model="peony-1").image.read() == png
    assert queue.seen[0].headers["authorization"] == "Bearer key-of-the-line"


def test_a_host_that_its_user_has_moved_is_at_that_address_alone(drawn):
    """A gateway's key is not the vendor's."""
    with Loopback(Answer(json=drawn)) as queue:
        submitted = Answer(json={"status_url": f"{queue.url}/t1"})
        with Loopback(submitted) as home:
            moved = client(Line("https://line.invalid", queue.url), base_url=home.url)
            with moved as caller, pytest.raises(UsageError, match="its own host alone"):
                caller.generate("a peony", model="peony-1")
        assert queue.seen == []


def test_a_job_at_a_further_address_can_be_resumed(drawn, png):
    with Loopback(Answer(json=drawn)) as queue:
        look = Request("GET", f"{queue.url}/t1", {}, None, "poll", True)
        job = Pending(look, wait=0.0, model="peony-1", host="line", given={"prompt": "a peony"})
        with client(Line("https://line.invalid", queue.url)) as caller:
            assert caller.resume(job).image.read() == png
            elsewhere = evolve(job, request=evolve(look, url="https://attacker.invalid/t1"))
            with pytest.raises(UsageError, match="its own host alone"):
                caller.resume(elsewhere)


# --- in clear ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "clear"),
    [
        ("http://api.example.com/v1", True),
        ("HTTP://10.0.0.7", True),
        ("https://api.example.com", False),
        ("http://127.0.0.1:8080", False),
        ("http://localhost:8080", False),
        ("http://[::1]:8080", False),
    ],
)
def test_what_is_sent_in_clear(url, clear):
    assert in_clear(url) is clear


def test_a_key_over_plain_http_is_told_once(caplog, monkeypatch, drawn):
    """At whatever address: here this machine's own, taken for another."""
    monkeypatch.setattr("imagekit.send.connections.in_clear", lambda url: url.startswith("http:"))
    with Loopback(Answer(json=drawn), Answer(json=drawn)) as home, client(Line(home.url)) as caller:
        caller.generate("a peony", model="peony-1")
        caller.generate("a peony", model="peony-1")
    (warning,) = [one for one in caplog.records if one.levelname == "WARNING"]
    assert f"the key of line goes to {home.url} over plain http" in warning.getMessage()


def test_the_command_line_says_so_as_well(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("POWERTOKENS_API_KEY", "key-of-mine")
    mine = tmp_path / "imagekit.toml"
    mine.write_text('hosts.powertokens.base_url = "http://api.powertokens.example"')
    Trust().note(mine, mine.read_bytes())
    assert run(["config", "check"]) == exits.OK
    assert "hosts.powertokens.base_url: its key would go over plain http" in capsys.readouterr().err
    assert run(["hosts", "powertokens"]) == exits.OK
    assert "in clear, over plain http" in capsys.readouterr().out
