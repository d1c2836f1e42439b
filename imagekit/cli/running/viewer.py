"""``--open``: showing what was saved in whatever shows pictures here."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path

import click

from imagekit.cli import output

__all__ = ["show_them"]


def show_them(pictures: Iterable[Path]) -> None:
    """Open each, or say why not: they are there all the same."""
    for path in pictures:
        if not _has_display():
            output.note("there is no display to show pictures on")
            return
        if path.is_file() and click.launch(str(path.resolve())) != 0:
            output.note(f"{path} could not be shown; no program for it was found")


def _has_display() -> bool:
    if sys.platform in ("darwin", "win32"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
