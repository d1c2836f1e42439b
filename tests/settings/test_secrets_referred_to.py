"""Where secrets are: in the environment, a file, or what a command prints."""

from __future__ import annotations

import sys

import pytest

from imagekit import (
    Client,
    Config,
    ConfigurationError,
    HostSettings,
    MissingCredential,
    SecretReference,
)
from imagekit.testing import Answer, Loopback


def key_of(made: Client, name: str = "meadow") -> str:
    return made._keyring.get(made.registry.host(name))["api_key"]


def test_a_secret_may_be_in_the_environment_a_file_or_what_a_command_prints(client, tmp_path):
    (tmp_path / "key").write_text("from-file\nand a remark\n")
    program = (sys.executable, "-c", "print('from-command'); print('more')")
    for reference, secret in (
        (SecretReference(env="MINE"), "from-env"),
        (SecretReference(file=str(tmp_path / "key")), "from-file"),
        (SecretReference(command=program), "from-command"),
    ):
        config = Config(hosts={"meadow": HostSettings(credential=reference)})
        assert key_of(client(config, environment={"MINE": "from-env"})) == secret


def test_a_command_is_run_without_a_shell_and_only_when_its_key_is_needed(client, tmp_path):
    ran = tmp_path / "ran"
    script = f"import sys, pathlib; pathlib.Path({str(ran)!r}).touch(); print(sys.argv[1])"
    reference = SecretReference(command=(sys.executable, "-c", script, "$HOME;ls"))
    config = Config(hosts={"meadow": HostSettings(credential=reference)})
    made = client(config)
    made.plan("x", model="meadow:rose-1")
    assert made.credential_source(made.registry.host("meadow")).startswith("configuration: command")
    assert not ran.exists()
    assert key_of(made) == "$HOME;ls"


@pytest.mark.parametrize(
    ("reference", "says"),
    [
        (SecretReference(env="MINE"), "environment (MINE)"),
        (SecretReference(file="/no/such/key"), "file /no/such/key"),
    ],
)
def test_a_reference_that_leads_nowhere_is_a_missing_key(client, reference, says):
    config = Config(hosts={"meadow": HostSettings(credential=reference)})
    made = client(config, environment={"MEADOW_API_KEY": "not asked for"})
    assert made.credential_source(made.registry.host("meadow")) is None
    with pytest.raises(MissingCredential) as caught:
        key_of(made)
    assert says in str(caught.value)


def test_an_empty_file_is_a_missing_key(client, tmp_path):
    path = tmp_path / "mine"
    path.touch()
    config = Config(hosts={"meadow": HostSettings(credential=SecretReference(file=str(path)))})
    assert client(config).credential_source(client(config).registry.host("meadow")) is None
    path.write_text("hush")
    assert client(config).credential_source(client(config).registry.host("meadow")) is not None


@pytest.mark.parametrize(
    ("program", "says"),
    [
        (["/no/such/program"], "can't be run: No such file"),
        ([sys.executable, "-c", "raise SystemExit(3)"], "failed with exit code 3"),
        ([sys.executable, "-c", "pass"], "empty first line"),
    ],
)
def test_a_command_that_fails_says_so(client, program, says):
    reference = SecretReference(command=tuple(program))
    config = Config(hosts={"meadow": HostSettings(credential=reference)})
    with pytest.raises(ConfigurationError, match=r"hosts\.meadow\.credential") as caught:
        key_of(client(config))
    assert says in str(caught.value)


def test_a_command_that_does_not_end_is_ended():
    endless = SecretReference(command=(sys.executable, "-c", "import time; time.sleep(60)"))
    with pytest.raises(ConfigurationError, match=r"took longer than 0\.1 s"):
        endless.read({}, patience=0.1)


def test_a_fifo_is_no_file_of_a_key(tmp_path):
    import os

    os.mkfifo(tmp_path / "fifo")
    with pytest.raises(ConfigurationError, match="not a regular file"):
        SecretReference(file=str(tmp_path / "fifo")).read({})


def test_every_field_of_a_credential_has_a_reference_of_its_own(client, toml, tmp_path, drawn):
    (tmp_path / "s").write_text("secret")
    with Loopback(Answer(json=drawn)) as server:
        path = toml(f"""
            [hosts.brook]
            base_url = "{server.url}"
            credential = {{ access_key = {{ env = "A_KEY" }}, secret_key = {{ file = "s" }} }}
        """)
        client(path, environment={"A_KEY": "access"}).generate("x", model="brook:rose-1")
        assert server.seen[0].headers["authorization"] == "access:secret"


def test_a_secret_header_is_sent_and_shown_nowhere(client, toml, drawn, caplog):
    caplog.set_level("DEBUG")
    with Loopback(Answer(json=drawn), Answer(401, {"error": {"message": "gate-0"}})) as server:
        path = toml(f"""
            [hosts.meadow]
            base_url = "{server.url}"
            headers = {{ X-Gate = {{ env = "GATE" }}, X-Team = "roses" }}
        """)
        made = client(path, environment={"GATE": "gate-0"}, credentials={"meadow": "k"})
        plan = made.plan("x", model="meadow:rose-1")
        result = made.generate("x", model="meadow:rose-1")
        sent = server.seen[0].headers
        assert (sent["x-gate"], sent["x-team"]) == ("gate-0", "roses")
        with pytest.raises(Exception, match=r"\*\*\*") as caught:
            made.generate("x", model="meadow:rose-1")
    assert ("header X-Gate", "(not shown)") in [(a.field, a.value) for a in result.receipt.added]
    shown = f"{result} {plan} {made.config} {caught.value} {vars(caught.value)} {caplog.text}"
    assert "gate-0" not in shown
