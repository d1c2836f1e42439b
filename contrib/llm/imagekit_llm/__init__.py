"""A plugin of ``llm``: ``llm imagekit PROMPT`` makes pictures, and so does whatever model is given
the tool ``imagekit_generate``."""

from __future__ import annotations

from collections.abc import Callable

import click
import llm

__all__ = ["register_commands", "register_tools"]


@llm.hookimpl
def register_commands(cli: click.Group) -> None:
    from imagekit_llm.command import command

    cli.add_command(command)


@llm.hookimpl
def register_tools(register: Callable[..., None]) -> None:
    from imagekit_llm.tool import imagekit_generate

    register(imagekit_generate)
