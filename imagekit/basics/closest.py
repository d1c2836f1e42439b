"""Did you mean ...?"""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["closest"]


def closest(name: str, known: Iterable[str], count: int = 1) -> list[str]:
    """Known names that look like ``name``, best first."""
    from difflib import get_close_matches  # only needed once something is wrong

    lower = {candidate.lower(): candidate for candidate in known}
    return [lower[match] for match in get_close_matches(name.lower(), lower, count, 0.5)]
