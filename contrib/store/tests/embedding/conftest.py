"""Programs that embed a store, each a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from imagekit_sandbox.serving import Upstreams
from imagekit_sandbox.serving.configuration import settings, toml


@pytest.fixture
def program(tmp_path: Path, upstreams: Upstreams, url: str) -> Callable[..., subprocess.Popen[str]]:
    """Starts one in Python, whose environment says where the hosts and the store are."""
    own = tmp_path / "own.toml"
    own.write_text(toml(settings(upstreams.hosts), "Played.") + "\n")
    environment = {
        **os.environ,
        "OWN": str(own),
        "STORE": url,
        "PICTURES": str(tmp_path / "pictures"),
        "PYTHONPATH": str(tmp_path),
    }

    def start(*arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, *arguments],
            cwd=tmp_path,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    return start
