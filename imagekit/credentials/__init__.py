"""Secrets, and what is done with them. A secret never shows in a repr, log or error."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from attrs import frozen

from imagekit.errors import ConfigurationError

__all__ = ["Auth", "Bearer", "Credential", "NoAuth"]


class Credential:
    """Named secret fields, e.g. ``Credential(api_key="...")``.

    Raises:
        ConfigurationError: a field is empty, no text, or can't stand in an HTTP header.
    """

    __slots__ = ("_fields", "source")

    def __init__(self, *, source: str = "argument", **fields: str) -> None:
        self._fields = {
            name: _clean(f"{name} from {source}", value) for name, value in fields.items()
        }
        self.source = source

    def __getitem__(self, name: str) -> str:
        return self._fields[name]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._fields)

    def secrets(self) -> tuple[str, ...]:
        """The secret values, for scrubbing them from recordings."""
        return tuple(self._fields.values())

    def __repr__(self) -> str:
        return f"<Credential {', '.join(self.names)} from {self.source}>"

    def __reduce__(self) -> Any:
        raise TypeError("a Credential is not to be pickled")


def _clean(name: str, value: str) -> str:
    if not isinstance(value, str):
        raise ConfigurationError(f"the {name} is not text but {type(value).__name__}")
    stripped = value.strip()
    if not stripped:
        raise ConfigurationError(f"the {name} is empty")
    if not (stripped.isascii() and stripped.isprintable()) or " " in stripped:
        raise ConfigurationError(
            f"the {name} has characters that no key has (spaces, line breaks or non-ASCII); "
            "was something else pasted?"
        )
    return stripped


class Auth(Protocol):
    """How a host wants its requests signed. Pure: the clock is handed in."""

    @property
    def variables(self) -> Mapping[str, tuple[str, ...]]:
        """Credential field -> environment variables that may hold it, best first."""

    def headers(self, credential: Credential, now: float) -> Mapping[str, str]:
        """The headers that sign a request at ``now`` (Unix seconds)."""


@frozen
class Bearer:
    """``Authorization: Bearer <api_key>`` (RFC 6750, section 2.1)."""

    env: tuple[str, ...]

    @property
    def variables(self) -> Mapping[str, tuple[str, ...]]:
        return {"api_key": self.env}

    def headers(self, credential: Credential, now: float) -> Mapping[str, str]:
        return {"Authorization": f"Bearer {credential['api_key']}"}


@frozen
class NoAuth:
    """A host that asks for no key."""

    @property
    def variables(self) -> Mapping[str, tuple[str, ...]]:
        return {}

    def headers(self, credential: Credential, now: float) -> Mapping[str, str]:
        return {}
