"""`imagekit.tools`: what commands of plugins are made of."""

from __future__ import annotations

import json
from typing import Any

import click
import pytest

from imagekit import Plugins, hookimpl, tools
from imagekit.cli import exits
from imagekit.cli.app import app, run


class Twice:
    """A plugin with a command that buys, and one that asks for the configuration."""

    @hookimpl
    def imagekit_commands(self) -> list[click.Command]:
        @click.command("twice")
        @click.argument("word")
        @tools.generate_options
        def twice(word: str, **options: Any) -> int:
            tools.note(f"{word}, twice")
            return tools.generate(f"{word} and {word}", **options)

        @click.command("preferred")
        def preferred() -> None:
            tools.json_answer({"prefer": tools.configuration().prefer})

        @click.command("mine")
        def mine() -> None:
            tools.tell_path(tools.own_config())

        return [twice, preferred, mine]


@pytest.fixture(autouse=True)
def _installed(monkeypatch, tmp_path):
    """The command line asks plugins for their commands once in a process: neither are those of
    an earlier test asked for here, nor do these stay."""
    monkeypatch.setattr(Plugins, "load", _with_twice(Plugins.load))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    vars(app).pop("_plugin_commands", None)
    yield
    vars(app).pop("_plugin_commands", None)


def _with_twice(load: Any) -> Any:
    return lambda *args, **more: load(*args, **{**more, "extra": [Twice()]})


def test_a_command_buys_as_generate_does(tmp_path, capsys):
    model = ["-m", "sandbox:seedream-4.0", "--resolution", "1K"]
    assert run(["twice", "corgi", *model, "-o", "two.png", "--json"]) == 0
    shown = capsys.readouterr()
    assert "corgi, twice" in shown.err
    answer = json.loads(shown.out)
    assert answer["provenance"]["parameters"]["prompt"] == "corgi and corgi"
    assert (tmp_path / answer["images"][0]["path"]).stem == "two"
    assert run(["twice", "corgi", *model, "-o", "two.png"]) == exits.USAGE
    assert "exists; choose another name" in capsys.readouterr().err


def test_it_has_every_option_of_generate_and_its_own_argument(capsys):
    assert run(["twice", "--help"]) == 0
    shown = capsys.readouterr().out
    assert "twice [OPTIONS] WORD" in shown
    assert shown.index("--model") < shown.index("--seed") < shown.index("--dry-run")


def test_it_knows_the_configuration_without_a_client(tmp_path, capsys):
    (tmp_path / "mine.toml").write_text('prefer = ["ark"]')
    assert run(["--config", "mine.toml", "preferred"]) == 0
    assert json.loads(capsys.readouterr().out) == {"prefer": ["ark"]}
    assert run(["--no-config", "preferred"]) == 0
    assert json.loads(capsys.readouterr().out) == {"prefer": []}
    (tmp_path / "mine.toml").write_text("[store]\n")
    assert run(["--config", "mine.toml", "preferred"]) == exits.CONFIGURATION
    assert "store: says nothing" in capsys.readouterr().err


def test_a_setting_is_written_where_its_user_says_and_not_where_one_was_found(
    tmp_path, capsys, monkeypatch
):
    (tmp_path / "imagekit.toml").write_text('prefer = ["ark"]')
    assert run(["mine"]) == 0
    assert capsys.readouterr().out == f"{tmp_path / 'home' / 'imagekit' / 'config.toml'}\n"
    monkeypatch.setenv("IMAGEKIT_CONFIG", "named.toml")
    assert run(["mine"]) == 0
    assert run(["--config", "mine.toml", "mine"]) == 0
    assert capsys.readouterr().out == "named.toml\nmine.toml\n"
