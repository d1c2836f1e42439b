"""The gateway: an OpenAI-compatible server over every model and host that is installed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from imagekit import Config, Problem, hookimpl

if TYPE_CHECKING:
    from click import Command

    from imagekit_gateway.gateway.callers import Callers, FindsKeys
    from imagekit_gateway.gateway.gateway import Gateway
    from imagekit_gateway.gateway.settings import Settings
    from imagekit_gateway.refusals import Refused
    from imagekit_gateway.rights.rights import Rights
    from imagekit_gateway.serving.app import Application

__all__ = ["Application", "Callers", "FindsKeys", "Gateway", "Refused", "Rights", "Settings"]

_ROOMS = {
    "Application": "serving.app",
    "Callers": "gateway.callers",
    "FindsKeys": "gateway.callers",
    "Gateway": "gateway.gateway",
    "Refused": "refusals",
    "Rights": "rights.rights",
    "Settings": "gateway.settings",
}


@hookimpl
def imagekit_check_settings(table: str, config: Config) -> Iterable[Problem] | None:
    if table != "gateway":
        return None
    from imagekit_gateway.gateway.settings import problems

    return [*problems(config)]


@hookimpl
def imagekit_commands() -> list[Command]:
    from imagekit_gateway.commands.gateway import gateway

    return [gateway]


def __getattr__(name: str) -> Any:
    """Imported when it is used: every client loads its plugins, and few of them serve."""
    from importlib import import_module

    if name not in _ROOMS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_ROOMS[name]}"), name)
