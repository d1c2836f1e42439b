"""No network but loopback, and nothing of the machine: for tests that must not depend on it."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from ipaddress import ip_address
from typing import Any, Protocol

__all__ = ["isolate"]


class Patch(Protocol):
    """The part of ``pytest.MonkeyPatch`` that is needed here."""

    def setattr(self, target: Any, name: str, value: Any, /) -> None: ...
    def setenv(self, name: str, value: str, /) -> None: ...
    def delenv(self, name: str, /) -> None: ...


def isolate(patch: Patch, home: str) -> None:
    """Until ``patch`` is undone: no keys, configuration, proxies or plugin lists of this
    machine, and no address but loopback is connected to or looked up.

    Args:
        home: an empty folder, to stand for the user's configuration folder.
    """
    patch.setenv("XDG_CONFIG_HOME", home)
    for name in list(os.environ):
        upper = name.upper()
        if upper.endswith(("_PROXY", "_API_KEY")) or upper.startswith("IMAGEKIT_"):
            patch.delenv(name)
    patch.setattr(socket, "getaddrinfo", _only_loopback(socket.getaddrinfo))
    patch.setattr(socket.socket, "connect", _near(socket.socket.connect))
    patch.setattr(socket.socket, "connect_ex", _near(socket.socket.connect_ex))


def _near(connect: Callable[..., Any]) -> Callable[..., Any]:
    def guarded(self: socket.socket, address: Any) -> Any:
        if self.family in (socket.AF_INET, socket.AF_INET6):
            _check(address[0])
        return connect(self, address)

    return guarded


def _only_loopback(look_up: Callable[..., Any]) -> Callable[..., Any]:
    def guarded(host: Any, *args: Any, **options: Any) -> Any:
        if host is not None:
            _check(host.decode() if isinstance(host, bytes) else host)
        return look_up(host, *args, **options)

    return guarded


def _check(host: str) -> None:
    try:
        near = host in ("localhost", "") or ip_address(host).is_loopback
    except ValueError:
        near = False
    if not near:
        raise OSError(f"tests reach loopback addresses only, and {host} is none")
