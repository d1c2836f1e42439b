"""What somebody has found who looked whether all is well."""

from __future__ import annotations

from typing import Final, Literal

from imagekit.basics.classes import frozen

__all__ = ["FAILED", "OK", "STATES", "WARNING", "Check"]

OK: Final = "ok"
WARNING: Final = "warning"
FAILED: Final = "failed"
STATES = (OK, WARNING, FAILED)


@frozen
class Check:
    """One thing that was looked at: a line of ``imagekit doctor``.

    Attributes:
        what: which part of the set-up: ``plugins``, ``key``, ``store``, ...
        of: which of them, such as a host; empty where there is one.
        state: ``ok``, ``warning`` or ``failed``.
        found: what is so, in words, and without a secret.
        mend: what would mend it, such as a command; empty where nothing has to be.
    """

    what: str
    of: str
    state: Literal["ok", "warning", "failed"]
    found: str
    mend: str = ""
