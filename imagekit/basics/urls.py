"""What a URL says of itself, without asking the network."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import ip_address
from urllib.parse import urlsplit

__all__ = ["bare_url", "in_clear", "is_loopback", "origin"]


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
