"""The sheet of hosts: one order and the same names, so that whoever has read one host's file finds
their way in every other, and two of them side by side read as one.

Facts, parameters, ``OFFERS``, ``ERRORS``, the class of a host with quirks, ``HOSTS``, hooks. What a
plugin has not, or has in another file, is left out; what else it needs stands where it is used.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from itertools import pairwise

import pytest

from imagekit.basics.classes import frozen
from imagekit.testing.kit.suite import Suite

__all__ = ["ORDER", "SheetChecks"]

#: What stands in a host's file, in order.
ORDER = ("facts", "parameters", "OFFERS", "ERRORS", "the host's class", "HOSTS", "hooks")
#: Which class makes what.
_BY_CALL = {"Fact": "facts", "Parameter": "parameters"}


@frozen
class Row:
    """One place of the sheet, as a file has it."""

    place: str
    name: str
    line: int

    def __str__(self) -> str:
        return f"{self.name} (line {self.line})"


class SheetChecks(Suite):
    """Checks on the source of the plugin's module."""

    def test_its_file_is_in_the_order_of_the_sheet(self) -> None:
        """So that host plugins read alike: docs/five-minute-host.md."""
        try:
            source = inspect.getsource(self.plugin)
        except (OSError, TypeError):
            pytest.skip("its source is not here")
        for before, after in pairwise(_rows(ast.parse(source))):
            order = f"a host's file has {', '.join(ORDER)}, in that order"
            in_order = ORDER.index(before.place) <= ORDER.index(after.place)
            assert in_order, f"{after} stands below {before}; {order}"


def _rows(module: ast.Module) -> Iterator[Row]:
    for statement in module.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if place := _place(
                name, value
            ):
                yield Row(place, name, statement.lineno)
            case ast.ClassDef(name=name, bases=bases) if any(map(_is_host, bases)):
                yield Row("the host's class", name, statement.lineno)
            case ast.FunctionDef(name=name) if name.startswith("imagekit_"):
                yield Row("hooks", name, statement.lineno)


def _place(name: str, value: ast.expr) -> str | None:
    """By the end of the name, as in ``ZAI_OFFERS``, or by what makes the value."""
    for end in ("OFFERS", "ERRORS", "HOSTS"):
        if name.endswith(end):
            return end
    match value:
        case ast.Call(func=ast.Name(id=called)):
            return _BY_CALL.get(called)
    return None


def _is_host(base: ast.expr) -> bool:
    return isinstance(base, ast.Name) and base.id == "Host"
