"""What a store raises when its database can't be used, and what databases say of it."""

from __future__ import annotations

from imagekit import ConfigurationError

__all__ = ["StoreUnavailable", "why"]


class StoreUnavailable(ConfigurationError):
    """The database can't be used: out of reach, full, locked, read-only, or no store.

    Attributes:
        is_perhaps_written: the connection broke while something was committed, and nobody knows
            whether it was.
    """

    is_perhaps_written: bool = False


def why(error: BaseException) -> str:
    """What a database's error says, in one line and without the statement and its values."""
    cause = getattr(error, "orig", None) or error
    return (str(cause).strip() or type(cause).__name__).splitlines()[0]
