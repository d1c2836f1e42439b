"""What a URL says of itself, without asking the network."""

from __future__ import annotations

import re
from collections.abc import Container, Mapping
from functools import lru_cache
from ipaddress import ip_address
from urllib.parse import quote, unquote_plus, urlsplit

__all__ = [
    "bare_url",
    "in_clear",
    "is_loopback",
    "origin",
    "with_query",
    "without_query",
    "without_secrets",
]


def is_loopback(url: str) -> bool:
    """Whether a URL names this machine: ``localhost`` or a loopback address."""
    try:
        host = urlsplit(url).hostname or ""
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def in_clear(url: str) -> bool:
    """Whether what is sent there can be read on the way: plain http, and not to this machine."""
    return url.lower().startswith("http:") and not is_loopback(url)


def origin(url: str) -> str:
    """Scheme, host and port; empty for what is no URL."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.netloc}".lower()


@lru_cache(maxsize=256)
def bare_url(url: str) -> str:
    """The URL without query, fragment and user: fit for logs and errors."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "(a malformed URL)"
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def with_query(target: str, more: Mapping[str, str]) -> str:
    """What is asked for of an origin, with more in its query: in place of what has the same name
    there; the rest stays as it is written."""
    if not more:
        return target
    path, _, query = target.partition("?")
    added = [f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in more.items()]
    return f"{path}?{'&'.join([*_without(query, more), *added])}"


def without_query(url: str, names: Container[str]) -> str:
    """The URL without the parameters of these names; the rest stays as it is written."""
    rest, hash, fragment = url.partition("#")
    path, _, query = rest.partition("?")
    kept = "&".join(_without(query, names))
    return f"{path}{'?' if kept else ''}{kept}{hash}{fragment}"


def _without(query: str, names: Container[str]) -> list[str]:
    parts = query.split("&")
    return [part for part in parts if part and unquote_plus(part.partition("=")[0]) not in names]


#: A password before the host, as SQLAlchemy reads it too: up to the first ``@``.
_PASSWORD = r"(?<=://)([^:/@]*):[^@]*@"
#: Parts of a query that carry a secret, or may; the others say where the URL leads.
_SECRET = r"(?i)(?<=[?&])([^=&#]*(?:pass|secret|token|key|sig)[^=&#]*)=[^&#]*"


def without_secrets(url: str) -> str:
    """The URL with whom it leads to and where, but no password: for those who are to judge it."""
    return re.sub(_SECRET, r"\1=...", re.sub(_PASSWORD, r"\1:...@", url))
