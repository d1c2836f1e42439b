"""``python -m imagekit.testing facts`` writes what the suites read."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from imagekit.testing.kit.facts import on_file

TOKEN360 = Path(__file__).parents[3] / "plugins" / "hosts" / "token360"


def test_what_a_plugin_declares_is_written_as_it_is_on_file() -> None:
    command = [sys.executable, "-m", "imagekit.testing", "facts", "imagekit_token360"]
    written = subprocess.run(command, capture_output=True, text=True, check=True)
    assert written.stdout == (TOKEN360 / "tests" / "facts.json").read_text(encoding="utf-8")
    assert written.stderr == ""


def test_nothing_is_nothing() -> None:
    assert on_file([]) == "{}\n"
