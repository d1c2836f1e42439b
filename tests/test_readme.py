"""What the README says can be typed in, can be typed in."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path

import pytest

from imagekit.cli.app import run

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str, text: str = README) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


@pytest.fixture(autouse=True)
def _without_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("POWERTOKENS_API_KEY", "TOKEN360_API_KEY"):
        monkeypatch.delenv(name, raising=False)


COMMANDS = [line[2:] for block in blocks("console") for line in block.splitlines()]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_of_the_readme_works(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    program, *arguments = shlex.split(command)
    assert program == "imagekit"
    assert run(arguments) == 0


@pytest.mark.parametrize("number", range(len(blocks("python"))))
def test_every_python_block_of_the_readme_runs(
    number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    exec(compile(blocks("python")[number], "README.md", "exec"), {"__name__": "readme"})
    assert "3840x960" in capsys.readouterr().out
    assert (tmp_path / "corgi.png").exists()


def test_the_two_commands_head_the_readme_and_exist() -> None:
    first = blocks("sh")[0]
    assert [line.split("#")[0].strip() for line in first.splitlines()] == ["make demo", "make test"]
    for target in ("demo", "test", "lint", "types", "bench"):
        done = subprocess.run(
            ["make", "-n", target], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr


def test_the_install_line_names_every_plugin_there_is() -> None:
    (line,) = [block for block in blocks("sh") if "pip install" in block]
    named = set(re.findall(r"\./(plugins/\S+)", line))
    there = {
        str(path.parent.relative_to(ROOT)) for path in (ROOT / "plugins").glob("*/*/setup.cfg")
    }
    assert named == there


def test_every_link_into_the_repository_leads_somewhere() -> None:
    for target in re.findall(r"\]\((?!https?://)([^)#]+)", README):
        assert (ROOT / target).exists(), target


GUIDE = blocks("python", (ROOT / "docs" / "embedding.md").read_text(encoding="utf-8"))


@pytest.mark.parametrize("number", range(len(GUIDE)))
def test_every_python_block_of_the_guide_to_embedding_runs(
    number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    exec(compile(GUIDE[number], "embedding.md", "exec"), {"__name__": "guide"})
    assert [*tmp_path.glob("*.png")]
