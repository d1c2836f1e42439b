"""What docs/configuration.md shows is right: every TOML block, every command, every line."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from imagekit import Client
from imagekit.cli.app import run

ROOT = Path(__file__).parents[1]
DOCS = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")


def blocks(language: str, text: str = DOCS) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


TOML = blocks("toml")


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))
    return tmp_path


@pytest.mark.parametrize("number", range(len(TOML)))
def test_every_configuration_is_one(number: int) -> None:
    Path("mine.toml").write_text(TOML[number])
    assert run(["--config", "mine.toml", "config", "check"]) == 0


@pytest.mark.parametrize(
    "command", [line[2:] for block in blocks("console") for line in block.splitlines()]
)
def test_every_command_works_with_the_first_of_them(command: str) -> None:
    Path("imagekit.toml").write_text(TOML[0])
    program, *arguments = shlex.split(command)
    assert program == "imagekit"
    assert run(arguments) == 0


def test_the_ways_to_make_a_client_are_right() -> None:
    Path("imagekit.toml").write_text(TOML[0])
    (block,) = blocks("python")
    exec(compile(block, "configuration.md", "exec"), {})


def test_the_mistake_that_is_shown_is_told_like_that(capsys: pytest.CaptureFixture[str]) -> None:
    Path("imagekit.toml").write_text('hosts.token360.base_ulr = "x"')
    assert run(["config", "check"]) == 3
    (shown,) = blocks("text")
    assert shown in capsys.readouterr().err


def test_the_other_order_of_hosts_is_another_provider() -> None:
    keys = {"token360": "k", "powertokens": "k"}
    turned = TOML[0].replace('["token360", "powertokens"]', '["powertokens", "token360"]')
    for text, host in ((TOML[0], "token360"), (turned, "powertokens")):
        Path("imagekit.toml").write_text(text)
        with Client.from_config(credentials=keys) as client:
            assert client.plan("a poster").host == host


def test_the_readme_shows_the_same_configuration_as_the_docs_begin_with() -> None:
    assert blocks("toml", (ROOT / "README.md").read_text(encoding="utf-8")) == TOML[:1]
