"""Credentials, and how requests are signed with them. A secret never shows in a repr, log or
error.
"""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Mapping
from typing import Any, Protocol

from attrs import field

from imagekit.basics.classes import frozen
from imagekit.declare import checks
from imagekit.errors import ConfigurationError

__all__ = [
    "Auth",
    "Bearer",
    "Credential",
    "Either",
    "HeaderKey",
    "NoAuth",
    "QueryKey",
    "SignedToken",
    "exports",
    "ways",
]


class Credential:
    """Named secret fields, e.g. ``Credential(api_key="...")``.

    Raises:
        ConfigurationError: a field is empty, no text, or can't stand in an HTTP header.
    """

    __slots__ = ("_fields", "source")

    def __init__(self, *, source: str = "argument", **fields: str) -> None:
        flaws = [_flaw(f"{name} from {source}", fields[name]) for name in fields]
        flaw = next(filter(None, flaws), "")
        self._fields = {} if flaw else {name: value.strip() for name, value in fields.items()}
        self.source = source
        fields.clear()  # no traceback has them
        if flaw:
            raise ConfigurationError(flaw)

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


def _flaw(name: str, value: object) -> str:
    """Why this can be no secret; empty when it can. Not the secret itself."""
    if not isinstance(value, str):
        return f"the {name} is not text but {type(value).__name__}"
    stripped = value.strip()
    if not stripped:
        return f"the {name} is empty"
    if not (stripped.isascii() and stripped.isprintable()) or " " in stripped:
        return (
            f"the {name} has characters that no key has (spaces, line breaks or non-ASCII); "
            "was something else pasted?"
        )
    return ""


class Auth(Protocol):
    """How a host wants its requests signed. Pure: the clock is handed in. A way of one's own is
    derived from it, and says what of the three it has.
    """

    @property
    def variables(self) -> Mapping[str, tuple[str, ...]]:
        """Credential field -> environment variables that may hold it, best first."""
        return {}

    def headers(self, credential: Credential, now: float) -> Mapping[str, str]:
        """The headers that sign a request at ``now`` (Unix seconds)."""
        return {}

    def query(self, credential: Credential, now: float) -> Mapping[str, str]:
        """The same for parameters of its query, as they are: core encodes them. They are
        added when the request leaves, and are in no URL before."""
        return {}


@frozen
class Bearer(Auth):
    """``Authorization: Bearer <api_key>`` (RFC 6750, section 2.1).

    Attributes:
        env: the variables that may hold the key, best first.
        scheme: the word before it, where a host has another, such as ``Key``.
    """

    env: tuple[str, ...] = field(validator=checks.variables)
    scheme: str = field(default="Bearer", validator=checks.name)

    @property
    def variables(self) -> Mapping[str, tuple[str, ...]]:
        return {"api_key": self.env}

    def headers(self, credential: Credential, now: float) -> Mapping[str, str]:
        return {"Authorization": f"{self.scheme} {credential['api_key']}"}


@frozen
class HeaderKey(Auth):
    """The API key in a header of the host's own.

    Attributes:
        env: the variables that may hold the key, best first.
        header: its name, e.g. ``x-goog-api-key``.
    """

    env: tuple[str, ...] = field(validator=checks.variables)
    header: str = field(validator=checks.name)

    @property
    def variables(self) -> Mapping[str, tuple[str, ...]]:
        return {"api_key": self.env}

    def headers(self, credential: Credential, now: float) -> Mapping[str, str]:
        return {self.header: credential["api_key"]}


@frozen
class QueryKey(Auth):
    """The API key in the query of every address, e.g. ``?key=<api_key>``. For hosts that take it
    nowhere else: proxies and servers log addresses.

    Attributes:
        env: the variables that may hold the key, best first.
        parameter: the name it has in the query.
    """

    env: tuple[str, ...] = field(validator=checks.variables)
    parameter: str = field(default="key", validator=checks.name)

    @property
    def variables(self) -> Mapping[str, tuple[str, ...]]:
        return {"api_key": self.env}

    def query(self, credential: Credential, now: float) -> Mapping[str, str]:
        return {self.parameter: credential["api_key"]}


@frozen
class SignedToken(Auth):
    """``Authorization: Bearer <token>``, made of a pair of keys for each request: a JSON Web
    Token (RFC 7519) signed with HMAC SHA-256 (RFC 7515), issued by the access key.

    Attributes:
        access_env, secret_env: the variables that may hold the two keys, best first.
        lifetime: seconds for which a token is good.
        leeway: seconds by which our clock may be ahead of the host's.
    """

    access_env: tuple[str, ...] = field(validator=checks.variables)
    secret_env: tuple[str, ...] = field(validator=checks.variables)
    lifetime: int = field(default=1800, validator=checks.one(int))
    leeway: int = field(default=5, validator=checks.one(int))

    @property
    def variables(self) -> Mapping[str, tuple[str, ...]]:
        return {"access_key": self.access_env, "secret_key": self.secret_env}

    def headers(self, credential: Credential, now: float) -> Mapping[str, str]:
        claims = {
            "iss": credential["access_key"],
            "exp": int(now) + self.lifetime,
            "nbf": int(now) - self.leeway,
        }
        signed = _segment({"alg": "HS256", "typ": "JWT"}) + b"." + _segment(claims)
        secret = credential["secret_key"].encode()
        seal = _base64url(hmac.digest(secret, signed, "sha256"))
        return {"Authorization": f"Bearer {(signed + b'.' + seal).decode()}"}


def _segment(document: Mapping[str, Any]) -> bytes:
    return _base64url(json.dumps(document, separators=(",", ":")).encode())


def _base64url(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")


@frozen
class Either(Auth):
    """Several ways to sign, best first: that of the first whose fields the credential has."""

    ways: tuple[Auth, ...] = field(
        validator=checks.each("headers", "ways to sign", 'Bearer(("POND_API_KEY",))')
    )

    @property
    def variables(self) -> Mapping[str, tuple[str, ...]]:
        return self.ways[0].variables

    def headers(self, credential: Credential, now: float) -> Mapping[str, str]:
        return self._way(credential).headers(credential, now)

    def query(self, credential: Credential, now: float) -> Mapping[str, str]:
        return self._way(credential).query(credential, now)

    def _way(self, credential: Credential) -> Auth:
        for way in self.ways:
            if set(way.variables) <= set(credential.names):
                return way
        wanted = " or ".join(" and ".join(way.variables) for way in self.ways)
        has = ", ".join(credential.names) or "nothing"
        raise ConfigurationError(f"a key needs {wanted}, and this one has {has}")


@frozen
class NoAuth(Auth):
    """A host that asks for no key."""


def ways(auth: Auth) -> tuple[Auth, ...]:
    """Every way to sign, best first: each with the fields it needs, all of them."""
    return auth.ways if isinstance(auth, Either) else (auth,)


def exports(auth: Auth) -> str:
    """What to export to have a key, in words: ``A=... and B=..., or C=...``."""
    return ", or ".join(
        " and ".join(f"{names[0]}=..." for names in way.variables.values()) for way in ways(auth)
    )
