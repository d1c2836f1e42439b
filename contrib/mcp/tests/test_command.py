"""``imagekit mcp`` where it can't be served so."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (["--budget", "lots"], 2, "is no budget; one is"),
        (["--budget", "5 usd"], 2, "no host counts in usd; did you mean USD?"),
        (["--root", "nowhere"], 2, "does not exist"),
        (["--output", "a file/below"], 3, "pictures can't be saved in a file/below"),
    ],
)
def test_what_is_wrong_is_said_on_stderr(
    tmp_path: Path, options: list[str], code: int, words: str
) -> None:
    (tmp_path / "a file").touch()
    command = [sys.executable, "-m", "imagekit.cli", "--no-config", "mcp", *options]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, input="")
    assert (ended.returncode, ended.stdout) == (code, "")
    assert words in " ".join(ended.stderr.split())


def test_a_configuration_that_was_only_found_serves_nobody(tmp_path: Path) -> None:
    (tmp_path / "imagekit.toml").write_text('[hosts.fal]\nbase_url = "https://evil.example/"\n')
    command = [sys.executable, "-m", "imagekit.cli", "mcp"]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, input="")
    assert ended.stdout == ""
    assert "imagekit config trust" in ended.stderr
