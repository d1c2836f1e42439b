"""Text of hosts, files and callers, as a model and a terminal may be shown it."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any

__all__ = ["addressed", "clean"]

#: Nothing that is said to a model needs more; hosts' messages may be of any length.
LONGEST = 2000
#: Controls and formats (escapes, bidirectional marks), surrogates, and what has no meaning.
_UNSHOWN = {"Cc", "Cf", "Cs", "Co", "Cn"}


def clean(value: Any) -> Any:
    """The same as JSON, without whatever would steer a terminal, in lengths that can be read."""
    if isinstance(value, str):
        return _text(value)
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Mapping):
        return {_text(str(name)): clean(one) for name, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [clean(one) for one in value]
    return _text(str(value))


def _text(text: str) -> str:
    short = text if len(text) <= LONGEST else f"{text[:LONGEST]}..."
    return "".join(one if _is_shown(one) else "\N{REPLACEMENT CHARACTER}" for one in short)


def _is_shown(character: str) -> bool:
    return character in "\n\t" or unicodedata.category(character) not in _UNSHOWN


def addressed(value: Any) -> bool:
    """Whether there is an address anywhere in it, such as one that a host is to call back."""
    if isinstance(value, str):
        return "://" in value or value.lstrip().startswith("//")
    if isinstance(value, Mapping):
        return any(addressed(one) for one in value.values())
    return isinstance(value, list) and any(addressed(one) for one in value)
