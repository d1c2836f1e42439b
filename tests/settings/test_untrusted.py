"""What a configuration that was only found may decide, and what only a trusted one may."""

from __future__ import annotations

import logging
import os
import stat
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from imagekit import Client, ConfigurationError, HostSettings, ImagekitError, Plugins
from imagekit.cli import exits
from imagekit.cli.app import run
from imagekit.settings.trust import Trust
from imagekit.testing import Answer, Loopback

KEYS = {"MEADOW_API_KEY": "key-of-the-meadow", "FIELD_API_KEY": "key-of-the-field"}


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))
    repository = tmp_path / "repository"
    repository.mkdir()
    monkeypatch.chdir(repository)
    return repository


def found(text: str) -> Path:
    path = Path("imagekit.toml")
    path.write_text(text, encoding="utf-8")
    return path


def trust() -> None:
    assert run(["config", "trust"]) == 0


@pytest.fixture
def user(roses):
    """Somebody with two keys in the environment, in whatever directory that is."""

    def client(**options: Any) -> Client:
        options = {"plugins": Plugins.of(roses), "environment": KEYS, **options}
        return Client.from_config(**options)

    return client


# --- where requests and keys go ------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        '[hosts.meadow]\nbase_url = "{url}"',
        'default_model = "stray:rose-1"\n[hosts.stray]\nkind = "meadow"\nbase_url = "{url}"\n'
        'credential = {{ env = "MEADOW_API_KEY" }}',
        'prefer = ["meadow"]\n[hosts.meadow]\nbase_url = "{url}"',
        '[models.roses]\nmodel = "rose-1"\nhosts = ["meadow"]\n[hosts.meadow]\nbase_url = "{url}"',
        '[models.roses]\nmodel = "mine"\n[models.mine]\nmodel = "meadow:rose-1"\n'
        '[hosts.meadow]\nbase_url = "{url}"',
    ],
)
@pytest.mark.parametrize("model", ["meadow:rose-1", "rose-1", "roses", None])
def test_no_request_leaves_for_where_a_found_file_says_until_it_is_trusted(
    user, drawn, text, model
):
    with Loopback(Answer(json=drawn)) as server:
        found(text.format(url=server.url))
        with closing(user(environment={"MEADOW_API_KEY": "key-of-the-meadow"})) as client:
            try:
                plan = client.plan("a rose", model=model)
            except ImagekitError:
                with pytest.raises(ImagekitError):
                    client.generate("a rose", model=model)
            else:
                assert plan.request.url.startswith("https://meadow.invalid/")
        assert server.seen == []


def test_among_several_routes_there_is_none_to_where_a_found_file_says(user):
    found('prefer = ["field", "meadow"]\n[hosts.meadow]\nbase_url = "https://stray.invalid"')
    with closing(user()) as client:
        assert client.route("rose-1").host.name == "field"
        with pytest.raises(
            ConfigurationError, match=r"settings of hosts\.meadow that do not count"
        ):
            client.routes("rose-1")
        trust()
    with closing(user()) as client:
        assert [route.host.name for route in client.routes("rose-1")] == ["field", "meadow"]


def test_a_call_to_a_host_that_the_file_moves_is_refused_and_says_what_to_do(user):
    found('[hosts.meadow]\nbase_url = "https://attacker.invalid"')
    with closing(user()) as client:
        assert client.plan("a rose", model="field:rose-1").host == "field"
        with pytest.raises(ConfigurationError, match=r"hosts\.meadow .* imagekit config trust"):
            client.generate("a rose", model="meadow:rose-1")


@pytest.mark.parametrize(
    "line",
    [
        'credential = { env = "AWS_SECRET_ACCESS_KEY" }',
        'credential = { file = "~/.vault-token" }',
        'credential = { command = ["touch", "was-run"] }',
        'headers = { X-1 = { env = "GITHUB_TOKEN" } }',
        'headers = { X-1 = "plain" }',
        'remote_ids = { "rose-1" = "another" }',
    ],
)
def test_nothing_that_a_found_file_says_of_a_host_is_used(user, line, here):
    found(f"[hosts.meadow]\n{line}")
    with closing(user()) as client:
        assert client.config.hosts == {"meadow": HostSettings()}
        assert client.config.withheld == (("hosts", "meadow"),)
        with pytest.raises(ConfigurationError, match="config trust"):
            client.generate("a rose", model="meadow:rose-1")
    assert not (here / "was-run").exists()


def test_trusted_it_is_the_user_s_own(user, drawn):
    with Loopback(Answer(json=drawn)) as server:
        found(f'[hosts.meadow]\nbase_url = "{server.url}"\nheaders = {{ X-1 = {{ env = "T" }} }}')
        trust()
        with closing(user(environment={**KEYS, "T": "token-of-mine"})) as client:
            client.generate("a rose", model="meadow:rose-1")
        assert server.seen[0].headers["authorization"] == "Bearer key-of-the-meadow"
        assert server.seen[0].headers["x-1"] == "token-of-mine"


@pytest.mark.parametrize("named", ["argument", "variable"])
def test_a_file_that_was_named_needs_no_trust(user, named):
    path = found('[hosts.meadow]\nbase_url = "https://gateway.invalid"')
    options = {"environment": {**KEYS, "IMAGEKIT_CONFIG": str(path)}} if named == "variable" else {}
    with closing(user(**({"path": path} if named == "argument" else options))) as client:
        plan = client.plan("a rose", model="meadow:rose-1")
    assert plan.request.url.startswith("https://gateway.invalid")


def test_what_the_program_says_of_a_host_counts(user):
    found('[hosts.meadow]\nbase_url = "https://attacker.invalid"')
    own = {"meadow": HostSettings(base_url="https://gateway.invalid")}
    with closing(user(hosts=own)) as client:
        plan = client.plan("a rose", model="meadow:rose-1")
    assert plan.request.url.startswith("https://gateway.invalid")


# --- files, and what a host makes of what it is sent ---------------------------------------------


@pytest.mark.parametrize(
    "defaults",
    [
        'image = ["/home/me/private.png"]',
        'mask = "private.png"',
        'native = { callback_url = "https://attacker.invalid" }',
        'options = { scent = "https://attacker.invalid/notify" }',
        'options = { scent = "attacker.invalid" }',
        'options = { scent = ["fine", { deep = "~/.ssh/id" }] }',
    ],
)
def test_an_alias_with_more_than_plain_parameters_is_refused_until_it_is_trusted(user, defaults):
    found(f'[models.poster]\nmodel = "meadow:rose-1"\ndefaults = {{ {defaults} }}')
    with closing(user()) as client:
        assert client.config.models["poster"].defaults == {}
        with pytest.raises(ConfigurationError, match=r"models\.poster .* imagekit config trust"):
            client.plan("a rose", model="poster")


def test_models_hosts_and_plain_parameters_are_for_it_to_say(user, caplog):
    found(
        """
        default_model = "poster"
        prefer = ["field"]
        on_unsupported = "drop"
        [models.poster]
        model = "rose-1"
        defaults = { ratio = "16:9", resolution = "2K", options = { scent = "of tea" } }
        [models.other]
        model = "rose-1"
        hosts = ["meadow"]
        """
    )
    with closing(user()) as client:
        plan = client.plan("a rose")
        assert (plan.host, plan.problems) == ("field", ())
        assert plan.receipt["scent"].value == "of tea"
        client.plan("a rose", model="other")
        client.plan("a rose", model="other")
        client.plan("a rose", model="meadow:other")
    assert [record.getMessage() for record in caplog.records] == [
        "imagekit.toml, which was only found in this directory, decides that poster goes to field",
        "imagekit.toml, which was only found in this directory, decides that other goes to meadow",
    ]


def test_what_does_not_count_is_told_once_in_one_line(user, caplog):
    found(
        '[hosts.meadow]\nbase_url = "https://attacker.invalid"\n'
        '[models.poster]\nmodel = "rose-1"\ndefaults = { image = "a.png", seed = 1 }'
    )
    with closing(user()) as client:
        assert client.config.models["poster"].defaults == {"seed": 1}
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    assert "hosts.meadow, models.poster.defaults.image does not count" in record.getMessage()
    assert record.getMessage().endswith("imagekit config trust")


# --- trust ---------------------------------------------------------------------------------------


def is_trusted(user) -> bool:
    with closing(user()) as client:
        return not client.config.found


def test_trust_is_of_one_content_in_one_place(user, here, tmp_path, monkeypatch):
    text = '[hosts.meadow]\nbase_url = "https://gateway.invalid"'
    found(text)
    trust()
    assert is_trusted(user)
    found(text + " ")
    assert not is_trusted(user), "changed"
    with closing(user()) as client:
        assert client.config.found == "has changed since you trusted it"
    found(text)
    assert is_trusted(user)
    other = tmp_path / "other"
    other.mkdir()
    monkeypatch.chdir(other)
    found(text)
    assert not is_trusted(user), "a copy"
    Path("imagekit.toml").unlink()
    Path("imagekit.toml").symlink_to(here / "imagekit.toml")
    assert not is_trusted(user), "a link to it"
    (tmp_path / "link").symlink_to(here)
    monkeypatch.chdir(tmp_path / "link")
    assert is_trusted(user), "the same place by another name"


def test_what_was_read_is_what_is_judged(user, monkeypatch):
    """Somebody who changes the file in between gains nothing."""
    found('[hosts.meadow]\nbase_url = "https://gateway.invalid"')
    trust()
    holds = Trust.holds

    def late(self, file, content):
        answer = holds(self, file, content)
        found('[hosts.meadow]\nbase_url = "https://attacker.invalid"')
        return answer

    monkeypatch.setattr(Trust, "holds", late)
    with closing(user()) as client:
        plan = client.plan("a rose", model="meadow:rose-1")
    assert plan.request.url.startswith("https://gateway.invalid")


def test_trust_shows_what_it_comes_to_and_no_secret_and_can_be_taken_back(
    user, capsys, here, tmp_path, monkeypatch
):
    monkeypatch.setenv("MY_TOKEN", "secret-token")
    found(
        '[hosts.meadow]\nbase_url = "https://gateway.invalid"\n'
        'credential = { env = "MY_TOKEN" }\n'
        '[models.poster]\nmodel = "rose-1"\ndefaults = { image = "a.png" }'
    )
    trust()
    err = capsys.readouterr().err
    assert 'hosts.meadow.base_url is "https://gateway.invalid"\n' in err
    assert 'hosts.meadow.credential comes from env "MY_TOKEN"\n' in err
    assert 'models.poster.defaults.image is "a.png"\n' in err
    assert "secret-token" not in err
    notes = tmp_path / "home" / "imagekit" / "trusted.json"
    assert stat.S_IMODE(notes.stat().st_mode) == 0o600
    assert run(["config", "trust", "--list"]) == 0
    assert capsys.readouterr().out == f"{here / 'imagekit.toml'}\n"
    assert run(["config", "untrust"]) == 0
    assert not is_trusted(user)
    assert run(["config", "untrust"]) == exits.USAGE


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda path: path.chmod(0o666), "chmod 600"),
        (lambda path: path.write_text("[]"), "is damaged"),
        (lambda path: (path.unlink(), os.mkfifo(path, 0o600)), "not a regular file"),
    ],
)
def test_a_note_of_trust_that_others_can_write_is_refused(user, tmp_path, spoil, says):
    found('[hosts.meadow]\nbase_url = "https://gateway.invalid"')
    trust()
    spoil(tmp_path / "home" / "imagekit" / "trusted.json")
    with pytest.raises(ConfigurationError, match=says):
        user()


def test_the_command_line_tells_both_lines_and_check_and_show_work(capsys, monkeypatch):
    monkeypatch.setenv("TOKEN360_API_KEY", "key-of-mine")
    found(
        '[models.poster]\nmodel = "seedream-4.5"\nhosts = ["token360"]\n'
        '[models.moved]\nmodel = "seedream-4.5"\nhosts = ["box"]\n'
        '[models.deep]\nmodel = "moved"\n'
        '[hosts.box]\nkind = "sandbox"\nbase_url = "http://attacker.invalid"'
    )
    assert run(["generate", "x", "-m", "poster", "--dry-run"]) == 0
    err = capsys.readouterr().err
    assert "imagekit.toml was only found in this directory, so what it says in hosts.box" in err
    assert "decides that poster goes to token360" in err
    assert run(["generate", "x", "-m", "deep"]) == exits.CONFIGURATION
    assert "imagekit config trust" in capsys.readouterr().err.splitlines()[-1]
    assert run(["config", "check"]) == 0
    assert run(["config", "show"]) == 0
    assert "hosts.box\t\timagekit.toml, not trusted" in capsys.readouterr().out


# --- what the user may spend ---------------------------------------------------------------------


def own_path() -> Path:
    """Of the configuration in the user's own directory."""
    return Path(os.environ["XDG_CONFIG_HOME"]) / "imagekit" / "config.toml"


def own(text: str) -> None:
    path = own_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def test_the_limits_of_the_user_stay_whatever_is_found(user) -> None:
    own('budget = "1 USD/month"\nunknown_price = "0.5 USD"\nhosts.field.rpm = 2\n')
    found('budget = "1000000 USD"\nunknown_price = "0.000001 USD"\nprefer = ["field"]\n')
    with closing(user()) as client:
        config = client.config
    assert (str(config.budget), str(config.unknown_price.amount)) == ("1 USD/month", "0.5")
    assert config.hosts["field"].rpm == 2
    assert config.prefer == ("field",)


def test_a_key_for_a_gateway_of_the_user_goes_nowhere_else(user, drawn) -> None:
    """Not to the host itself, by a file that says nothing; nor where one that says more leads."""
    with Loopback(Answer(json=drawn)) as gateway:
        own(f'[hosts.meadow]\nbase_url = "{gateway.url}"\n')
        found("")
        with closing(user()) as client:
            client.generate("a rose", model="meadow:rose-1")
        found('[hosts.meadow]\nbase_url = "http://stranger.invalid"\n')
        refused = pytest.raises(ConfigurationError, match="do not count until you trust it")
        with closing(user()) as client, refused:
            client.generate("a rose", model="meadow:rose-1")
    assert len(gateway.seen) == 1


def test_show_says_what_is_the_user_s_own(capsys) -> None:
    own('budget = "1 USD/month"\nhosts.token360.rpm = 2\n')
    found('prefer = ["token360"]\n')
    assert run(["config", "show"]) == 0
    rows = {
        row[0]: row[-1]
        for row in (line.split("\t") for line in capsys.readouterr().out.splitlines())
    }
    assert rows["prefer"] == "imagekit.toml"
    assert {rows["budget"], rows["hosts.token360.rpm"]} == {str(own_path())}


def test_what_is_found_may_be_stricter_and_not_more_lavish(user) -> None:
    found('budget = "1 USD"\nunknown_price = "0.000001 USD"\n')
    with closing(user()) as client:
        assert (str(client.config.budget), client.config.unknown_price) == ("1 USD", None)
        assert ("unknown_price",) in client.config.withheld


def test_trusting_a_file_shows_what_an_unknown_price_would_count(user, capsys) -> None:
    found('unknown_price = "0.25 USD"\n')
    trust()
    assert 'a picture of an unknown price counts "0.25 USD"' in "".join(capsys.readouterr())


def test_a_host_is_not_asked_for_its_models_where_a_file_that_was_found_says(user) -> None:
    with Loopback() as server:
        found(f'[hosts.meadow]\nbase_url = "{server.url}"\n')
        with closing(user()) as client, pytest.raises(ConfigurationError, match="until you trust"):
            client.models_at("meadow")
    assert server.seen == []
