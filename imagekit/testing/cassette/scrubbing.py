"""What must not stand on a tape: keys, cookies, and the signatures of links.

A tape is made to be committed, so a value is hidden rather once too often: what hides
hardly ever matters to a test, and what shows can't be taken back.
"""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64decode
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from imagekit.basics.echoes import echo_of

__all__ = ["HIDDEN", "Scrubber", "masked", "numbered"]

HIDDEN = "***"

_SHORTEST = 4  # characters; less is no key, and would be found in every text
_SHORTEST_UNNAMED = 12  # the same for headers whose name does not say that they are secret

_SECRET_HEADER = re.compile(
    r"(?:^|[-_])(?:authorization|auth|cookie|set-cookie|token|key|api-?key|secret|signature"
    r"|credentials?|password|session)$",
    re.IGNORECASE,
)
_HARMLESS_HEADER = re.compile(r"content-.*|accept(-.*)?|user-agent|host", re.IGNORECASE)
_SECRET_FIELD = re.compile(
    r"(?:[a-z]+[-_]?)?(?:api[-_]?key|access[-_]?key(?:[-_]?id)?|(?:access|auth)[-_]?token"
    r"|secret(?:[-_]?key)?|private[-_]?key|password|authorization)",
    re.IGNORECASE,
)
#: Names in the query of signed links (S3, GCS, TOS, OSS, COS, Azure, CloudFront, Akamai) and
#: of keys that stand in a query.
_SECRET_PARAMETER = re.compile(
    r"x-(?:amz|goog|tos|oss|cos|obs)-.*|q-.*|.*(?:sign|signature|sig|token|auth|key|key-?id"
    r"|key-pair-id|credential|secret|password|policy|expires|hmac|hdnea|hdnts)"
    r"|s[eprtvi]|sk[a-z]+|spr",
    re.IGNORECASE,
)
_RANDOM = re.compile(r"[A-Za-z0-9+/_%=~.-]{24,}")
_LINK = re.compile(r"https?://[^\s\"'<>\\]+")
_HIDDEN = re.compile(r"\*\*\*\d*")


class Scrubber:
    """Takes secrets out of texts, links, headers and documents.

    Args:
        secrets: values to hide, besides those that `learn` finds.
        name: what to call the signature of a link, given its secret values; see `numbered`.
    """

    def __init__(
        self,
        secrets: Iterable[str] = (),
        name: Callable[[tuple[str, ...]], str] = lambda values: HIDDEN,
    ) -> None:
        self._secrets = {secret for secret in secrets if secret}
        self._name = name

    def know(self, secrets: Iterable[str]) -> None:
        """Take these for secrets as well."""
        self._secrets |= {secret for secret in secrets if len(secret) >= _SHORTEST}

    def learn(self, headers: Mapping[str, str]) -> None:
        """Take the headers of a signed request for secrets, except those known to be none."""
        for name, value in headers.items():
            shortest = _SHORTEST if _SECRET_HEADER.search(name) else _SHORTEST_UNNAMED
            if not _HARMLESS_HEADER.fullmatch(name):
                bare = value.partition(" ")[2].strip()  # of its scheme, such as Bearer
                parts = (value, bare, *_issuer(bare))
                found = {part for part in parts if len(part) >= shortest}
                self._secrets |= {part for part in found if not _HIDDEN.fullmatch(part)}

    def text(self, text: str) -> str:
        """A text without secrets, and with the links in it unsigned."""
        echo = echo_of(frozenset(self._secrets))
        text = echo.sub(HIDDEN, text) if echo else text
        return _LINK.sub(lambda found: self._link(found[0]), text)

    def document(self, value: Any) -> Any:
        """JSON with every text in it scrubbed, the names of fields included."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {
                self.text(name): HIDDEN
                if isinstance(inner, str) and _SECRET_FIELD.fullmatch(name)
                else self.document(inner)
                for name, inner in value.items()
            }
        if isinstance(value, list):
            return [self.document(inner) for inner in value]
        return value

    def headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        """Headers, names in lower case, without those that are secrets by name."""
        return {
            name.lower(): self.text(value)
            for name, value in headers.items()
            if not _SECRET_HEADER.search(name)
        }

    def _link(self, url: str) -> str:
        """A link without user and signature; what else its query says stays."""
        scheme, _, rest = url.partition("://")
        place, mark, query = rest.partition("?")
        authority, slash, path = place.partition("/")
        bare = f"{scheme}://{authority.rpartition('@')[2]}{slash}{path}"
        parts = [part.partition("=") for part in query.split("&")]
        values = tuple(value for name, _, value in parts if _is_secret(name, value))
        if not values:
            return bare + mark + query
        hidden = self._name(values)
        shown = (
            f"{name}={hidden}" if _is_secret(name, value) else name + equals + value
            for name, equals, value in parts
        )
        return f"{bare}?{'&'.join(shown)}"


def _issuer(token: str) -> list[str]:
    """Who issued a JSON Web Token (RFC 7519): with hosts that want one, an access key."""
    try:
        claims = json.loads(urlsafe_b64decode(token.split(".")[1] + "=="))
        return [claims["iss"]] if isinstance(claims["iss"], str) else []
    except (IndexError, KeyError, TypeError, ValueError):
        return []


def _is_secret(name: str, value: str) -> bool:
    if not value or _HIDDEN.fullmatch(value):
        return False
    return bool(_SECRET_PARAMETER.fullmatch(name) or _RANDOM.fullmatch(value))


def numbered() -> Callable[[tuple[str, ...]], str]:
    """Names for signatures: the same for the same, another for another (``***1``, ``***2``).

    So a link in an answer and the request that follows it stay the same link, and two links
    that differ in nothing else stay two.
    """
    seen: dict[tuple[str, ...], str] = {}
    return lambda values: seen.setdefault(values, f"{HIDDEN}{len(seen) + 1}")


def masked(value: Any) -> Any:
    """A scrubbed document with all signatures alike: those of another day match it, too."""
    if isinstance(value, str):
        return _HIDDEN.sub(HIDDEN, value)
    if isinstance(value, Mapping):
        return {name: masked(inner) for name, inner in value.items()}
    return [masked(inner) for inner in value] if isinstance(value, list) else value
