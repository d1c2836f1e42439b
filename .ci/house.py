"""The house as it stands: rooms, layers, arrows and circles, read from the imports themselves.

    python .ci/house.py [PACKAGE]      imagekit, or the folder of another package, or one in it

A room is a folder or a file at the top of the package. Every import is an arrow: those inside
functions and under ``if TYPE_CHECKING`` as well. tests/test_layering.py holds the house to it.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

Arrows = dict[str, set[str]]


def modules(package: Path) -> dict[str, Path]:
    """Dotted name below the package -> file; the package itself is ``""``."""
    found = {}
    for path in sorted(package.rglob("*.py")):
        parts = path.relative_to(package).with_suffix("").parts
        found[".".join(part for part in parts if part != "__init__")] = path
    return found


def dotted(package: Path) -> str:
    """What a package is imported as: ``imagekit``, ``imagekit.cli``."""
    outer = package.absolute().parent
    inside = (outer / "__init__.py").exists()
    return f"{dotted(outer)}.{package.name}" if inside else package.name


def imported(path: Path, module: str, package: str) -> Iterator[str]:
    """Full names of all that a module imports: ``imagekit.values.Image``."""
    is_package = path.name == "__init__.py"
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                own = f"{package}.{module}".strip(".").split(".")
                up = node.level - is_package
                base = ".".join([*own[: len(own) - up], *filter(None, [node.module])])
            yield from (f"{base}.{alias.name}" for alias in node.names)


def arrows(package: Path) -> Arrows:
    """module -> the modules of the same package that it imports."""
    known, name = modules(package), dotted(package)
    return {
        module: {_home(full, name, known) for full in imported(path, module, name)} - {module, None}
        for module, path in known.items()
    }  # type: ignore[return-value]


def _home(full: str, package: str, known: Mapping[str, Path]) -> str | None:
    """The module that an imported name is in, or None for one of another package."""
    if not f"{full}.".startswith(f"{package}."):
        return None
    inner = full.removeprefix(package).removeprefix(".")
    while inner not in known:
        inner = inner.rpartition(".")[0]
    return inner


def folders(found: Arrows) -> set[str]:
    """Every folder of the package; the package itself is ``""``."""
    return {module.rpartition(".")[0] for module in found}


def room(module: str, folder: str = "") -> str | None:
    """What a folder has directly in it that a module is in; None for a module elsewhere."""
    if module == folder:
        return "__init__"
    inside = f"{folder}." if folder else ""
    return module.removeprefix(inside).partition(".")[0] if module.startswith(inside) else None


def between_rooms(found: Arrows, folder: str = "") -> Arrows:
    """The arrows between what a folder has directly in it: files, and folders as wholes."""
    rooms: Arrows = {}
    for module, used in found.items():
        if own := room(module, folder):
            rooms.setdefault(own, set()).update(filter(None, (room(one, folder) for one in used)))
    return {name: used - {name} for name, used in rooms.items()}


def circle(found: Arrows) -> list[str]:
    """Names of which each imports the next, the last being the first; empty if there are none."""
    try:
        TopologicalSorter(found).prepare()
    except CycleError as error:
        return [*error.args[1]]
    return []


def layers(rooms: Arrows) -> list[list[str]]:
    """Lowest first: a room stands on those that it imports."""
    sorter, floors = TopologicalSorter(rooms), []
    sorter.prepare()
    while sorter.is_active():
        floors.append(sorted(sorter.get_ready()))
        sorter.done(*floors[-1])
    return floors


def _lines(paths: Iterable[Path]) -> int:
    return sum(len(path.read_text(encoding="utf-8").splitlines()) for path in paths)


def main(package: Path) -> int:
    known, found = modules(package), arrows(package)
    rooms = between_rooms(found)
    for graph in (rooms, found):
        if around := circle(graph):
            print("circle:", " <- ".join(around))
            return 1
    floors = layers(rooms)
    for number, names in reversed(list(enumerate(floors, 1))):
        for name in names:
            paths = [path for module, path in known.items() if room(module) == name]
            size = f"{len(paths):>3} files {_lines(paths):>6} lines"
            uses = ", ".join(sorted(rooms[name])) or "nothing"
            print(f"{number:>2}  {name:<12} {size}   {uses}")
    between, inside = (sum(map(len, graph.values())) for graph in (rooms, found))
    print(f"{len(rooms)} rooms, {len(floors)} layers, no circle", end=": ")
    print(f"{between} arrows between rooms, {inside} between modules")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else "imagekit")))
