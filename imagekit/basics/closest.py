"""Did you mean ...?"""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["closest", "did_you_mean"]


def closest(name: str, known: Iterable[str], count: int = 1) -> list[str]:
    """Known names that look like ``name``, best first."""
    from difflib import get_close_matches  # only needed once something is wrong

    lower = {candidate.lower(): candidate for candidate in known}
    return [lower[match] for match in get_close_matches(name.lower(), lower, count, 0.5)]


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A question in brackets, where something known is hardly another word; else nothing."""
    from difflib import SequenceMatcher

    near = closest(name, known)
    if near and SequenceMatcher(None, near[0].lower(), name.lower()).ratio() >= 0.8:
        return f" (did you mean {near[0]!r}?)"
    return ""
