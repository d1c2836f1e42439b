"""JSON of anything, without fail: by the time an answer is printed, it is paid for.

Hosts send what JSON has no word for, and plugins return what nobody expects. Such a thing is
left out, null stands in its place, and ``left_out`` of the document says where and why.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Set
from typing import Any

from imagekit.cli.text import STEERING
from imagekit.errors import ImagekitError

__all__ = ["to_json"]

_DEEPEST = 100  # lists and objects in one another; many readers stop somewhat later
_LONGEST = 4_000  # bits of a whole number; Python itself refuses to write longer ones


def to_json(document: Any, *, ascii_only: bool = False) -> str:
    """The document, indented. What steers a terminal stands in it as an escape.

    Args:
        ascii_only: everything but ASCII as escapes, for an encoding that lacks it.
    """
    left_out: list[str] = []
    plain = _plain(document, (), left_out)
    if left_out and isinstance(plain, dict):
        plain["left_out"] = left_out
    text = json.dumps(plain, indent=2, ensure_ascii=ascii_only)
    return STEERING.sub(_escaped, text)


def _escaped(found: re.Match[str]) -> str:
    return "\n" if found[0] == "\n" else f"\\u{ord(found[0]):04x}"


def _plain(value: Any, place: tuple[str, ...], left_out: list[str]) -> Any:
    if value is None or isinstance(value, bool | str):
        return value
    if why := _why_not(value, place):
        left_out.append(f"{'.'.join(place) or 'everything'}: {why}")
        return None
    if isinstance(value, int | float):
        return value
    if isinstance(value, Mapping):
        return {name: _plain(part, (*place, name), left_out) for name, part in _named(value)}
    if isinstance(value, list | tuple | Set):
        return [_plain(part, (*place, str(at)), left_out) for at, part in enumerate(value)]
    return _converted(value, place, left_out)


def _why_not(value: Any, place: tuple[str, ...]) -> str | None:
    if isinstance(value, float) and not math.isfinite(value):
        return f"{value} is no number of JSON's"
    if isinstance(value, int) and value.bit_length() > _LONGEST:
        return f"a number of {value.bit_length():,} bits"
    return "nested too deeply" if len(place) > _DEEPEST else None


def _named(value: Mapping[Any, Any]) -> Iterator[tuple[str, Any]]:
    return ((str(name), part) for name, part in value.items())


def _converted(value: Any, place: tuple[str, ...], left_out: list[str]) -> Any:
    """A value of imagekit's as `imagekit.to_plain` has it, and nothing of anybody else's."""
    from imagekit.values.plain.convert import to_plain

    try:
        plain = to_plain(value.trouble if isinstance(value, ImagekitError) else value)
    except Exception as error:  # whatever it is, the rest is to be told
        left_out.append(f"{'.'.join(place)}: {type(value).__name__} ({type(error).__name__})")
        return None
    if type(plain) is type(value):  # it is no value of imagekit's
        left_out.append(f"{'.'.join(place)}: {type(value).__name__} is nothing that JSON has")
        return None
    return _plain(plain, place, left_out)
