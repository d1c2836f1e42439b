"""Which recorded request a new one is; and when it is none, what differs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from imagekit.testing.cassette.scrubbing import masked
from imagekit.testing.cassette.tape import Asked, Interaction

__all__ = ["differences", "is_same", "why_none"]

_MOST_SHOWN = 4  # differences of one request
_LONGEST = 60  # characters of one value
_ABSENT = object()


def is_same(recorded: Asked, asked: Asked) -> bool:
    """Whether method, URL and body are equal; the order of fields in an object is nothing.

    Signatures are not compared, unless ``asked`` has one that the tape itself has given.
    """
    return next(differences(recorded, asked), None) is None


def why_none(path: object, interactions: list[Interaction], unplayed: list[int], now: Asked) -> str:
    """Why nothing on the tape answers a request, and what is nearest, in words."""
    what = f"nothing on {path} answers {now.method} {now.url}"
    played = [number for number, one in enumerate(interactions) if is_same(one.request, now)]
    if played:
        times = "once" if len(played) == 1 else f"{len(played)} times"
        return f"{what}: that was recorded {times}, and has been played already"
    if not interactions:
        return f"{what}: the tape is empty"
    numbers = unplayed or range(len(interactions))
    found = {number: list(differences(interactions[number].request, now)) for number in numbers}
    nearest = min(found, key=lambda number: len(found[number]))
    lines = found[nearest][:_MOST_SHOWN]
    if len(found[nearest]) > _MOST_SHOWN:
        lines.append(f"and {len(found[nearest]) - _MOST_SHOWN} more")
    told = "".join(f"\n  {line}" for line in lines)
    return f"{what}; the nearest is interaction {nearest + 1}, which differs in:{told}"


def differences(recorded: Asked, now: Asked) -> Iterator[str]:
    """What differs, one line each: ``body.seed: 7 on the tape, 8 now``."""
    for name in ("method", "url", "body"):
        yield from _differ(name, getattr(recorded, name), getattr(now, name))


def _differ(place: str, recorded: Any, now: Any) -> Iterator[str]:
    if recorded == now or masked(recorded) == now:
        return
    if isinstance(recorded, dict) and isinstance(now, dict):
        for name in dict.fromkeys([*recorded, *now]):
            yield from _differ(
                f"{place}.{name}", recorded.get(name, _ABSENT), now.get(name, _ABSENT)
            )
    elif isinstance(recorded, list) and isinstance(now, list) and len(recorded) == len(now):
        for at, (before, after) in enumerate(zip(recorded, now, strict=True)):
            yield from _differ(f"{place}[{at}]", before, after)
    else:
        yield f"{place}: {_shown(recorded)} on the tape, {_shown(now)} now"


def _shown(value: Any) -> str:
    if value is _ABSENT:
        return "nothing"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."
