"""Text of hosts, files and callers, as a model and a terminal may be shown it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from imagekit.tools import plain

__all__ = ["clean"]


def clean(value: Any) -> Any:
    """The same as JSON, without whatever would steer a terminal, in lengths that can be read."""
    if isinstance(value, str):
        return plain(value)
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Mapping):
        return {plain(str(name)): clean(one) for name, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [clean(one) for one in value]
    return plain(str(value))
