"""The keys file, and in which order credentials are looked for."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from imagekit import (
    Bearer,
    Client,
    Config,
    ConfigurationError,
    Credential,
    Host,
    HostSettings,
    MissingCredential,
    Offer,
    SecretReference,
    hookimpl,
)
from imagekit.settings.keys_file import Keys


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    return Keys(tmp_path / "imagekit" / "keys.json")


# --- the file ----------------------------------------------------------------------------------


def test_what_is_kept_can_be_read_and_forgotten(keys):
    assert keys.read() == {}
    keys.set("garden", {"api_key": "one"})
    keys.set("garden", {"second": "two"})
    keys.set("pond", {"api_key": "three"})
    assert keys.fields("garden") == {"api_key": "one", "second": "two"}
    assert keys.remove("garden")
    assert not keys.remove("garden")
    assert keys.read() == {"pond": {"api_key": "three"}}


def test_nobody_else_can_read_it_from_the_beginning(keys):
    before = os.umask(0)
    try:
        keys.set("garden", {"api_key": "one"})
    finally:
        os.umask(before)
    assert stat.S_IMODE(keys.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(keys.path.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o620])
def test_a_file_that_others_can_read_is_refused_with_what_mends_it(keys, mode):
    keys.set("garden", {"api_key": "one"})
    keys.path.chmod(mode)
    for use in (keys.read, lambda: keys.set("pond", {"api_key": "x"})):
        with pytest.raises(ConfigurationError) as caught:
            use()
        assert f"chmod 600 {keys.path}" in str(caught.value)


@pytest.mark.parametrize("content", ["", "sk-secret", '["sk-secret"]', '{"garden": "sk-secret"}'])
def test_a_damaged_file_is_refused_and_not_quoted(keys, content):
    keys.set("garden", {"api_key": "one"})
    keys.path.write_text(content)
    with pytest.raises(ConfigurationError, match="is damaged") as caught:
        keys.read()
    assert "sk-secret" not in str(caught.value)


def test_a_failure_while_writing_leaves_the_old_file_and_no_other(keys, monkeypatch):
    keys.set("garden", {"api_key": "one"})
    monkeypatch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError(28, "disk full")))
    with pytest.raises(ConfigurationError, match="disk full"):
        keys.set("garden", {"api_key": "two"})
    assert [path.name for path in keys.path.parent.iterdir()] == ["keys.json"]
    assert json.loads(keys.path.read_text()) == {"garden": {"api_key": "one"}}


def test_a_link_stays_a_link(keys, tmp_path):
    keys.path.parent.mkdir()
    keys.path.symlink_to(tmp_path / "elsewhere.json")
    keys.set("garden", {"api_key": "one"})
    assert keys.path.is_symlink()
    assert keys.fields("garden") == {"api_key": "one"}


# --- who is asked first ---------------------------------------------------------------------------


class Vault:
    @hookimpl
    def imagekit_credential(self, host: object) -> Credential:
        return Credential(source="vault", api_key="from-vault")


def test_argument_then_configuration_then_keys_file_then_plugins_then_environment(
    garden: Callable[..., Client], keys: Keys
) -> None:
    keys.set("garden", {"api_key": "from-keys"})
    reference = {"credential": SecretReference(env="MINE")}
    environment = {"MINE": "from-mine", "GARDEN_API_KEY": "from-environment"}

    def found(*plugins: object, **options: object) -> tuple[str, str]:
        given = {"credentials": None, "environment": environment, **options}
        client = garden("http://127.0.0.1:9", *plugins, **given)
        credential = client._keyring.get(client.registry.host("garden"))
        assert client.credential_source(client.registry.host("garden")) == credential.source
        return credential["api_key"], credential.source

    everything = {"settings": reference, "keys": keys}
    assert found(Vault(), credentials={"garden": "a"}, **everything) == ("a", "argument")
    assert found(Vault(), **everything) == ("from-mine", "configuration: environment (MINE)")
    assert found(Vault(), keys=keys) == ("from-keys", "keys file")
    assert found(Vault()) == ("from-vault", "vault")
    assert found() == ("from-environment", "environment (GARDEN_API_KEY)")


def test_the_library_reads_no_keys_file_unless_it_is_given_one(garden, keys, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(keys.path.parent.parent))
    keys.set("garden", {"api_key": "from-keys"})
    client = garden("http://127.0.0.1:9", credentials=None)
    with pytest.raises(MissingCredential):
        client.generate("a lily", model="garden:lily-1")


def test_a_keys_file_that_is_refused_is_an_error_also_where_another_key_would_do(garden, keys):
    keys.set("garden", {"api_key": "from-keys"})
    keys.path.chmod(0o644)
    client = garden(
        "http://127.0.0.1:9", credentials=None, keys=keys, environment={"GARDEN_API_KEY": "k"}
    )
    with pytest.raises(ConfigurationError, match="chmod 600"):
        client.route("lily-1")


class TwoKeys(Bearer):
    """A credential of two fields."""

    @property
    def variables(self) -> dict[str, tuple[str, ...]]:
        return {"access_key": ("A",), "secret_key": ("S",)}


class Brook:
    @hookimpl
    def imagekit_hosts(self) -> list[Host]:
        return [Host("brook", "Brook", "https://brook.invalid", TwoKeys(()), (OFFER,))]


OFFER = Offer("lily-1", "lily", "openai-images")


def test_half_a_credential_says_which_half_is_missing(garden, keys):
    keys.set("brook", {"access_key": "a"})
    client = garden("http://127.0.0.1:9", Brook(), keys=keys)
    with pytest.raises(ConfigurationError, match="imagekit keys set brook secret_key"):
        client.generate("x", model="brook:lily-1")


def test_a_key_is_in_no_repr(garden, keys):
    keys.set("garden", {"api_key": "from-keys"})
    settings = HostSettings(credential=SecretReference(env="MINE"))
    assert "from-keys" not in f"{keys!r} {Config(hosts={'garden': settings})!r}"
