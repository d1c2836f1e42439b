"""Pictures that are short texts of a document: they are decoded once it is parsed."""

from __future__ import annotations

from typing import Any

from imagekit.send.reading.sinks import decode

__all__ = ["LONGEST_NAME", "LONG_LINK", "decode_short", "is_link"]

LONG_LINK = 1 << 12  # bytes beyond which what stands in a link field is no link
#: Bytes of a field name beyond which it is none that is declared: it is not kept, since it would be
#: looked up for each of the strings that stand under it.
LONGEST_NAME = 200

#: The shortest text in a link field taken for a picture: less is no picture anyway.
_SHORTEST_PICTURE = 64
_NESTED = (list, dict)


def decode_short(document: Any, blobs: frozenset[str], links: frozenset[str]) -> Any:
    """The same document, its pictures that are still text decoded in place."""
    declared = blobs | links
    waiting: list[tuple[str, Any]] = [("", document)]
    while waiting:
        parent, value = waiting.pop()
        if isinstance(value, list):
            for at, inner in enumerate(value):
                if isinstance(inner, _NESTED):
                    waiting.append((parent, inner))
                elif isinstance(inner, str) and inner and parent in declared:
                    value[at] = _value(inner, {parent}, blobs, links)
        elif isinstance(value, dict):
            for name, inner in value.items():
                if isinstance(inner, _NESTED):
                    waiting.append((name if len(name) <= LONGEST_NAME else "", inner))
                elif isinstance(inner, str) and inner and len(name) <= LONGEST_NAME:
                    path = f"{parent}.{name}"
                    if name in declared or path in declared:
                        value[name] = _value(inner, {name, path}, blobs, links)
    return document


def _value(text: str, names: set[str], blobs: frozenset[str], links: frozenset[str]) -> Any:
    if not names.isdisjoint(blobs):
        return decode(text)
    if names.isdisjoint(links):
        return text
    if text[:5].lower() == "data:":
        return decode(text)
    if len(text) < _SHORTEST_PICTURE or is_link(text):
        return text
    found = decode(text)
    return found if hasattr(found, "size") or len(text) > LONG_LINK else text


def is_link(text: str) -> bool:
    return "://" in text[:16] or text[:4].lower() == "http"
