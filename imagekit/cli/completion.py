"""``imagekit completion``."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from imagekit.cli import output

__all__ = ["command"]

VARIABLE = "_IMAGEKIT_COMPLETE"  # as click derives it from the program's name

EXAMPLES = """
\b
Examples:
  eval "$(imagekit completion bash)"                                      # in ~/.bashrc
  eval "$(imagekit completion zsh)"                                       # in ~/.zshrc
  imagekit completion fish > ~/.config/fish/completions/imagekit.fish     # once
"""


@click.command("completion", epilog=EXAMPLES)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def command(shell: str) -> None:
    """Print the script that lets a SHELL complete commands, options, models and hosts."""
    kind = get_completion_class(shell)
    assert kind is not None  # click has all three
    root = click.get_current_context().find_root().command
    output.answer(kind(root, {}, "imagekit", VARIABLE).source())
