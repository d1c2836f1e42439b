"""Which plugins are installed, and which of them may be loaded."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache, partial
from typing import TYPE_CHECKING

from attrs import field

from imagekit.basics.classes import define
from imagekit.errors import PluginError

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

__all__ = [
    "ALLOW",
    "BLOCK",
    "GROUP",
    "Plugin",
    "allowed",
    "claimed_by",
    "entry_points_here",
    "listed_names",
]

GROUP = "imagekit"
ALLOW, BLOCK = "IMAGEKIT_PLUGINS", "IMAGEKIT_PLUGINS_BLOCKED"


@define
class Plugin:
    """One installed plugin, known by name before it is imported.

    ``state`` is ``loaded``, ``failed`` (``error`` says why) or ``blocked``; ``seconds`` is
    how long importing it took.
    """

    name: str
    distribution: str
    version: str
    state: str = "blocked"
    error: str = ""
    hooks: tuple[str, ...] = ()
    module: object = field(default=None, repr=False)
    seconds: float = 0.0

    @property
    def label(self) -> str:
        return f"{self.name} ({self.distribution} {self.version})"


def entry_points_here() -> list[tuple[str, str, str, Callable[[], object]]]:
    """(name, distribution, version, loader) of every entry point, sorted by name."""
    from importlib.metadata import entry_points

    found = [(point.name, *_said(point)) for point in entry_points(group=GROUP)]
    return sorted(found, key=lambda entry: entry[:3])


def _said(point: EntryPoint) -> tuple[str, str, Callable[[], object]]:
    """Name and version of what brings a plugin, and what loads it. A broken installation may not
    say them. Its metadata is read once: that takes longer than importing some plugins.
    """
    name, version = "unknown", "0"
    if point.dist is None:
        return name, version, partial(_load, point, [])
    try:
        metadata = point.dist.metadata
    except UnicodeDecodeError:
        return name, version, partial(_load, point, None)
    if "Name" in metadata:
        name = metadata["Name"]
    if "Version" in metadata:
        version = metadata["Version"]
    needs = metadata.get_all("Requires-Dist") or point.dist.requires or []  # of an old egg-info
    return name, version, partial(_load, point, needs)


def claimed_by(points: Iterable[tuple[str, str, str, object]]) -> dict[str, list[str]]:
    """Name of a plugin -> the distributions that bring one of that name."""
    owners: dict[str, list[str]] = {}
    for name, distribution, version, _ in points:
        owners.setdefault(name, []).append(f"{distribution} {version}")
    return owners


def _load(point: EntryPoint, needs: list[str] | None) -> object:
    """Import a plugin, unless it was made for a newer imagekit: whatever it did then would
    be a surprise. ``needs`` are its requirements, or None where they can't be read.

    Raises:
        PluginError: it needs a newer imagekit, or can't say what it needs.
    """
    if needs is None:
        raise PluginError("its METADATA is not UTF-8 text: install it anew")
    for line in needs:
        needed = re.match(_NEEDS, line)
        if needed and _numbers(needed[1]) > _numbers(own := _own_version()):
            raise PluginError(f"it needs imagekit {needed[1]}, and this is {own}: upgrade imagekit")
    return point.load()


@cache
def _own_version() -> str:
    from importlib.metadata import version

    return version("imagekit")


#: ``imagekit>=1.2`` of a distribution's requirements; pip has seen to all the others.
_NEEDS = r"imagekit\b(?!-)[^;]*?>=\s*([\d.]+)"


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", version)[:3]))


def allowed(name: str, environment: Mapping[str, str]) -> bool:
    allow, block = environment.get(ALLOW), environment.get(BLOCK, "")
    if allow is not None and name not in listed_names(allow):
        return False
    return name not in listed_names(block)


def listed_names(text: str) -> set[str]:
    return {name.strip() for name in text.split(",")} - {""}
