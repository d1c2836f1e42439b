"""The house as it stands: rooms, layers, arrows and circles, read from the imports themselves.

    python .ci/house.py [PACKAGE]      imagekit, or the folder of another package

A room is a folder or a file at the top of the package. Every import is an arrow: those inside
functions and under ``if TYPE_CHECKING`` as well. tests/test_layering.py holds the house to it.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

Arrows = dict[str, set[str]]


def modules(package: Path) -> dict[str, Path]:
    """Dotted name below the package -> file; the package itself is ``""``."""
    found = {}
    for path in sorted(package.rglob("*.py")):
        parts = path.relative_to(package).with_suffix("").parts
        found[".".join(part for part in parts if part != "__init__")] = path
    return found


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
    known, name = modules(package), package.name
    return {
        module: {_home(full, name, known) for full in imported(path, module, name)} - {module, None}
        for module, path in known.items()
    }  # type: ignore[return-value]


def _home(full: str, package: str, known: Mapping[str, Path]) -> str | None:
    """The module that an imported name is in, or None for one of another package."""
    if full.partition(".")[0] != package:
        return None
    inner = full.partition(".")[2]
    while inner not in known:
        inner = inner.rpartition(".")[0]
    return inner


def room(module: str) -> str:
    return module.partition(".")[0] or "__init__"


def between_rooms(found: Arrows) -> Arrows:
    rooms: Arrows = {}
    for module, used in found.items():
        rooms.setdefault(room(module), set()).update(map(room, used))
    return {name: used - {name} for name, used in rooms.items()}


def circles(found: Arrows) -> list[list[str]]:
    """Whatever can be reached from itself, as groups (Tarjan's algorithm)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    groups: list[list[str]] = []

    def visit(name: str) -> None:
        index[name] = low[name] = len(index)
        stack.append(name)
        for other in found[name]:
            if other not in index:
                visit(other)
                low[name] = min(low[name], low[other])
            elif other in stack:
                low[name] = min(low[name], index[other])
        if low[name] == index[name]:
            at = stack.index(name)
            group, stack[at:] = sorted(stack[at:]), []
            groups.append(group)

    for name in found:
        if name not in index:
            visit(name)
    return [group for group in groups if len(group) > 1]


def layers(rooms: Arrows) -> list[list[str]]:
    """Lowest first: a room stands on those that it imports. What is in a circle has no place."""
    left, floors = {name: set(used) for name, used in rooms.items()}, []
    placed: set[str] = set()
    while free := sorted(name for name, used in left.items() if used <= placed):
        floors.append(free)
        placed.update(free)
        left = {name: used for name, used in left.items() if name not in placed}
    return floors


def _lines(paths: Iterable[Path]) -> int:
    return sum(len(path.read_text(encoding="utf-8").splitlines()) for path in paths)


def main(package: Path) -> int:
    known, found = modules(package), arrows(package)
    rooms = between_rooms(found)
    floors = layers(rooms)
    for number, names in reversed(list(enumerate(floors, 1))):
        for name in names:
            paths = [path for module, path in known.items() if room(module) == name]
            uses = ", ".join(sorted(rooms[name])) or "nothing"
            print(
                f"{number:>2}  {name:<12} {len(paths):>3} files {_lines(paths):>6} lines   {uses}"
            )
    stuck = sorted(rooms.keys() - {name for names in floors for name in names})
    all_circles = circles(rooms) + circles(found)
    print(
        f"{len(rooms)} rooms, {len(floors)} layers, {sum(map(len, rooms.values()))} arrows between "
        f"rooms, {sum(map(len, found.values()))} between modules, {len(all_circles)} circles"
    )
    for group in all_circles:
        print("circle:", " - ".join(group))
    if stuck:
        print("without a layer:", ", ".join(stuck))
    return bool(all_circles)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else "imagekit")))
