"""Reading the parts of a message. Nothing is taken for granted but JSON itself."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

__all__ = ["Object", "inline", "objects", "parts", "pictures", "read", "text", "words"]

Object = Mapping[str, Any]


def read(message: Object, name: str) -> Any:
    """A field by its documented name (``finishReason``), or as some relays have it, by that
    of the protocol buffer (``finish_reason``); None when it is not there.
    """
    found = message.get(name)
    return message.get(_snake(name)) if found is None else found


@cache
def _snake(name: str) -> str:
    return re.sub("([A-Z])", r"_\1", name).lower()


def text(message: Object, name: str) -> str | None:
    """A field that is a text; None when it is none, or empty. What stands there instead is
    no text of the vendor's: it stays in the answer, and is not taken for one.
    """
    found = read(message, name)
    return found if isinstance(found, str) and found else None


def objects(message: Object, name: str) -> list[Object]:
    """The objects in a field that is a list of them; none when it is not there."""
    found = read(message, name)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def parts(candidate: Object) -> list[Object]:
    """Its parts; ``content`` may be absent, and have none."""
    content = read(candidate, "content")
    return objects(content, "parts") if isinstance(content, dict) else []


def pictures(candidate: Object) -> list[Object]:
    """The parts that are pictures, without the drafts of thoughts."""
    return [part for part in parts(candidate) if inline(part) and not read(part, "thought")]


def inline(part: Object) -> Object:
    """``{mimeType, data}`` of a part that holds bytes; else empty."""
    found = read(part, "inlineData")
    return found if isinstance(found, dict) else {}


def words(candidate: Object) -> str:
    """What it says in words, without its thoughts."""
    said = [part.get("text") for part in parts(candidate) if not read(part, "thought")]
    return "".join(text for text in said if isinstance(text, str)).strip()
