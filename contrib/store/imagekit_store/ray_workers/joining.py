"""The connection to a Ray cluster."""

from __future__ import annotations

import logging
import os
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from imagekit import ConfigurationError

__all__ = ["joined"]

#: In which whoever is at an address has to take a connection.
SECONDS = 5.0
#: What Ray reads from the environment when it is imported.
_SETTINGS = {
    # Else, below `uv run`, the files of the current directory are sent to all nodes, and keys may
    # be among them.
    "RAY_ENABLE_UV_RUN_RUNTIME_ENV": "0",
    # Of what happens to nodes it prints pages, among our own lines.
    "RAY_DEDUP_LOGS_SKIP_REGEX": "^",
}


@contextmanager
def joined(address: str) -> Iterator[Any]:
    """Ray, connected to this cluster while this lasts; or as the program has connected it.

    Raises:
        ConfigurationError: Ray is not installed; the cluster can't be joined.
    """
    ray = _ray()
    if ray.is_initialized():
        yield ray
        return
    _refuse_unreachable(address)
    _connect(ray, address)
    try:
        yield ray
    finally:
        ray.shutdown()


def _ray() -> Any:
    for name, value in _SETTINGS.items():
        os.environ.setdefault(name, value)
    try:
        return import_module("ray")  # by its name, as only here: it takes half a second
    except ModuleNotFoundError:
        raise ConfigurationError(
            "Ray is not installed here; it comes with: pip install 'imagekit-store[ray]'"
        ) from None


def _refuse_unreachable(address: str) -> None:
    """Ray itself asks for more than a minute.

    Raises:
        ConfigurationError: nobody answers at this HOST:PORT.
    """
    host, _, port = address.rpartition(":")
    if not host or "/" in host or not port.isdecimal():
        return
    try:
        socket.create_connection((host.strip("[]"), int(port)), SECONDS).close()
    except (OSError, OverflowError) as error:
        why = getattr(error, "strerror", None) or error
        raise ConfigurationError(
            f"the Ray cluster {address} can't be joined: nobody answers there: {why}"
        ) from None


def _connect(ray: Any, address: str) -> None:
    """
    Raises:
        ConfigurationError: with Ray's own reason.
    """
    before = signal.getsignal(signal.SIGTERM)
    logging.getLogger("ray").setLevel(logging.ERROR)
    try:
        ray.init(address=address, log_to_driver=False, configure_logging=False, _skip_env_hook=True)
    except (OSError, RuntimeError, ValueError, ImportError, AssertionError) as error:
        why = str(error).strip().partition("\n")[0] or type(error).__name__
        raise ConfigurationError(f"the Ray cluster {address} can't be joined: {why}") from None
    finally:
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, before)  # Ray's own would end us with work in hand
