"""Secrets that a configuration refers to: read when they are needed, and not before."""

from __future__ import annotations

from collections.abc import Mapping

from imagekit.basics.classes import frozen
from imagekit.declare.auth import Credential
from imagekit.errors import ConfigurationError
from imagekit.settings.secret_reference import SecretReference

__all__ = ["Referred", "read_header"]


@frozen
class Referred:
    """A credential that nobody has read yet: that may take a command.

    Attributes:
        place: where the configuration has it, for errors.
        references: field -> where its secret is.
    """

    place: str
    references: Mapping[str, SecretReference]

    @property
    def source(self) -> str:
        return f"configuration: {', '.join(dict.fromkeys(map(str, self.references.values())))}"

    def read(self, environment: Mapping[str, str]) -> Credential:
        return Credential(
            source=self.source,
            **{
                name: _read(self.place, reference, environment)
                for name, reference in self.references.items()
            },
        )


def read_header(place: str, reference: SecretReference, environment: Mapping[str, str]) -> str:
    """The value of a header that is a secret."""
    value = _read(place, reference, environment)
    if not (value.isascii() and value.isprintable()):
        del value  # no traceback has it
        raise ConfigurationError(f"{place}: the {reference} holds what no header can carry")
    return value


def _read(place: str, reference: SecretReference, environment: Mapping[str, str]) -> str:
    try:
        return reference.read(environment)
    except ConfigurationError as error:
        raise ConfigurationError(f"{place}: {error}") from None
