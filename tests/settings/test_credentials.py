"""How requests are signed, and which of several ways a key is good for."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from imagekit import (
    Bearer,
    Client,
    ConfigurationError,
    Credential,
    Either,
    Family,
    HeaderKey,
    Host,
    HostSettings,
    InvalidConfiguration,
    MissingCredential,
    Model,
    Offer,
    Plugins,
    SignedToken,
    hookimpl,
)
from imagekit.settings.keys_file import Keys
from imagekit.testing import Answer, Loopback

PAIR = SignedToken(("WELL_ACCESS_KEY",), ("WELL_SECRET_KEY",))
AUTH = Either((Bearer(("WELL_API_KEY",)), PAIR))
NOW = 1_795_000_000.5


class Wells:
    """A host with an API key, or with a pair of keys."""

    @hookimpl
    def imagekit_families(self) -> list[Family]:
        return [Family("fern", "Fern", (Model("fern-1", "Fern 1"),))]

    @hookimpl
    def imagekit_hosts(self) -> list[Host]:
        return [
            Host(
                "well", "Well", "https://w.invalid", AUTH, (Offer("fern-1", "f", "openai-images"),)
            )
        ]


def client(url: str = "", **options: object) -> Client:
    hosts = {"well": HostSettings(base_url=url)} if url else {}
    options = {"environment": {}, "hosts": hosts, **options}
    return Client(plugins=Plugins.of(Wells()), **options)  # type: ignore[arg-type]


def decoded(token: str) -> Iterator[bytes]:
    for part in token.split("."):
        yield base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def test_a_key_may_stand_in_a_header_of_the_host_s_own() -> None:
    signed = HeaderKey(("KEY",), "x-goog-api-key").headers(Credential(api_key="k"), NOW)
    assert signed == {"x-goog-api-key": "k"}


def test_a_token_is_signed_for_half_an_hour() -> None:
    pair = Credential(access_key="ak", secret_key="sk")
    kind, _, token = PAIR.headers(pair, NOW)["Authorization"].partition(" ")
    head, claims, seal = decoded(token)
    assert kind == "Bearer"
    assert json.loads(head) == {"alg": "HS256", "typ": "JWT"}
    assert json.loads(claims) == {"iss": "ak", "exp": 1_795_001_800, "nbf": 1_794_999_995}
    signed = token.rpartition(".")[0].encode()
    assert seal == hmac.new(b"sk", signed, hashlib.sha256).digest()
    assert "=" not in token


def test_a_token_is_the_one_that_rfc_7515_shows() -> None:
    """Appendix A.1 has another header and other claims; the seal over its text is the same."""
    signed = (
        b"eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9"
        b".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
    )
    key = base64.urlsafe_b64decode(
        "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow=="
    )
    seal = base64.urlsafe_b64encode(hmac.digest(key, signed, "sha256")).rstrip(b"=")
    assert seal == b"dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"


@pytest.mark.parametrize(
    ("environment", "begins"),
    [
        ({"WELL_API_KEY": "sk-1"}, "Bearer sk-1"),
        ({"WELL_ACCESS_KEY": "ak", "WELL_SECRET_KEY": "sk"}, "Bearer eyJ"),
        ({"WELL_API_KEY": "sk-1", "WELL_ACCESS_KEY": "ak", "WELL_SECRET_KEY": "sk"}, "Bearer sk-1"),
    ],
)
def test_whichever_key_there_is_signs(environment, begins, drawn) -> None:
    with Loopback(Answer(json=drawn)) as server, client(server.url, environment=environment) as it:
        it.generate("a fern", model="well:fern-1")
    assert server.seen[0].headers["authorization"].startswith(begins)


def test_half_a_pair_is_no_key_and_the_error_names_both_ways() -> None:
    environment = {"WELL_ACCESS_KEY": "ak"}
    with client(environment=environment) as it, pytest.raises(MissingCredential) as caught:
        it.generate("a fern", model="well:fern-1")
    assert "WELL_API_KEY=..., or WELL_ACCESS_KEY=... and WELL_SECRET_KEY=..." in str(caught.value)
    assert "(WELL_ACCESS_KEY is set, WELL_SECRET_KEY is not)" in str(caught.value)


def test_half_a_pair_given_by_the_program_is_said_so() -> None:
    half = {"well": Credential(access_key="ak")}
    with client(credentials=half) as it, pytest.raises(ConfigurationError) as caught:
        it.generate("a fern", model="well:fern-1")
    wanted = "a key needs api_key or access_key and secret_key, and this one has access_key"
    assert str(caught.value) == wanted


def test_a_kept_pair_is_used_and_half_of_it_is_completed_by_command(tmp_path: Path) -> None:
    keys = Keys(tmp_path / "keys.toml")
    keys.set("well", {"access_key": "ak"})
    with (
        client(keys=keys) as it,
        pytest.raises(ConfigurationError, match="keys set well secret_key"),
    ):
        it.generate("a fern", model="well:fern-1")
    keys.set("well", {"access_key": "ak", "secret_key": "sk"})
    with client(keys=keys) as it:
        assert it.credential_source(it.registry.host("well")) == "keys file"


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ('{access_key = {env = "A"}}', "lacks secret_key"),
        ('{acess_key = {env = "A"}}', "no such field; known are api_key, access_key, secret_key"),
    ],
)
def test_the_configuration_may_name_either(tmp_path: Path, written: str, says: str) -> None:
    path = tmp_path / "imagekit.toml"
    path.write_text(f"[hosts.well]\ncredential = {written}\n")
    with pytest.raises(InvalidConfiguration, match=says):
        client(config=path)
