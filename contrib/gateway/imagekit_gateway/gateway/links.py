"""Links to pictures: signed, expiring, and good without a key."""

from __future__ import annotations

import hashlib
import hmac
import time
from urllib.parse import quote

from attrs import define, field

__all__ = ["Links"]


@define
class Links:
    """Makes and checks them.

    Attributes:
        secret: known to every process of the gateway, and to nobody else.
        seconds: for how long a link is good.
    """

    secret: bytes = field(repr=False)
    seconds: float = 3600.0

    def path(self, id: str, place: int) -> str:
        """The way to a picture, from now on and for so long."""
        expires = int(time.time() + self.seconds)
        signature = self._signature(id, place, expires)
        return f"/v1/images/{quote(id)}/content?place={place}&exp={expires}&sig={signature}"

    def holds(self, id: str, place: int, expires: str, signature: str) -> bool:
        """Whether this is a link that was made here, and is still good."""
        if not (expires.isascii() and expires.isdigit() and len(expires) < 16):
            return False
        expected = self._signature(id, place, int(expires))
        same = hmac.compare_digest(expected.encode(), signature.encode("utf-8", "replace"))
        return same and int(expires) >= time.time()

    def _signature(self, id: str, place: int, expires: int) -> str:
        text = f"{id}\n{place}\n{expires}".encode()
        return hmac.new(self.secret, text, hashlib.sha256).hexdigest()
