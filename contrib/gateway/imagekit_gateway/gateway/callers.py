"""Who asks: the key that a request carries."""

from __future__ import annotations

import hashlib
import time
from typing import Protocol

from attrs import define, field
from imagekit_store import Key, Keys

from imagekit_gateway.refusals import Refused
from imagekit_gateway.rights.rights import Rights, rights_of

__all__ = ["Callers", "FindsKeys", "bad_key"]

#: Seconds for which a key is not looked up again, and so until one that is revoked is refused.
FRESH = 1.0
MOST = 10_000
#: Longer is no key of ours, and is not even hashed.
LONGEST = 200


class FindsKeys(Protocol):
    """Whose request it is: of a gateway in a program that has keys of its own, too."""

    def of(self, authorization: str | None) -> tuple[Key, Rights]:
        """The key that the header ``Authorization`` carries, and what that may do.

        Raises:
            Refused: there is none, or none that is good.
        """


@define(eq=False)
class Callers:
    """The keys of a store, remembered for a moment, by their hash."""

    keys: Keys
    _known: dict[bytes, tuple[float, Key, Rights]] = field(factory=dict, init=False)

    def of(self, authorization: str | None) -> tuple[Key, Rights]:
        """Whose request it is.

        Raises:
            Refused: there is no key, or none that is good.
            Outdated: it is too new for this gateway.
        """
        secret = _secret(authorization)
        digest = hashlib.sha256(secret.encode()).digest()
        known = self._known.get(digest)
        if known is None or known[0] < time.monotonic():
            known = self._looked_up(secret, digest)
        return known[1], known[2]

    def _looked_up(self, secret: str, digest: bytes) -> tuple[float, Key, Rights]:
        self._known.pop(digest, None)
        key = self.keys.find(secret)
        if key is None:
            raise bad_key("this API key is not known here")
        if key.state != "active":
            raise bad_key(f"this API key is {key.state}")
        if len(self._known) >= MOST:
            self._known.clear()
        self._known[digest] = known = (time.monotonic() + FRESH, key, rights_of(key))
        return known


def _secret(authorization: str | None) -> str:
    scheme, _, secret = (authorization or "").partition(" ")
    secret = secret.strip()
    if scheme.lower() != "bearer" or not secret:
        raise bad_key("there is no API key: send the header Authorization: Bearer ik-...")
    if len(secret) > LONGEST or not secret.isascii():
        raise bad_key("this API key is not known here")
    return secret


def bad_key(message: str) -> Refused:
    """The answer to a request without a key that is good."""
    headers = {"WWW-Authenticate": "Bearer"}
    return Refused(401, "invalid_api_key", message, "authentication_error", headers=headers)
