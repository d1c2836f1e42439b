"""What a value must be to be sent at all: of its parameter's type, and text that JSON has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from math import isfinite
from typing import Any

from imagekit.basics.closest import closest
from imagekit.declare.family import Parameter
from imagekit.values import Problem

__all__ = ["json_problem", "type_problem"]

_TYPE_NAMES = {
    str: "text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    list: "a list",
    dict: "an object",
}
_ALLOWED = {float: (int, float), list: (list, tuple)}
_NAME = Parameter("name", str)  # of a field in an object


def type_problem(parameter: Parameter, value: Any, path: str) -> Problem | None:
    """What is wrong with the type of ``value``, down to the parts of an object."""
    wanted = parameter.type
    allowed: Any = _ALLOWED.get(wanted, wanted)
    if not isinstance(value, allowed) or (isinstance(value, bool) and wanted is not bool):
        return Problem(path, f"{value!r} is not {_TYPE_NAMES[wanted]}", value)
    if wanted is str:
        return _untransmittable(value, path)
    if wanted is dict and parameter.parts:
        problems = _part_problems(parameter, value, path)
    elif wanted is list and parameter.items:
        item = Parameter(path, parameter.items)
        problems = (type_problem(item, part, f"{path}[{at}]") for at, part in enumerate(value))
    else:
        return None if wanted in (int, bool) else json_problem(value, path)
    return next(filter(None, problems), None)


def _part_problems(
    parameter: Parameter, value: Mapping[str, Any], path: str
) -> Iterator[Problem | None]:
    parts = {part.name: part for part in parameter.parts}
    for key, inner in value.items():
        if key in parts:
            yield type_problem(parts[key], inner, f"{path}.{key}")
        else:
            near = closest(str(key), parts)
            hint = f"; did you mean {near[0]}?" if near else ""
            yield Problem(f"{path}.{key}", f"no such option{hint}", inner)


def json_problem(value: Any, path: str) -> Problem | None:
    """The first thing in ``value``, however deep, that JSON or a host can't carry."""
    try:
        return _json_problem(value, path)
    except RecursionError:
        return Problem(path, "is nested too deeply to be sent")


def _json_problem(value: Any, path: str) -> Problem | None:
    if isinstance(value, str):
        return _untransmittable(value, path)
    if isinstance(value, float) and not isfinite(value):
        return Problem(path, f"{value} is no number that can be sent", value)
    inner: Iterable[tuple[str, Any]] = ()
    if isinstance(value, dict):
        for key in value:
            problem = type_problem(_NAME, key, path)
            if problem:
                return problem
        inner = ((f"{path}.{key}", part) for key, part in value.items())
    elif isinstance(value, list | tuple):
        inner = ((f"{path}[{at}]", part) for at, part in enumerate(value))
    elif value is not None and not isinstance(value, int | float):
        return Problem(path, f"{value!r} is nothing that JSON has", value)
    return next(filter(None, (_json_problem(part, place) for place, part in inner)), None)


def _untransmittable(text: str, path: str) -> Problem | None:
    """Text that JSON or a host can't carry: NUL, and what stands for bytes that are no UTF-8
    (halves of surrogate pairs)."""
    if text.isascii():
        if "\0" not in text:
            return None
    else:
        try:
            text.encode()
        except UnicodeEncodeError as error:
            message = f"character {error.start} is not UTF-8; was it read in another encoding?"
            return Problem(path, message)
    at = text.find("\0")
    return Problem(path, f"character {at} is NUL; remove it") if at >= 0 else None
