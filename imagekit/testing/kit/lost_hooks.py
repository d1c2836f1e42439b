"""Hooks that nobody ever calls: a plugin is one module, and what stands in the others of its
package is a hook only where that module names it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType

from imagekit.plugins.finding import GROUP

__all__ = ["lost_hooks"]


def lost_hooks(plugin: ModuleType) -> Iterator[tuple[str, str]]:
    """(module, hook) of each that is marked in another module of the plugin's package, and that the
    plugin does not name. The sources are read, as a module that nobody imports may have one.
    Modules that are plugins themselves are left out.
    """
    plugins = {point.module for point in entry_points(group=GROUP)}
    root = Path(str(plugin.__file__)).parent
    for file in sorted(root.rglob("*.py")):
        module = _name_of(plugin.__name__, file.relative_to(root))
        if module in plugins or module == plugin.__name__:
            continue
        for hook in _marked(file):
            if getattr(vars(plugin).get(hook), "__module__", None) != module:
                yield module, hook


def _name_of(package: str, file: Path) -> str:
    inner = file.with_suffix("").parts
    return ".".join((package, *(inner[:-1] if inner[-1] == "__init__" else inner)))


def _marked(file: Path) -> Iterator[str]:
    """The functions of a file, but not of its classes, that are marked as hooks."""
    for statement in ast.parse(file.read_bytes()).body:
        if isinstance(statement, ast.FunctionDef) and any(map(_marks, statement.decorator_list)):
            yield statement.name


def _marks(decorator: ast.expr) -> bool:
    """``@hookimpl``, ``@hookimpl(...)`` or ``@imagekit.hookimpl``."""
    named = decorator.func if isinstance(decorator, ast.Call) else decorator
    last = named.attr if isinstance(named, ast.Attribute) else getattr(named, "id", None)
    return last == "hookimpl"
