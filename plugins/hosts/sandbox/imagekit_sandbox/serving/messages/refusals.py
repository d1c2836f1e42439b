"""An upstream's no, before its dialect has put it into words."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["Refusal", "Why"]


class Why(StrEnum):
    """Why an upstream says no. How it says so is its dialect's."""

    INVALID = "invalid"
    UNAUTHORIZED = "unauthorized"
    NO_BALANCE = "no balance"
    FROZEN = "frozen"
    FORBIDDEN = "forbidden"
    NO_SUCH_MODEL = "no such model"
    NOT_FOUND = "not found"
    MODERATED = "moderated"
    RATE_LIMITED = "rate limited"
    BROKEN = "broken"
    BAD_GATEWAY = "bad gateway"
    OVERLOADED = "overloaded"
    TIMED_OUT = "timed out"


class Refusal(Exception):
    """The upstream says no; nothing was made.

    Attributes:
        message: replaces the dialect's usual words for it.
        field: the parameter it is about.
        retry_after: seconds.
    """

    def __init__(
        self,
        why: Why,
        message: str = "",
        *,
        field: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(why, message)
        self.why = why
        self.message = message
        self.field = field
        self.retry_after = retry_after

    @classmethod
    def misuse(cls, why: str) -> Refusal:
        """The sandbox's own, of a failure that was asked for where it can't be had."""
        return cls(Why.INVALID, f"sandbox: {why}")

    @property
    def headers(self) -> dict[str, str]:
        return {} if self.retry_after is None else {"Retry-After": f"{self.retry_after:g}"}
