"""``--open``: showing what was saved in whatever shows pictures here."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path

import click

from imagekit.basics.media import measure
from imagekit.cli import output

__all__ = ["show_them"]


def show_them(pictures: Iterable[Path]) -> None:
    """Open each, or say why not: they are there all the same. What is no picture of a kind that
    is known here could be a page with a program in it, so it is left to the user."""
    for path in pictures:
        if not _has_display():
            output.note("there is no display to show pictures on")
            return
        if not path.is_file():
            continue
        if not _is_picture(path):
            output.note(f"{path} is no picture of a known kind, so it is not opened")
        elif click.launch(str(path.resolve())) != 0:
            output.note(f"{path} could not be shown; no program for it was found")


def _is_picture(path: Path) -> bool:
    with path.open("rb") as file:
        return measure(file) is not None


def _has_display() -> bool:
    if sys.platform in ("darwin", "win32"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
