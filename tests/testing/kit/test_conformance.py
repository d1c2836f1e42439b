"""``make conformance``: the suites over everything that is installed."""

from __future__ import annotations

import subprocess
import sys

CHECK = "test_pictures_come_in_their_order_and_are_measured"


def test_the_suites_of_every_plugin_are_found_with_their_own_words() -> None:
    """A dialect is checked by the suite beside its plugin, which knows how it says yes."""
    command = [sys.executable, "-m", "imagekit.testing", "-k", CHECK]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    rows = [line.split() for line in done.stdout.splitlines() if line.startswith("imagekit_")]
    checked = {(name, kind) for name, kind, *_ in rows}
    assert {("imagekit_kling", "wire"), ("imagekit_nano_banana", "wire")} <= checked
    assert {("imagekit_ark", "host"), ("imagekit_zai", "wire")} <= checked
    assert {failed for _, _, _, failed, _ in rows} == {"0"}
