"""Where two JSON documents differ: place by place, instead of both from end to end."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["differences"]

_NOTHING = object()
#: Differences that are told, and characters of each value: more help nobody.
_MOST, _LONGEST = 6, 120


def differences(found: Any, wanted: Any) -> str:
    """``input.n is 11, on file 10; input.seed is not there, on file 7``; empty where they agree."""
    told = list(_differences("", found, wanted))
    more = [f"and {len(told) - _MOST} more"] if len(told) > _MOST else []
    return "; ".join([*told[:_MOST], *more])


def _differences(path: str, found: Any, wanted: Any) -> Iterator[str]:
    if isinstance(found, Mapping) and isinstance(wanted, Mapping):
        for name in [*found, *(name for name in wanted if name not in found)]:
            inner = f"{path}.{name}" if path else str(name)
            yield from _differences(inner, found.get(name, _NOTHING), wanted.get(name, _NOTHING))
    elif _are_lists(found, wanted) and len(found) == len(wanted):
        for at, (one, other) in enumerate(zip(found, wanted, strict=True)):
            yield from _differences(f"{path}[{at}]", one, other)
    elif found != wanted or isinstance(found, bool) != isinstance(wanted, bool):
        yield f"{path or 'it'} is {_told(found)}, on file {_told(wanted)}"


def _are_lists(*values: Any) -> bool:
    return all(isinstance(value, list | tuple) for value in values)


def _told(value: Any) -> str:
    if value is _NOTHING:
        return "not there"
    text = json.dumps(value, ensure_ascii=False, default=repr)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
