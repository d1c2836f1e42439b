"""What a host says it has: asked at the sandbox's upstreams, and of a server with a script."""

from __future__ import annotations

import json

import anyio
import pytest

from imagekit import (
    AsyncClient,
    AuthenticationError,
    Config,
    HostSettings,
    HostUnavailable,
    MissingCredential,
    UnreadableAnswer,
    UsageError,
)
from imagekit.cli import exits
from imagekit.cli.app import run
from imagekit.testing import Answer, Loopback

KEY = "sk-0123456789abcdef"
MODELS = {
    "object": "list",
    "data": [
        {"id": "dola-seedream-5.0-lite", "object": "model"},
        {"id": "seedream-4-5-251128"},
        {"id": "seedream-4.0"},
        {"id": "kling-image-o1-pro"},
        {"id": "gpt-5"},
        "not an object",
        {"id": 7},
    ],
}


@pytest.fixture
def ask(client):
    """``ask(host, answer)``: the catalogue, and the request that asked for it."""

    def make(host, *answers):
        with Loopback(*answers) as server:
            hosts = {host: HostSettings(base_url=server.url)}
            mine = client(Config(), hosts=hosts, credentials={host: KEY})
            return mine.models_at(host), server.seen[0]

    return make


def test_a_list_settles_ids_that_nobody_had_verified(ask):
    found, request = ask("token360", Answer(json=MODELS))
    assert (request.method, request.path) == ("GET", "/models")
    assert request.headers["authorization"] == f"Bearer {KEY}"
    said = {one.model: (one.there, one.other, one.near) for one in found.declared}
    assert said["seedream-5.0-lite"] == (True, "", ())
    assert said["seedream-4.0"] == (True, "", ())
    assert said["seedream-4.5"] == (False, "seedream-4-5-251128", ())
    assert said["kling-image-o1"][2] == ("kling-image-o1-pro",)
    assert found.new == ("kling-image-o1-pro", "gpt-5")
    assert found.remote_ids == {
        "seedream-4.5": "seedream-4-5-251128",
        "seedream-4.0": "seedream-4.0",
    }


def test_a_name_that_only_looks_alike_settles_nothing(ask):
    found, _ = ask("token360", Answer(json={"data": [{"id": "glm-imagine"}]}))
    assert found.remote_ids == {}


def test_google_lists_its_own_way(ask):
    listed = {"models": [{"name": "models/gemini-3-pro-image"}, {"name": "models/gemini-9"}]}
    found, request = ask("gemini", Answer(json=listed))
    assert (request.path, request.headers["x-goog-api-key"]) == ("/models?pageSize=1000", KEY)
    assert found.new == ("gemini-9",)
    assert {one.model for one in found.declared if one.there} == {"nano-banana-pro"}


@pytest.mark.parametrize("host", ["token360", "gemini", "powertokens", "openai"])
def test_the_hosts_are_asked_where_they_list(client, upstreams, host):
    found = client(upstreams).models_at(host)
    assert found.ids
    assert all(one.there for one in found.declared if not one.unverified)


def test_what_keeps_a_list_from_coming(ask, client):
    with pytest.raises(UsageError, match="nobody documents that klingai lists its models"):
        client(Config()).models_at("klingai")
    with pytest.raises(MissingCredential, match="TOKEN360_API_KEY"):
        client(Config()).models_at("token360")
    error = {"message": f"no such key: {KEY}", "type": "invalid_api_key", "code": "401"}
    with pytest.raises(AuthenticationError) as refused:
        ask("token360", Answer(401, json={"error": error}))
    assert KEY not in str(refused.value)
    assert (refused.value.charged, refused.value.model) == ("no", "")
    with pytest.raises(UsageError, match="openai has no list of its models"):
        ask("openai", Answer(404, json={"error": {"message": "Not Found"}}))
    with pytest.raises(UnreadableAnswer, match="no list 'data'"):
        ask("openai", Answer(json={"models": []}))
    with pytest.raises(UnreadableAnswer, match="not JSON"):
        ask("openai", Answer(body=b"<html>"))
    with pytest.raises(HostUnavailable) as late:
        ask("openai", *[Answer(502, body=b"bad gateway")] * 9)
    assert late.value.charged == "no"


def test_it_is_asked_from_a_loop(client, upstreams):
    async def main():
        async with AsyncClient(client(upstreams)) as mine:
            return await mine.models_at("token360")

    assert anyio.run(main).host == "token360"


# --- the command ------------------------------------------------------------------------------


@pytest.fixture
def token360(tmp_path, monkeypatch):
    """``token360(answer)``: the command line's own configuration has the host there."""
    monkeypatch.setenv("TOKEN360_API_KEY", KEY)
    with Loopback(Answer(json=MODELS)) as server:
        path = tmp_path / "mine.toml"
        path.write_text(f'[hosts.token360]\nbase_url = "{server.url}"\n')
        yield ["--config", str(path)]


def test_the_command_says_what_to_write_into_a_configuration(token360, capsys):
    assert run([*token360, "models", "--at", "token360"]) == 0
    out = capsys.readouterr().out
    assert "seedream-4.0\tseedream-4.0?\tthere, so the id is confirmed" in out
    assert "seedream-4.5\tseedream-4.5?\tmissing; it is there as seedream-4-5-251128" in out
    assert "kling-image-o1\tkling-image-o1?\tmissing; much like it are kling-image-o1-pro" in out
    assert "NEW: 2 ids that no plugin declares here\n  kling-image-o1-pro\n  gpt-5\n" in out
    assert '[hosts.token360.remote_ids]\n"seedream-4.5" = "seedream-4-5-251128"\n' in out


def test_the_command_as_json(token360, capsys):
    assert run([*token360, "models", "--at", "token360", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["host"], found["new"]) == ("token360", ["kling-image-o1-pro", "gpt-5"])
    assert found["declared"][0] == {
        "model": "seedream-5.0-lite",
        "id": "dola-seedream-5.0-lite",
        "unverified": False,
        "there": True,
        "other": None,
        "near": [],
    }


def test_the_command_without_a_key_or_a_list(capsys):
    assert run(["models", "--at", "token360"]) == exits.CONFIGURATION
    assert "TOKEN360_API_KEY" in capsys.readouterr().err
    assert run(["models", "--at", "zai"]) == exits.USAGE
    assert run(["models", "--at", "tokn360"]) == exits.USAGE
    assert "did you mean token360" in capsys.readouterr().err
    assert run(["models", "seedream-4.5", "--at", "token360"]) == exits.USAGE
