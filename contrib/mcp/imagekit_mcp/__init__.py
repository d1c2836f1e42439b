"""imagekit's models as tools of the Model Context Protocol: ``imagekit mcp``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imagekit import hookimpl

if TYPE_CHECKING:
    from click import Command

__all__: list[str] = []


@hookimpl
def imagekit_commands() -> list[Command]:
    from imagekit_mcp.command import command

    return [command]
