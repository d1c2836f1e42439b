"""What is whole of an answer that broke off: its text up to the last picture, and then closed."""

from __future__ import annotations

import re

from imagekit.send.reading.short_pictures import LONGEST_NAME

__all__ = ["closed"]

_TOKENS = re.compile(rb'"(?:[^"\\]++|\\.)*+"|[\[\]{},:"]|NaN', re.DOTALL)
_CLOSERS = {b"{": b"}", b"[": b"]"}


def closed(skeleton: bytes, holes: int, names: frozenset[str]) -> bytes | None:
    """The text as far as it is whole, its open brackets closed; None when nothing is.

    Whole is what ends with a bracket, and a link in a list of them. An object that is not may
    still have its picture: then it ends after that.

    Args:
        skeleton: the JSON text, ``NaN`` in it where a long string was.
        holes: how many of these were whole.
        names: the fields that carry pictures, or links to them.
    """
    open_brackets: list[tuple[bytes, bytes]] = []  # what closes it, the field that leads to it
    key, after_colon = b"", False
    end = 0
    for token in _TOKENS.finditer(skeleton):
        text, whole = token[0], False
        if text in _CLOSERS:
            leads = key if after_colon else open_brackets[-1][1] if open_brackets else b""
            open_brackets.append((_CLOSERS[text], leads))
        elif text in (b"}", b"]"):
            if not open_brackets or open_brackets.pop()[0] != text:
                break
            whole = True
        elif text == b'"':  # it never ends
            break
        elif text == b"NaN":
            holes -= 1
            if holes < 0:
                break
            whole = _named(key, open_brackets, names)
        elif text[:1] == b'"' and not after_colon and _in_list(open_brackets):
            whole = open_brackets[-1][1].decode("utf-8", "replace") in names
        elif text[:1] == b'"':
            whole = after_colon and _named(key, open_brackets, names)
            if not after_colon:
                key = text[1:-1] if len(text) - 2 <= LONGEST_NAME else b""
        after_colon = text == b":"
        end = token.end() if whole else end
    return skeleton[:end] + _closers(skeleton[:end]) if end else None


def _closers(text: bytes) -> bytes:
    """What closes the brackets that are open at the end of it."""
    waiting: list[bytes] = []
    for token in _TOKENS.finditer(text):
        if token[0] in _CLOSERS:
            waiting.append(_CLOSERS[token[0]])
        elif token[0] in (b"}", b"]"):
            waiting.pop()
    return b"".join(reversed(waiting))


def _in_list(brackets: list[tuple[bytes, bytes]]) -> bool:
    return bool(brackets) and brackets[-1][0] == b"]"


def _named(key: bytes, brackets: list[tuple[bytes, bytes]], names: frozenset[str]) -> bool:
    field = key.decode("utf-8", "replace")
    parent = brackets[-1][1].decode("utf-8", "replace") if brackets else ""
    return field in names or f"{parent}.{field}" in names
