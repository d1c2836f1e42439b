"""Text as every database takes it, and as it is searched."""

from __future__ import annotations

__all__ = ["folded", "is_readable", "readable"]


def readable(text: str) -> str:
    """The text; half a surrogate pair and NUL, which are no text to a database, as escapes."""
    return text.encode("utf-8", "backslashreplace").decode().replace("\0", "\\x00")


def is_readable(text: str) -> bool:
    """Whether every database takes it as it is."""
    return readable(text) == text


def folded(text: str) -> str:
    """Text in one case, whatever its script, to be compared."""
    return readable(text).casefold()
