"""`imagekit doctor`: what it finds, what mends it, and whom it never gives a key."""

from __future__ import annotations

import json
import os
import sys
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from imagekit import FileJournal, to_plain
from imagekit.cli import exits
from imagekit.cli.app import run
from imagekit.cli.commands import doctor as command
from imagekit.cli.doctor.asked import Asked, clock
from imagekit.settings.trust import Trust
from imagekit.testing import Answer, Loopback

KEY = "sk-of-token360"
LISTED = Answer(
    json={"data": [{"id": "dola-seedream-5.0-lite"}, {"id": "seedream-4-5-251128"}]},
)
HERE = Answer(404, {"error": "nothing is here"})


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))
    return tmp_path


@pytest.fixture
def doctor(capsys):
    """``doctor(*arguments)``: the exit code, and the checks by what they are and of whom."""

    def look(*arguments: str) -> tuple[int, dict[tuple[str, str], list[dict[str, Any]]]]:
        capsys.readouterr()
        code = run(["doctor", "--json", *arguments])
        found: dict[tuple[str, str], list[dict[str, Any]]] = {}
        for check in json.loads(capsys.readouterr().out)["checks"]:
            found.setdefault((check["what"], check["of"]), []).append(check)
        return code, found

    return look


def configured(url: str, more: str = "", *, trusted: bool = True) -> None:
    path = Path("imagekit.toml")
    path.write_text(f'{more}\n[hosts.token360]\nbase_url = "{url}"\n')
    if trusted:
        Trust().note(path, path.read_bytes())


def test_all_is_well_where_nothing_is_wrong(doctor):
    code, found = doctor("--offline")
    assert code == exits.OK
    assert {state for checks in found.values() for state in (checks[0]["state"],)} == {"ok"}
    assert found["configuration", ""][0]["found"] == "there is no configuration file"


def test_it_is_a_table_when_nobody_reads_json(capsys):
    assert run(["doctor", "--offline"]) == exits.OK
    assert capsys.readouterr().out.startswith("CHECK\tOF\tSTATE\tFOUND\tWHAT MENDS IT\njournal\t")


# --- hosts ---------------------------------------------------------------------------------------


def test_a_key_is_tried_by_a_free_call_and_what_it_says_is_compared(doctor, monkeypatch):
    monkeypatch.setenv("TOKEN360_API_KEY", KEY)
    with Loopback(HERE, LISTED) as host:
        configured(host.url)
        code, found = doctor()
        first, second = host.seen
    assert code == exits.OK, found
    assert (first.method, first.path, second.path) == ("GET", "/", "/models")
    assert "authorization" not in first.headers
    assert second.headers["authorization"] == f"Bearer {KEY}"
    assert found["address", "token360"][0]["state"] == "ok"
    assert "list of models came" in found["key", "token360"][0]["found"]
    facts = [check["found"] for check in found["facts", "token360"]]
    assert any("it is there as seedream-4-5-251128" in fact for fact in facts)


def test_a_key_that_is_refused_is_a_failure_with_where_to_get_another(doctor, monkeypatch):
    monkeypatch.setenv("TOKEN360_API_KEY", KEY)
    with Loopback(HERE, Answer(401, {"error": {"message": "no such key"}})) as host:
        configured(host.url)
        code, found = doctor()
    assert code == exits.CONFIGURATION
    (key,) = found["key", "token360"]
    assert key["state"] == "failed"
    assert "imagekit keys set token360" in key["mend"]
    assert KEY not in json.dumps(to_plain([*found.values()]))


def test_a_key_of_the_configuration_is_mended_where_that_looks_for_it(doctor, monkeypatch):
    """`imagekit keys set` would keep one that nobody asks for."""
    monkeypatch.setenv("IMAGEKIT_CONFIG", "mine.toml")
    with Loopback(HERE, Answer(401, {"error": {"message": "no such key"}})) as host:
        Path("mine.toml").write_text(
            f'[hosts.work]\nkind = "token360"\nbase_url = "{host.url}"\n'
            'credential = { env = "OUR_KEY" }\n'
        )
        mend = "hosts.work.credential looks in environment (OUR_KEY): put it there"
        _, found = doctor()
        assert found["key", "work"][0]["mend"] == mend
        monkeypatch.setenv("OUR_KEY", KEY)
        code, found = doctor()
    (key,) = found["key", "work"]
    assert (code, key["state"]) == (exits.CONFIGURATION, "failed")
    assert key["mend"].startswith(mend)


def test_a_host_that_cant_answer_now_says_nothing_of_the_key(doctor, monkeypatch):
    monkeypatch.setenv("TOKEN360_API_KEY", KEY)
    with Loopback(HERE, Answer(503, {"error": {"message": "down"}})) as host:
        configured(host.url)
        code, found = doctor()
    assert (code, found["key", "token360"][0]["state"]) == (exits.OK, "warning")


def test_nobody_there_is_a_failure_and_no_key_goes_out(doctor, monkeypatch):
    monkeypatch.setenv("TOKEN360_API_KEY", KEY)
    with Loopback() as host:
        gone = host.url
    configured(gone)
    code, found = doctor()
    assert code == exits.CONFIGURATION
    assert found["address", "token360"][0]["state"] == "failed"
    assert ("key", "token360") not in found


def test_a_host_without_a_free_call_is_not_tried(doctor, monkeypatch):
    monkeypatch.setenv("ZAI_API_KEY", "sk-of-zai")
    with Loopback(HERE) as host:
        Path("mine.toml").write_text(f'[hosts.zai]\nbase_url = "{host.url}"\n')
        monkeypatch.setenv("IMAGEKIT_CONFIG", "mine.toml")
        _, found = doctor("zai")
        assert len(host.seen) == 1
    assert "no free call" in found["key", "zai"][0]["found"]


def test_a_host_without_a_key_says_how_to_give_one(doctor):
    with Loopback(HERE) as host:
        configured(host.url)
        code, found = doctor()
    (key,) = found["key", "token360"]
    assert (code, key["state"], key["mend"]) == (0, "warning", "export TOKEN360_API_KEY=...")


def test_a_configuration_that_was_only_found_gets_no_key_and_no_request(doctor, monkeypatch):
    monkeypatch.setenv("TOKEN360_API_KEY", KEY)
    with Loopback() as stranger:
        configured(stranger.url, trusted=False)
        _, found = doctor()
        _, named = doctor("token360")
        assert stranger.seen == []
    for checks in (found, named):
        assert "is not trusted" in checks["key", "token360"][0]["found"]
        assert ("address", "token360") not in checks


def test_no_key_goes_over_plain_http(doctor, monkeypatch):
    monkeypatch.setenv("TOKEN360_API_KEY", KEY)
    with Loopback(HERE) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        monkeypatch.setenv("http_proxy", proxy.url)
        configured("http://token360.example")
        _, found = doctor()
        assert [KEY in str(seen.headers) for seen in proxy.seen] == [False]
    assert "through the proxy at 127.0.0.1" in found["address", "token360"][0]["found"]
    assert "plain http" in found["key", "token360"][0]["found"]


def test_a_bug_of_a_plugin_is_told_and_ends_nothing(doctor, monkeypatch):
    with Loopback() as host:
        configured(host.url)
        monkeypatch.setattr(Asked, "checks", lambda one: 1 / 0)
        code, found = doctor()
    assert code == exits.CONFIGURATION
    assert "ZeroDivisionError" in found["address", "token360"][0]["found"]


PLUGIN = """
import time
from imagekit import Check, hookimpl

@hookimpl
def imagekit_checks(config):
    yield Check("lily", "pond", "warning", f"{config.path} says nothing of water", "water it")
    LAST
"""


@pytest.mark.parametrize(
    ("last", "told"),
    [
        ("raise SystemExit('dry')", "SystemExit while it looked: dry"),
        ("yield 'all is well'", "gives a Check, not str"),
        ("yield Check('lily', '', 'fine', '')", "not 'fine'"),
    ],
)
def test_plugins_look_at_what_they_need_and_one_that_fails_is_a_failed_check(
    doctor, here, monkeypatch, last, told
):
    planted(here, monkeypatch, PLUGIN.replace("LAST", last))
    code, found = doctor("--offline")
    (lily,) = found["lily", "pond"]
    assert (lily["found"], lily["mend"]) == ("None says nothing of water", "water it")
    (broken,) = found["plugins", "lily (lily 1.0)"]
    assert (code, broken["state"]) == (exits.CONFIGURATION, "failed")
    assert told in broken["found"]


def test_a_plugin_that_takes_too_long_is_not_waited_for(doctor, here, monkeypatch):
    planted(here, monkeypatch, PLUGIN.replace("LAST", "time.sleep(9)"))
    monkeypatch.setattr(command, "SECONDS", 0.0)
    code, found = doctor("--offline")
    (silent,) = found["plugins", "lily (lily 1.0)"]
    assert (code, silent["state"]) == (exits.OK, "warning")


def test_who_says_nothing_in_time_is_not_waited_for(doctor, monkeypatch):
    monkeypatch.setattr(command, "SECONDS", 0.0)
    with Loopback(HERE) as host:
        configured(host.url)
        code, found = doctor()
    assert (code, found["address", "token360"][0]["state"]) == (0, "warning")


# --- the clock -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ahead", "state"), [(-1000.0, "failed"), (100.0, "warning"), (3.0, "ok"), (None, "ok")]
)
def test_the_clock_is_that_of_the_host_that_agrees_best(ahead, state):
    hosts = [Asked(None, None), Asked(None, None)]  # type: ignore[arg-type]
    hosts[0].ahead, hosts[1].ahead = ahead, ahead and ahead * 9
    assert clock(hosts).state == state


def test_the_date_of_an_answer_is_read(doctor, monkeypatch):
    long_ago = formatdate(1_000_000_000, usegmt=True)
    monkeypatch.setattr(BaseHTTPRequestHandler, "date_time_string", lambda _: long_ago)
    with Loopback(HERE) as host:
        configured(host.url)
        code, found = doctor()
    assert (code, found["clock", ""][0]["state"]) == (exits.CONFIGURATION, "failed")


# --- what is here --------------------------------------------------------------------------------


def test_what_is_wrong_in_a_configuration_is_a_failure(doctor):
    configured("https://t.invalid", 'prefer = ["nowhere"]')
    code, found = doctor("--offline")
    assert code == exits.CONFIGURATION
    assert "prefer[0]" in found["configuration", ""][0]["found"]


def test_defaults_that_are_refused_and_keys_that_are_missing(doctor):
    more = '[models.poster]\nmodel = "token360:seedream-4.5"\ndefaults = { size = "9x9" }\n'
    configured("https://t.invalid", more)
    with Path("imagekit.toml").open("a") as file:
        file.write('credential = { env = "NOT_SET" }\n')
    path = Path("imagekit.toml")
    Trust().note(path, path.read_bytes())
    code, found = doctor("--offline")
    states = [check["state"] for check in found["configuration", "imagekit.toml"]]
    assert (code, {*states}) == (exits.CONFIGURATION, {"failed", "warning"})


def planted(here: Path, monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """A plugin named lily, of this code."""
    monkeypatch.delitem(sys.modules, "lily", raising=False)
    (here / "lily.py").write_text(code)
    about = here / "lily-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: lily\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[imagekit]\nlily = lily\n")
    monkeypatch.syspath_prepend(str(here))


def test_a_plugin_that_is_broken_is_a_failure(doctor, here, monkeypatch):
    planted(here, monkeypatch, "raise RuntimeError('wilted')")
    code, found = doctor("--offline")
    assert code == exits.CONFIGURATION
    assert "wilted" in found["plugins", "lily (lily 1.0)"][0]["found"]


def test_old_prices_are_worth_a_look(doctor, monkeypatch):
    from imagekit.cli.doctor import installed

    monkeypatch.setattr(installed, "OLD", -1)
    _, found = doctor("--offline", "gemini")
    (prices,) = found["prices", "gemini"]
    assert (prices["state"], "imagekit prices --host gemini" in prices["mend"]) == ("warning", True)


@pytest.mark.skipif(os.name != "posix", reason="a file for a directory")
def test_a_journal_that_cant_be_written_is_a_failure(doctor, here, monkeypatch):
    (here / "state").write_text("a file")
    monkeypatch.setenv("IMAGEKIT_STATE", str(here / "state"))
    code, found = doctor("--offline")
    assert code == exits.CONFIGURATION
    assert found["journal", str(here / "state")][0]["state"] == "failed"


def test_calls_that_are_open_are_told(doctor, here, monkeypatch):
    from imagekit import Purchase

    monkeypatch.setenv("IMAGEKIT_STATE", str(here / "state"))
    with FileJournal(here / "state") as journal:
        journal.sending(Purchase("a-1", "garden", "lily-1"))
    _, found = doctor("--offline")
    (journal_check,) = found["journal", str(here / "state")]
    assert "imagekit resume" in journal_check["mend"]


def test_a_log_that_cant_be_written_is_a_warning(doctor, here):
    assert doctor("--offline", "--json")[0] == 0
    configured("https://t.invalid", 'log = "missing/calls.jsonl"')
    _, found = doctor("--offline")
    (log,) = found["log", "missing/calls.jsonl"]
    assert log["state"] == "warning"
    configured("https://t.invalid", 'log = "calls.jsonl"')
    assert doctor("--offline")[1]["log", "calls.jsonl"][0]["state"] == "ok"
