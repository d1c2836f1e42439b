"""Groups whose commands are imported when they are used, so that ``--help`` is quick."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

import click

__all__ = ["Lazily"]


class Lazily(click.Group):
    """
    Args:
        modules: name of a command -> the module that has it as ``command``, and its line of help.
    """

    def __init__(self, *args: Any, modules: Mapping[str, tuple[str, str]], **more: Any) -> None:
        super().__init__(*args, **more)
        self.modules = modules

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*self.modules]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.modules:
            return None
        module, short_help = self.modules[cmd_name]
        if getattr(ctx, "listing", False):
            return click.Command(cmd_name, short_help=short_help)
        command: click.Command = importlib.import_module(module).command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        ctx.listing = True  # type: ignore[attr-defined]
        super().format_commands(ctx, formatter)
