"""What was loaded is remembered, for as long as loading it again would find the same.

A program that makes many clients would otherwise read the metadata of every distribution, and
show pluggy every attribute of every host, for each of them.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Hashable, Sequence
from functools import lru_cache
from importlib.machinery import PathFinder
from pathlib import Path
from types import ModuleType
from typing import Generic, TypeVar

__all__ = ["Memory", "ground_of"]

T = TypeVar("T")


def ground_of(*asked: Hashable) -> tuple[Hashable, ...] | None:
    """What decides what is found: what was ``asked`` for, and each place that is looked through
    in the state it is in now. Whatever is installed or removed changes its folder; what is
    installed to be worked on may have its entry points written anew in place.

    None where nobody can tell: somebody else than Python finds distributions as well.
    """
    from importlib.metadata import entry_points

    finders = (finder for finder in sys.meta_path if hasattr(finder, "find_distributions"))
    if any(finder is not PathFinder for finder in finders):
        return None
    return (*asked, entry_points, *map(_state, sys.path))


def _state(place: str) -> tuple[object, ...]:
    try:
        now = Path(place or os.curdir).stat()
    except (OSError, ValueError):
        return (place,)
    state = place, now.st_dev, now.st_ino, now.st_mtime_ns, now.st_size, now.st_nlink
    return (*state, *map(_edited, _entry_points(place, state)))


@lru_cache(maxsize=64)  # of each place, for as long as it is in that state
def _entry_points(place: str, state: tuple[object, ...]) -> tuple[Path, ...]:
    """The files there that tell of plugins, or may."""
    try:
        folders = sorted(Path(place or os.curdir).iterdir())
    except OSError:  # an archive, or nothing that can be read
        return ()
    told = [one / "entry_points.txt" for one in folders if one.suffix in _METADATA]
    return tuple(file for file in told if file.is_file())


_METADATA = (".dist-info", ".egg-info")


def _edited(file: Path) -> tuple[int, int] | None:
    try:
        now = file.stat()
    except OSError:
        return None
    return now.st_mtime_ns, now.st_size


class Memory(Generic[T]):
    """The latest thing that was made of modules, on a certain ground."""

    def __init__(self) -> None:
        self._kept: tuple[object, list[tuple[str, ModuleType, object]], T] | None = None

    def keep(self, ground: object, modules: Sequence[ModuleType], thing: T) -> None:
        self._kept = ground, [(one.__name__, one, one.__spec__) for one in modules], thing

    def get(self, ground: object) -> T | None:
        """None where there is none on that ground, or a module was loaded anew since."""
        if self._kept is None:
            return None
        kept, made_of, thing = self._kept
        current = all(
            sys.modules.get(name) is module and vars(module)["__spec__"] is spec
            for name, module, spec in made_of
        )
        return thing if kept == ground and current else None
