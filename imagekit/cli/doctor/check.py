"""What a check has found."""

from __future__ import annotations

from imagekit.basics.classes import frozen

__all__ = ["FAILED", "OK", "WARNING", "Check"]

OK, WARNING, FAILED = "ok", "warning", "failed"


@frozen
class Check:
    """One thing that was looked at.

    Attributes:
        what: which part of the set-up: ``plugins``, ``key``, ``address``, ...
        of: which of them, such as a host; empty where there is one.
        state: ``ok``, ``warning`` or ``failed``.
        found: what is so, in words.
        mend: what would mend it; empty where nothing has to be.
    """

    what: str
    of: str
    state: str
    found: str
    mend: str = ""
