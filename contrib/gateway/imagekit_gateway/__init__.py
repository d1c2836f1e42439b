"""The gateway: an OpenAI-compatible server over every model and host that is installed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from imagekit import Config, Problem, hookimpl

if TYPE_CHECKING:
    from click import Command

__all__: list[str] = []


@hookimpl
def imagekit_check_settings(table: str, config: Config) -> Iterable[Problem] | None:
    if table != "gateway":
        return None
    from imagekit_gateway.settings import problems

    return [*problems(config)]


@hookimpl
def imagekit_commands() -> list[Command]:
    from imagekit_gateway.commands.gateway import gateway

    return [gateway]
