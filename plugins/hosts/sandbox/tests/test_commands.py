"""``imagekit sandbox serve`` and ``env`` as people and scripts use them."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import urllib3
from imagekit_sandbox.serving import read_scenario

from imagekit import Client
from imagekit.cli.app import run
from imagekit.errors import ConfigurationError

BODY = {"model": "seedream-4-5-251128", "prompt": "a heron"}


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """``serve(*arguments)``: the command in a process of its own, on a free port."""
    started: list[subprocess.Popen[str]] = []

    def start(*arguments: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "imagekit.cli", "sandbox", "serve", "--port", "0"]
        process = subprocess.Popen(
            [*command, *arguments],
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "XDG_CONFIG_HOME": str(tmp_path)},
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def line_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def order(url: str) -> int:
    headers = {"Authorization": "Bearer any"}
    return urllib3.request(
        "POST", f"{url}/v1/images/generations", json=BODY, headers=headers
    ).status


# --- serve ------------------------------------------------------------------------------------


def test_serve_says_where_it_listens_and_ends_with_the_bill(serve):
    process = serve()
    said, url = line_of(process).rsplit(" ", 1)
    assert said == "listening on"
    assert order(f"{url}/powertokens") == 200
    process.send_signal(signal.SIGINT)
    rest, errors = process.communicate(timeout=30)
    assert rest == "billed: 1 request, 1 picture, 0.038 USD\n"
    assert process.returncode == 0
    assert "Traceback" not in errors


def test_serve_speaks_json_to_scripts(serve):
    process = serve("--json")
    said = json.loads(line_of(process))
    assert said["base_urls"]["token360"] == f"{said['url']}/token360/v1"
    assert order(said["base_urls"]["powertokens"]) == 200
    process.terminate()
    rest, _ = process.communicate(timeout=30)
    assert json.loads(rest)["billed"]["usd"] == "0.038"
    assert process.returncode == 0


def test_serve_follows_a_rules_file(serve, tmp_path):
    rules = tmp_path / "flaky.json"
    rules.write_text(json.dumps({"rules": [{"fault": "429", "times": 1}]}))
    url = line_of(serve("--rules", str(rules))).rsplit(" ", 1)[1]
    assert [order(f"{url}/powertokens") for _ in range(2)] == [429, 200]


def test_a_port_in_use_is_one_line(capsys):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert run(["sandbox", "serve", "--port", str(port)]) == 3
    expected = f"error: port {port} of 127.0.0.1 is in use; --port 0 takes one that is free\n"
    assert capsys.readouterr().err == expected


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--port", "99999"], 3, "99999 is no port"),
        (["--bind", "192.0.2.1"], 3, "can't listen on 192.0.2.1"),
        (["--latency", "slow"], 2, "'slow' is no latency in seconds; write 0.5, uniform:"),
        (["--latency", "uniform:2,1"], 2, "is no latency in seconds"),
        (["--link-lifetime", "-1"], 2, "link_lifetime is not negative"),
        (["--rules", "nowhere.toml"], 3, "nowhere.toml can't be read"),
    ],
)
def test_what_serve_cannot_do_is_said_before_it_listens(capsys, arguments, code, words):
    assert run(["sandbox", "serve", "--port", "0", *arguments]) == code
    assert words in capsys.readouterr().err


# --- rules files --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("seed = ", "is not TOML"),
        ("seeds = 1", "seeds: no such key; did you mean seed?"),
        ("seed = 'x'", "seed: must be a whole number, not text"),
        ("latency = 'slow'", "'slow' is no latency"),
        ("[[rules]]\nhost = 'token360'", "fault"),
        ("[[rules]]\nfault = '492'", "rules[0]: no fault '492'; did you mean 429?"),
        ("[[rules]]\nfault = '429'\ntims = 1", "rules[0].tims: no such key; did you mean times?"),
        ("[[rules]]\nfault = '429'\noperation = 'lst'", "did you mean list?"),
        ("[[rules]]\nfault = '429'\nprobability = 2", "probability is from 0 to 1, not 2"),
        ("[[rules]]\nfault = '429'\ntimes = -1", "times are not negative"),
    ],
)
def test_a_rules_file_is_read_strictly(tmp_path, text, words):
    path = tmp_path / "rules.toml"
    path.write_text(text)
    with pytest.raises(ConfigurationError) as caught:
        read_scenario(path)
    assert words in str(caught.value)


def test_a_rule_for_a_host_that_is_not_here(capsys, tmp_path):
    path = tmp_path / "rules.toml"
    path.write_text("[[rules]]\nfault = '429'\nhost = 'toke360'\n")
    assert run(["sandbox", "serve", "--port", "0", "--rules", str(path)]) == 3
    assert "no host 'toke360' here; did you mean token360?" in capsys.readouterr().err


def test_a_rules_file_that_makes_sense(tmp_path):
    path = tmp_path / "rules.toml"
    path.write_text(
        'seed = 7\nlatency = "uniform:0,1"\nlink_lifetime = 60\n'
        '[[rules]]\nfault = "429:2"\nhost = "token360"\nafter = 1\ntimes = 2\n'
    )
    scenario = read_scenario(path)
    assert (scenario.seed, scenario.latency, scenario.link_lifetime) == (7, "uniform:0,1", 60)
    assert [(rule.fault, rule.host, rule.times) for rule in scenario.rules] == [
        ("429:2", "token360", 2)
    ]


# --- env --------------------------------------------------------------------------------------


def test_env_is_a_configuration_that_works_as_it_stands(serve, tmp_path, capsys):
    """As in ``imagekit sandbox env > sandbox.toml``; no real key leaves the house."""
    port = line_of(serve()).rsplit(":", 1)[1]
    assert run(["sandbox", "env", "--port", port]) == 0
    path = tmp_path / "sandbox.toml"
    path.write_text(capsys.readouterr().out)
    real = {"POWERTOKENS_API_KEY": "a-real-key", "TOKEN360_API_KEY": "a-real-key"}
    with Client(config=path, environment=real) as client:
        for host in ("powertokens", "token360"):
            result = client.generate("a heron", model=f"{host}:seedream-4.0", size="1K")
            assert result.image.pixels == (1024, 1024)
            assert client.credential_source(client.registry.host(host)).endswith("any.key")


def test_serve_and_env_take_the_same_port_and_never_somebodys_own_configuration(serve):
    process = serve()
    port = line_of(process).rsplit(":", 1)[1]
    assert process.stderr is not None
    said = [process.stderr.readline() for _ in range(2)]
    assert said[0].endswith(f"imagekit sandbox env --port {port} > sandbox.toml\n")
    assert "imagekit --config sandbox.toml generate" in said[1]


@pytest.mark.parametrize(
    ("arguments", "url"),
    [
        ([], "http://127.0.0.1:8765"),
        (["--port", "9000"], "http://127.0.0.1:9000"),
        (["--url", "http://practice.local:8765/"], "http://practice.local:8765"),
    ],
)
def test_env_points_to_where_the_sandbox_is(capsys, arguments, url):
    assert run(["sandbox", "env", "--json", *arguments]) == 0
    hosts = json.loads(capsys.readouterr().out)["hosts"]
    assert hosts["token360"]["base_url"] == f"{url}/token360/v1"


def test_env_takes_one_place(capsys):
    assert run(["sandbox", "env", "--port", "9000", "--url", "http://practice.local"]) == 2
    assert "give one of them" in capsys.readouterr().err


def test_env_can_ask_for_a_fault(capsys):
    assert run(["sandbox", "env", "--fault", "429:2", "--json"]) == 0
    hosts = json.loads(capsys.readouterr().out)["hosts"]
    assert hosts["token360"]["headers"] == {"X-Sandbox-Fault": "429:2"}
    assert run(["sandbox", "env", "--fault", "492"]) == 2
    assert "did you mean 429?" in capsys.readouterr().err


def test_env_leaves_out_what_is_not_installed(capsys, monkeypatch):
    monkeypatch.setenv("IMAGEKIT_PLUGINS_BLOCKED", "token360")
    assert run(["sandbox", "env"]) == 0
    assert "token360" not in capsys.readouterr().out
    monkeypatch.setenv("IMAGEKIT_PLUGINS", "sandbox")
    assert run(["sandbox", "env"]) == 3
    assert "is installed: ark, modelark, " in capsys.readouterr().err


def test_the_help_of_serve_names_every_fault(capsys):
    from imagekit_sandbox.serving.faults.catalogue import CATALOGUE

    assert run(["sandbox", "serve", "--help"]) == 0
    shown = capsys.readouterr().out
    assert [name for name in CATALOGUE if f"\n    {name}" not in shown] == []
