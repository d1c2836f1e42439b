"""`imagekit gateway`: served on a machine where nothing is set up, checked, and keys for it."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import urllib3
from attrs import define

from imagekit.cli import exits
from imagekit.cli.app import run

pytestmark = pytest.mark.slow

#: Wherever there is room: another gateway may run on this machine.
SERVE = ("gateway", "serve", "--listen", "127.0.0.1:0")


@pytest.fixture
def fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user who has neither a key nor a configuration, in an empty directory."""
    for name in [*os.environ]:
        if name.endswith("_API_KEY") or name.startswith(("IMAGEKIT_", "XDG_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def told(fresh: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Any]:
    """Runs a command: what it prints, as JSON where that was asked for."""

    def command(*words: str, code: int = 0) -> Any:
        capsys.readouterr()
        assert run(list(words)) == code, capsys.readouterr().err
        shown = capsys.readouterr()
        return json.loads(shown.out) if "--json" in words else shown.out + shown.err

    return command


def refused(told: Callable[..., Any], *words: str, code: int = exits.CONFIGURATION) -> str:
    """The sentence that a command ends with."""
    shown: str = told(*words, code=code)
    assert "Traceback" not in shown
    return shown


# --- serve ---------------------------------------------------------------------------------------


@define(eq=False)
class Program:
    """`imagekit gateway serve`, as a process of its own."""

    process: subprocess.Popen[str]
    url: str
    first: str

    def ask(self, method: str, path: str, body: Any = None, key: str = "") -> Any:
        headers = {"Authorization": f"Bearer {key}"}
        with urllib3.PoolManager(retries=False) as pool:
            return pool.request(method, self.url + path, json=body, headers=headers)

    def end(self, by: signal.Signals, group: bool = False) -> tuple[int, str, str]:
        """Its exit code, and what it has said besides, on stdout and on stderr."""
        (os.killpg if group else os.kill)(self.process.pid, by)
        code = self.process.wait(timeout=60)
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        return code, self.process.stdout.read(), self.process.stderr.read()


@pytest.fixture
def start(fresh: Path) -> Iterator[Callable[..., Program]]:
    """Starts a gateway on a port that is free, and waits until it answers."""
    started: list[subprocess.Popen[str]] = []

    def program(*words: str) -> Program:
        command = [sys.executable, "-m", "imagekit.cli", "gateway", "serve", *words]
        process = subprocess.Popen(
            [*command, "--listen", "127.0.0.1:0"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        started.append(process)
        assert process.stdout is not None
        first = process.stdout.readline()
        url = json.loads(first)["url"] if "--json" in words else first.split()[-1]
        running = Program(process, url, first)
        while process.poll() is None:
            try:
                if running.ask("GET", "/readyz").status == 200:
                    break
            except urllib3.exceptions.HTTPError:
                time.sleep(0.05)
        return running

    yield program
    for process in started:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def test_a_fresh_machine_is_told_a_key_once_and_served(start, fresh):
    program = start("--json")
    first = json.loads(program.first)
    assert first["page"] == f"{first['url']}/"  # a browser would keep a key in it
    assert first["hosts"] == ["sandbox"]  # nobody has set up one of those that need no key
    made = program.ask(
        "POST", "/v1/images/generations", {"prompt": "a corgi"}, key=first["key"]
    ).json()
    assert made["metadata"]["host"] == "sandbox"
    assert program.ask("GET", "/metrics", key=first["key"]).status == 200  # it may see all
    code, _, log = program.end(signal.SIGTERM)
    assert code == 0
    assert "Traceback" not in log
    assert first["key"] not in log
    (database,) = fresh.parent.rglob("store.db")
    assert stat.S_IMODE(database.stat().st_mode) == 0o600
    assert [*fresh.iterdir()] == []  # nothing is left where it was started

    second = start("--json")
    again = json.loads(second.first)
    assert (again["key"], again["page"]) == (None, f"{again['url']}/")
    assert second.ask("GET", "/v1/images", key=first["key"]).json()["data"] != []
    assert second.end(signal.SIGINT, group=True)[0] == 0  # as Ctrl-C in a terminal does


def test_a_person_is_told_where_it_is_and_a_closed_terminal_ends_it(start):
    program = start("--quiet")
    assert program.first == f"serving on {program.url}\n"
    code, shown, notes = program.end(signal.SIGHUP, group=True)
    assert code == 0
    assert f"  base URL  {program.url}/v1\n" in shown
    assert f"  page      {program.url}/\n" in shown
    assert "\n  key       ik-" in shown
    assert notes == (
        "the key is shown this once; more: imagekit gateway key add NAME\n"
        "Ctrl-C ends it, once what is under way has been answered\n"
    )


def test_no_key_is_made_where_what_is_said_goes_into_a_log(start, told):
    program = start("--json", "--no-key")
    assert json.loads(program.first)["key"] is None
    assert program.ask("GET", "/v1/images").status == 401
    _, out, log = program.end(signal.SIGTERM)
    assert "ik-" not in program.first + out + log
    assert "there is no key, so nobody may ask: imagekit gateway key add NAME" in log
    assert told("gateway", "key", "list", "--json") == {"keys": []}


def test_a_port_that_is_taken_is_a_sentence_and_no_key_is_made(told):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        where = f"127.0.0.1:{taken.getsockname()[1]}"
        shown = refused(told, "gateway", "serve", "--listen", where)
    why = "Address already in use; --listen names another address"
    assert shown == f"error: nothing can listen on {where}: {why}\n"
    assert told("gateway", "key", "list", "--json") == {"keys": []}


@pytest.mark.parametrize("listen", ["127.0.0.1", "8700", "127.0.0.1:x", "127.0.0.1:99999", "a/b:1"])
def test_what_is_no_address_is_told(told, listen):
    shown = refused(told, "gateway", "serve", "--listen", listen, code=exits.USAGE)
    assert "--listen" in shown


def test_a_configuration_that_was_only_found_starts_no_gateway(told, fresh):
    (fresh / "imagekit.toml").write_text('[gateway]\nlisten = "0.0.0.0:80"\n')
    shown = refused(told, "gateway", "serve")
    assert "was only found in this directory" in shown
    assert "say: imagekit config trust" in shown
    (fresh / "imagekit.toml").write_text('[store]\nurl = "sqlite:///theirs.db"\n')
    assert "was only found" in refused(told, "gateway", "serve")
    assert not (fresh / "theirs.db").exists()


def test_a_mistake_in_the_configuration_is_told_with_its_place(told, fresh):
    (fresh / "my.toml").write_text("[gateway]\nthreds = 4\n")
    shown = refused(told, "--config", "my.toml", "gateway", "serve")
    assert "gateway.threds: no such key; did you mean threads?" in shown


def test_without_a_model_there_is_nothing_to_serve(told, monkeypatch):
    monkeypatch.setenv("IMAGEKIT_PLUGINS", "gateway")
    assert "imagekit hosts tells why" in refused(told, *SERVE)


# --- check ---------------------------------------------------------------------------------------


def test_check_says_what_would_be_served_and_what_is_worth_knowing(told):
    checked = told("gateway", "check", "--json")
    assert checked["notes"] == ["there is no key yet: serve makes the first one, and shows it"]
    told("gateway", "key", "add", "mary")
    assert "gpt-image-1: sandbox:seedream-4.0" in told("gateway", "check")
    checked = told("gateway", "check", "--json")
    assert checked["well"] is True
    assert (checked["keys"], checked["listen"], checked["notes"]) == (1, "127.0.0.1:8700", [])
    told("gateway", "key", "revoke", "mary")
    assert "wrong: no key is good any more" in refused(told, "gateway", "check")


def test_check_says_what_leads_nowhere_and_which_key_may_ask_for_nothing(told, fresh):
    (fresh / "my.toml").write_text(
        """
        [gateway]
        default_model = "nothing-there"
        [models.large]
        model = "sandbox:seedream-4.5"
        defaults = { size = "9K" }
        [hosts.zai]
        credential = { env = "NO_SUCH_KEY" }
        """
    )
    told("--config", "my.toml", "gateway", "key", "add", "odd", "--models", "nothing*")
    words = ("--config", "my.toml", "gateway", "check", "--json")
    checked = told(*words, code=exits.CONFIGURATION)
    assert checked["well"] is False
    (default, size) = sorted(checked["trouble"])
    assert default.startswith("default_model: no installed plugin knows")
    assert "9K" in size
    assert checked["notes"][0] == "hosts.zai.credential: environment (NO_SUCH_KEY) is missing"
    assert checked["notes"][1] == "the key odd may ask for nothing*, and nothing is so"


def test_check_says_what_keys_with_a_budget_can_not_ask_for(told, fresh, monkeypatch):
    host = """
        [hosts.vendor]
        kind = "openai-compatible"
        base_url = "https://vendor.example/v1"
        credential = { env = "VENDOR_API_KEY" }
        [models.sketch]
        model = "vendor:seedream-4-0-250828"
        """
    monkeypatch.setenv("VENDOR_API_KEY", "secret")
    (fresh / "my.toml").write_text(host)
    check = ("--config", "my.toml", "gateway", "check", "--json")
    told("gateway", "key", "add", "mary")
    assert told(*check)["notes"] == []  # it has no budget
    told("gateway", "key", "add", "studio", "--budget", "20/month")
    assert told("gateway", "check", "--json")["notes"] == []  # the sandbox costs nothing
    assert told(*check)["notes"] == [
        "keys with a budget in USD can't ask for sketch: nobody says what that costs; "
        "unknown_price, above all tables, says what it counts"
    ]
    (fresh / "my.toml").write_text('unknown_price = "0.03 USD"\n' + host)
    assert told(*check)["notes"] == []


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("sqlite:////nowhere/store.db", "no directory /nowhere"),
        ("postgresql://127.0.0.1:1/store", "Connection refused"),
    ],
)
def test_a_store_that_can_not_be_used_is_a_sentence(told, fresh, url, why):
    (fresh / "my.toml").write_text(f'[store]\nurl = "{url}"\npictures = "kept"\n')
    assert why in refused(told, "--config", "my.toml", "gateway", "check")
    assert why in refused(told, "--config", "my.toml", *SERVE)


# --- keys ----------------------------------------------------------------------------------------


def test_a_key_is_shown_once_alone_on_stdout(told, capsys):
    assert run(["gateway", "key", "add", "mary"]) == 0
    shown = capsys.readouterr()
    secret = shown.out.strip()
    assert secret.startswith("ik-")
    assert shown.err == "this is the key mary; it is not shown again\n"
    assert told("gateway", "key", "add", "bob", "--json").keys() == {"name", "key"}
    assert secret not in told("gateway", "key", "list") + str(
        told("gateway", "key", "list", "--json")
    )


def test_what_a_key_may_do_is_listed(told):
    limits = ("--rpm", "60", "--at-once", "4", "--budget", "5 EUR/day", "--expires", "90d")
    rights = ("--models", "seedream-*", "--native", "--no-keep", "--dialect", "token360")
    told("gateway", "key", "add", "mary", *limits, *rights, "--operator")
    (key,) = told("gateway", "key", "list", "--json")["keys"]
    assert (key["budget"], key["currency"], key["period"]) == ("5", "EUR", "day")
    assert (key["models"], key["dialect"], key["operator"]) == (["seedream-*"], "token360", True)
    until = datetime.fromisoformat(key["expires"]) - datetime.now(UTC)
    assert timedelta(days=89) < until < timedelta(days=90)
    shown = told("gateway", "key", "list")
    assert "\tseedream-*\toperator, native, nothing kept, token360\t" in shown
    assert "\t60/minute, 4 at once, 5 EUR/day\t0 EUR\t" in shown


@pytest.mark.parametrize(
    ("budget", "limits"),
    [
        ("5EUR/day", ("5", "EUR", "day")),
        ("5 EUR/day", ("5", "EUR", "day")),
        ("0.5 EUR", ("0.5", "EUR", "month")),
        ("100/total", ("100", "USD", "total")),
    ],
)
def test_a_budget_is_an_amount_and_perhaps_a_currency_and_a_period(told, budget, limits):
    told("gateway", "key", "add", "mary", "--budget", budget)
    (key,) = told("gateway", "key", "list", "--json")["keys"]
    assert (key["budget"], key["currency"], key["period"]) == limits


def test_a_pattern_that_fits_no_model_is_a_note_and_no_error(told):
    shown = told("gateway", "key", "add", "mary", "--models", "seedream-*", "--models", "kling-o1")
    note = "no model that is served is called kling-o1; imagekit models lists them\n"
    assert shown.endswith(f"this is the key mary; it is not shown again\n{note}")
    assert told("gateway", "key", "change", "mary", "--models", "kling-o1").endswith(note)
    assert note not in told("gateway", "key", "change", "mary", "--models", "kling-image-o1")


def test_where_no_model_can_be_had_a_key_is_made_and_the_reason_is_told(told, fresh):
    (fresh / "my.toml").write_text('[hosts.vendor]\nkind = "nothing"\n')
    words = ("--config", "my.toml", "gateway", "key", "add", "mary", "--models", "kling-o1")
    shown = told(*words)
    assert shown.startswith("ik-")
    assert "whether a model is called so can't be said: " in shown


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["--budget", "lots"], "budget: 'lots' is no amount of money"),
        (["--budget", "20usd"], "budget: no host counts in usd; did you mean USD?"),
        (["--budget", "20/week"], "period: 'week' is none of day, month, total"),
        (["--budget", "-3"], "an amount of money is 0 or more"),
        (["--expires", "soon"], "'soon' is no time; say 90d or 2027-01-31"),
        (["--expires", "2020-01-01"], "'2020-01-01' has passed already"),
        (["--rpm", "0"], "0 is not in the range"),
        (["--dialect", "gemini"], "'gemini' is not one of 'openai', 'powertokens', 'token360'"),
    ],
)
def test_a_key_that_can_not_be_is_not_made(told, words, why):
    assert why in refused(told, "gateway", "key", "add", "mary", *words, code=exits.USAGE)
    assert told("gateway", "key", "list", "--json") == {"keys": []}


def test_a_key_is_changed_and_what_is_not_said_stays(told):
    told("gateway", "key", "add", "mary", "--rpm", "60", "--budget", "5 EUR/day", "--operator")
    shown = told("gateway", "key", "change", "mary", "--rpm", "none", "--models", "seedream-*")
    assert "\tseedream-*\toperator\t5 EUR/day\t" in shown
    told("gateway", "key", "change", "mary", "--no-operator", "--budget", "7", "--expires", "1d")
    (key,) = told("gateway", "key", "list", "--json")["keys"]
    assert (key["rpm"], key["operator"], key["models"]) == (None, False, ["seedream-*"])
    assert (key["budget"], key["currency"], key["period"]) == ("7", "EUR", "day")
    told("gateway", "key", "change", "mary", "--budget", "none", "--expires", "none")
    (key,) = told("gateway", "key", "list", "--json")["keys"]
    assert (key["budget"], key["expires"]) == (None, None)


def test_what_a_key_can_not_be_changed_to_changes_nothing(told):
    told("gateway", "key", "add", "mary", "--rpm", "60")
    before = told("gateway", "key", "list", "--json")
    for words in (["--budget", "lots"], ["--rpm", "0"], ["--expires", "2020-01-01"]):
        refused(told, "gateway", "key", "change", "mary", *words, code=exits.USAGE)
    why = refused(told, "gateway", "key", "change", "nobody", code=exits.USAGE)
    assert "there is no key of the name 'nobody' in this store" in why
    assert told("gateway", "key", "list", "--json") == before


def test_a_name_belongs_to_one_key_for_ever(told):
    told("gateway", "key", "add", "mary")
    assert "is revoked" in told("gateway", "key", "revoke", "mary")
    shown = refused(told, "gateway", "key", "add", "mary", code=exits.USAGE)
    assert "there is or was a key of the name mary already; take another one" in shown
    shown = refused(told, "gateway", "key", "revoke", "nobody", code=exits.USAGE)
    assert "there is no key of the name 'nobody' in this store" in shown
    assert told("gateway", "key", "list", "--json")["keys"][0]["state"] == "revoked"
