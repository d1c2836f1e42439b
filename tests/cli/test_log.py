"""`--log` and the key `log`, at the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from imagekit.cli import exits
from imagekit.cli.app import run

MAKE = ["generate", "x", "-m", "sandbox:seedream-4.0", "-q"]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))
    return tmp_path


def last(path: str) -> str:
    return str(json.loads(Path(path).read_text().splitlines()[-1])["event"])


def test_an_option_and_a_variable_name_the_file(monkeypatch):
    assert run(["--log", "a.jsonl", *MAKE]) == 0
    monkeypatch.setenv("IMAGEKIT_LOG", "b.jsonl")
    assert run(MAKE) == 0
    assert last("a.jsonl") == last("b.jsonl") == "finished"


def test_a_configuration_that_was_only_found_writes_no_file_until_it_is_trusted(here, capsys):
    (here / "imagekit.toml").write_text('log = "calls.jsonl"\n')
    assert run(MAKE) == 0
    assert not Path("calls.jsonl").exists()
    assert "says in log does not count" in capsys.readouterr().err
    assert run(["config", "trust"]) == 0
    assert 'log is "' in capsys.readouterr().err
    assert run(MAKE) == 0
    assert last("calls.jsonl") == "finished"
    assert run(["config", "show"]) == 0
    assert "\nlog\t" in capsys.readouterr().out


def test_a_log_without_a_name_is_a_mistake(here, capsys):
    (here / "imagekit.toml").write_text('log = ""\n')
    assert run(["config", "check"]) == exits.CONFIGURATION
    assert "log: names no file" in capsys.readouterr().err
