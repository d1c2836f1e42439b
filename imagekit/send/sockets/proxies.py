"""Where a request goes, and by which way: directly, or by a proxy of the environment."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import unquote

import urllib3
from attrs import field
from urllib3.exceptions import LocationValueError
from urllib3.util import Url, parse_url

from imagekit.basics.classes import frozen
from imagekit.basics.urls import bare_url, is_loopback
from imagekit.errors import NotSent
from imagekit.send.sockets.dialing import Guard, Line, PlainLine, SecureLine, addresses

__all__ = ["Origin", "Way", "split"]

_PORTS = {"http": 80, "https": 443}


class Origin(NamedTuple):
    """Whom a request is for. A user and a password in a URL make no difference."""

    scheme: str
    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == _PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}"


@lru_cache(maxsize=256)
def split(url: str) -> tuple[Origin, str]:
    """The origin that a URL names, and what is asked for there.

    Raises:
        NotSent: it names none that there can be.
    """
    try:
        parts = parse_url(url.strip())
        host = (parts.host or "").strip("[]")
        known = host.rstrip(".").encode("idna")  # a name's parts have 1 to 63 characters
    except (LocationValueError, UnicodeError):
        parts, host, known = Url(), "", b""
    if parts.scheme not in _PORTS or not known:
        shown = bare_url(url)
        raise NotSent(f"{shown} is no address", url=shown, retryable=False) from None
    port = _PORTS[parts.scheme] if parts.port is None else parts.port
    return Origin(parts.scheme, host, port), parts.request_uri


@frozen
class Way:
    """How an origin is reached.

    Attributes:
        proxy: of the environment; None for none.
        proxy_headers: what the proxy wants to be told, e.g. a password.
    """

    origin: Origin
    guard: Guard | None = None
    proxy: urllib3.ProxyManager | None = None
    proxy_headers: Mapping[str, str] = field(factory=dict, repr=False)

    @classmethod
    def to(cls, origin: Origin, guard: Guard | None) -> Way:
        """By the environment's proxy for such an origin. This machine is never reached by
        one: a proxy's own loopback is elsewhere, and it would see the key.

        Raises:
            NotSent: the environment names a proxy that is none.
        """
        from urllib.request import getproxies, proxy_bypass  # heavy, and needed once

        proxy = getproxies().get(origin.scheme)
        name = str(origin)
        if not proxy or is_loopback(name) or proxy_bypass(name.rpartition("/")[2]):
            return cls(origin, guard)
        manager = _manager(proxy)
        return cls(origin, guard, manager, manager.proxy_headers)

    def admit(self) -> None:
        """Show the guard the origin itself, where it is a proxy that is dialled. A name that
        is unknown here is the proxy's to look up."""
        if self.guard is None or self.proxy is None:
            return
        found: list[Any] = []
        with suppress(OSError):
            found = addresses(self.origin.host.rstrip("."), self.origin.port)
        self.guard(self.origin.host, [str(entry[4][0]) for entry in found])

    @property
    def forwarded(self) -> bool:
        """Whether the proxy itself reads the request, which names the whole URL then."""
        return self.proxy is not None and self.origin.scheme == "http"

    @property
    def forwarded_headers(self) -> Mapping[str, str]:
        return self.proxy_headers if self.forwarded else {}

    def target(self, path: str) -> str:
        """What the request's first line asks for."""
        return f"{self.origin}{path}" if self.forwarded else path

    def line(self) -> Line:
        """A connection, still to be opened."""
        if self.proxy is None:
            line = _kind(self.origin.scheme)(self.origin.host, self.origin.port)
            line.guard = self.guard
            return line
        proxy = self.proxy.proxy
        assert proxy is not None
        secure = "https" if not self.forwarded else proxy.scheme
        line = _kind(secure)(
            proxy.host or "", proxy.port, proxy=proxy, proxy_config=self.proxy.proxy_config
        )
        if not self.forwarded:
            line.set_tunnel(
                self.origin.host, self.origin.port, self.proxy_headers, proxy.scheme or "http"
            )
        return line


def _kind(scheme: str | None) -> type[Line]:
    return SecureLine if scheme == "https" else PlainLine


def _manager(proxy: str) -> urllib3.ProxyManager:
    """A proxy as environments name it: perhaps without scheme, with a password."""
    address = proxy if "://" in proxy else f"http://{proxy}"
    try:
        auth = parse_url(address).auth
        headers = urllib3.util.make_headers(proxy_basic_auth=unquote(auth)) if auth else None
        return urllib3.ProxyManager(address, proxy_headers=headers)
    except LocationValueError:  # its text may hold the password
        raise NotSent(
            "the environment names a proxy that is no http:// or https:// address",
            retryable=False,
        ) from None
