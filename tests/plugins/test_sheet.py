"""The hosts that ship read as one: the same names in the same files, keyword by keyword."""

from __future__ import annotations

import ast
from importlib import import_module
from pathlib import Path

import pytest

HOSTS = Path(__file__).parents[2] / "plugins" / "hosts"
MODULES = sorted(
    path.name for path in HOSTS.glob("*/imagekit_*") if (path / "__init__.py").exists()
)


def source_of(module: str) -> dict[str, ast.Module]:
    (folder,) = HOSTS.glob(f"*/{module}")
    return {path.name: ast.parse(path.read_text()) for path in folder.glob("*.py")}


@pytest.mark.parametrize("module", MODULES)
def test_a_hosts_module_names_what_it_serves(module: str) -> None:
    plugin = import_module(module)
    assert isinstance(plugin.HOSTS, tuple)
    assert list(plugin.imagekit_hosts()) == [*plugin.HOSTS]


@pytest.mark.parametrize("module", MODULES)
def test_what_refusals_mean_stands_in_a_file_of_its_own(module: str) -> None:
    rows = {
        name
        for name, tree in source_of(module).items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "ErrorRow"
    }
    assert rows <= {"errors.py"}


@pytest.mark.parametrize("module", MODULES)
def test_hosts_and_offers_are_made_by_keyword(module: str) -> None:
    positional = [
        f"{name}:{node.lineno}"
        for name, tree in source_of(module).items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("Host", "Offer")
        if node.args
    ]
    assert not positional
