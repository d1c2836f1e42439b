"""``imagekit completion``."""

from __future__ import annotations

import os

import click
from click.shell_completion import (
    BashComplete,
    add_completion_class,
    get_completion_class,
    split_arg_string,
)

from imagekit.cli import output

__all__ = ["VARIABLE", "command"]

VARIABLE = "_IMAGEKIT_COMPLETE"  # as click derives it from the program's name

#: Bash breaks words at colons, which stand in host:model. So it is given the whole line, and
#: of what completes a word it gets the part that comes after the last colon typed.
BASH = r"""
%(complete_func)s() {
    local IFS=$'\n' line="${COMP_LINE:0:COMP_POINT}" broken="" completion type value
    local word="${line##*[[:space:]]}"
    [[ $COMP_WORDBREAKS == *:* && $word == *:* ]] && broken="${word%%:*}:"
    for completion in $(env COMP_LINE="$line" %(complete_var)s=bash_complete $1); do
        IFS=',' read -r type value <<< "$completion"
        case $type in
            dir) COMPREPLY=(); compopt -o dirnames ;;
            file) COMPREPLY=(); compopt -o default ;;
            plain) COMPREPLY+=("${value#"$broken"}") ;;
        esac
        [[ $value == *: ]] && compopt -o nospace
    done
}
complete -o nosort -F %(complete_func)s %(prog_name)s
"""

EXAMPLES = """
\b
Examples:
  eval "$(imagekit completion bash)"                                      # in ~/.bashrc
  eval "$(imagekit completion zsh)"                                       # in ~/.zshrc
  imagekit completion fish > ~/.config/fish/completions/imagekit.fish     # once
"""


@add_completion_class
class Bash(BashComplete):
    """Click's own, for a line that bash has not broken at colons."""

    source_template = BASH

    def get_completion_args(self) -> tuple[list[str], str]:
        line = os.environ["COMP_LINE"]
        words = split_arg_string(line)
        begun = words.pop() if words and not line[-1].isspace() else ""
        return words[1:], begun


@click.command("completion", epilog=EXAMPLES)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def command(shell: str) -> None:
    """Print the script that lets a SHELL complete commands, options, models and hosts."""
    kind = get_completion_class(shell)
    assert kind is not None  # click has all three
    root = click.get_current_context().find_root().command
    output.answer(kind(root, {}, "imagekit", VARIABLE).source())
