"""Plain data read strictly: a value, or every mistake that keeps it from being one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import cattrs

from imagekit.errors import InvalidConfiguration
from imagekit.values import Problem
from imagekit.values.plain.places import dotted
from imagekit.values.plain.strict import mistakes

__all__ = ["read"]

T = TypeVar("T")


def read(structure: Callable[[Any, type[T]], T], data: Any, kind: type[T]) -> T:
    """What a strict converter's ``structure`` makes of data.

    Raises:
        InvalidConfiguration: ``data`` is not of this kind: with every problem.
    """
    try:
        return structure(data, kind)
    except RecursionError:
        problems: tuple[Problem, ...] = (Problem("", "is nested too deeply"),)
    except (cattrs.BaseValidationError, LookupError, TypeError, ValueError) as error:
        problems = tuple(Problem(dotted(place), why) for place, why in mistakes(error))
    lines = "".join(f"\n  {problem}" for problem in problems)
    raise InvalidConfiguration(f"this is no {kind.__name__}:{lines}", problems=problems)
