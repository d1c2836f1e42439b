"""The live tests, rehearsed at the sandbox's upstreams, where they cost nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from imagekit_sandbox.serving import Upstreams
from imagekit_sandbox.serving.configuration import settings, toml

LIVE = Path(__file__).parent / "live"
MODELS = ("seedream-5.0-lite", "seedream-4.5", "seedream-4.0", "kling-image-o1", "nano-banana-pro")
#: A client was once refused pictures there, by a page of a firewall, and so is it at the sandbox;
#: whether that is still so is for the real host to say.
REFUSED = [
    f"--deselect=tests/live/test_live.py::test_what_nobody_verified_is_taken"
    f"[token360-{model}-image]"
    for model in MODELS
]


def run(hosts: str, config: Path, *options: str) -> str:
    """The report of the live tests of these hosts."""
    own = {"IMAGEKIT_LIVE": hosts, "IMAGEKIT_CONFIG": str(config)}
    command = [sys.executable, "-m", "pytest", "-rs", "-p", "no:cacheprovider", *options, LIVE]
    done = subprocess.run(command, env={**os.environ, **own}, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    return done.stdout


@pytest.mark.slow
def test_they_pass_where_every_fact_is_right(tmp_path: Path) -> None:
    config = tmp_path / "imagekit.toml"
    with Upstreams() as upstreams:
        config.write_text(toml(settings(upstreams.hosts), "the sandbox"))
        report = run("ark,modelark,gemini,token360", config, *REFUSED)
        asked = {entry.host for entry in upstreams.ledger.entries}
    assert asked == {"ark", "modelark", "gemini", "token360"}
    assert "it calls zai, which costs money: make live HOSTS=zai" in report


def test_without_a_key_it_is_named_and_without_the_switch_nothing_runs(tmp_path: Path) -> None:
    config = tmp_path / "imagekit.toml"
    config.touch()
    report = run("gemini", config, "-k", "picture")  # a wrong key would be sent out
    assert "gemini needs a key: export GEMINI_API_KEY=..." in report
    assert "passed" not in report
    assert "passed" not in run("", config)
