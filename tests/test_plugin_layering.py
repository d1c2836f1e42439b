"""Inside a plugin, too, imports run one way: no module and no folder leads back to itself.

Everything counts: what a function imports, and what is imported for its types alone.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = sorted(
    package
    for kind in ("plugins/*/*", "contrib/*")
    for package in ROOT.glob(f"{kind}/imagekit_*")
    if (package / "__init__.py").exists()
)

each_package = pytest.mark.parametrize("package", PACKAGES, ids=lambda path: path.name)


def modules(package: Path) -> dict[str, Path]:
    """Full name -> file."""
    named = {}
    for path in package.rglob("*.py"):
        parts = path.relative_to(package.parent).with_suffix("").parts
        named[".".join(parts).removesuffix(".__init__")] = path
    return named


def imported(path: Path) -> set[str]:
    """Every name that a module imports, wherever it does, with where it is from."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path} imports by dots, which this test does not follow"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def arrows(package: Path) -> dict[str, set[str]]:
    """Module -> those of the same package that it imports."""
    known = modules(package)
    found = {}
    for module, path in known.items():
        homes = {name if name in known else name.rpartition(".")[0] for name in imported(path)}
        found[module] = (homes & known.keys()) - {module}
    return found


def between_folders(graph: Mapping[str, set[str]], package: Path) -> dict[str, set[str]]:
    """The same of folders; what a folder's own ``__init__`` imports, the folder does."""
    known = modules(package)

    def folder(module: str) -> str:
        inside = known[module].name == "__init__.py"
        return module if inside else module.rpartition(".")[0]

    found: dict[str, set[str]] = {folder(module): set() for module in graph}
    for module, others in graph.items():
        found[folder(module)] |= {folder(other) for other in others} - {folder(module)}
    return found


def circle(graph: Mapping[str, set[str]]) -> list[str]:
    """One that closes, as the way around it; empty when none does."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


@each_package
def test_no_module_of_a_plugin_leads_back_to_itself(package: Path) -> None:
    assert circle(arrows(package)) == []


@each_package
def test_no_folder_of_a_plugin_leads_back_to_itself(package: Path) -> None:
    assert circle(between_folders(arrows(package), package)) == []


def test_a_circle_of_types_alone_is_found(tmp_path: Path) -> None:
    package = tmp_path / "imagekit_round"
    (package / "low").mkdir(parents=True)
    (package / "__init__.py").write_text("from imagekit_round.low.desk import Desk\n")
    (package / "high.py").write_text("def late():\n    import imagekit_round.low.desk\n")
    (package / "low" / "__init__.py").write_text("")
    desk = package / "low" / "desk.py"
    desk.write_text("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import nothing\n")
    assert circle(arrows(package)) == []
    desk.write_text(desk.read_text().replace("nothing", "imagekit_round.high"))
    assert {"imagekit_round.high", "imagekit_round.low.desk"} == {*circle(arrows(package))}
    (package / "high.py").write_text("")
    assert circle(arrows(package)) == []
    assert circle(between_folders(arrows(package), package)) != []
