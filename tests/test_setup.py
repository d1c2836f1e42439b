"""What `make demo` and `make test` install, and that neither installs anything twice.

A stand-in for the environment's Python notes what it is run with, and downloads nothing.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PYTHON = """#!/bin/sh
case $1 in
    .ci/editable.py) touch "$2/imagekit-0.whl" "$2/imagekit_ark-0.whl" ;;
    --version) exit 0 ;;
esac
echo "$@" >>calls
"""

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no sh there")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The files that a set-up depends on, and an environment that is there already."""
    for name in ["setup.cfg", "pyproject.toml", ".ci", "plugins", "contrib"]:
        source = ROOT / name
        if source.is_dir():
            unwanted = shutil.ignore_patterns("imagekit_*", "tests", "build", "*.egg-info")
            shutil.copytree(source, tmp_path / name, ignore=unwanted)
        else:
            shutil.copy(source, tmp_path / name)
    python = tmp_path / "venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(PYTHON)
    python.chmod(0o755)
    return tmp_path


def installed(checkout: Path, *wanted: str) -> list[str]:
    """What pip was given, the wheels without their folder."""
    calls = checkout / "calls"
    calls.write_text("")
    subprocess.run([".ci/setup", "venv", *wanted], cwd=checkout, check=True, capture_output=True)
    lines = [line.split() for line in calls.read_text().splitlines()]
    given = [word for line in lines if "pip" in line for word in line[line.index("install") :]]
    return [word.rpartition("/")[2] for word in given if ".whl" in word]


FRESH = ["imagekit-0.whl", "imagekit_ark-0.whl"]


def test_a_demo_has_the_command_line_and_the_plugins_and_no_tools(checkout: Path) -> None:
    assert installed(checkout, "demo") == [*FRESH, "imagekit-0.whl[cli]", "imagekit_ark-0.whl"]


def test_after_a_demo_only_the_tools_are_added(checkout: Path) -> None:
    installed(checkout, "demo")
    assert installed(checkout) == ["imagekit-0.whl[dev]", "imagekit_ark-0.whl"]


def test_nothing_is_done_when_nothing_has_changed(checkout: Path) -> None:
    for wanted in (["demo"], []):
        assert installed(checkout, *wanted) != []
        assert installed(checkout, *wanted) == []
        assert (checkout / "calls").read_text() == ""
    assert installed(checkout, "demo") == []  # the tools come with all that a demo needs


def test_everything_is_done_again_when_a_plugin_has_changed(checkout: Path) -> None:
    installed(checkout)
    with (checkout / "plugins" / "hosts" / "ark" / "setup.cfg").open("a") as file:
        file.write("# changed\n")
    assert installed(checkout)[:2] == FRESH
