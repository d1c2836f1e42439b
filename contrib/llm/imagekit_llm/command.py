"""``llm imagekit``: what ``imagekit generate`` does, for those who are in ``llm`` already."""

from __future__ import annotations

import sys
from typing import Any

import click

from imagekit import ImagekitError, tools

__all__ = ["command"]

EXAMPLES = """
\b
Examples:
  llm imagekit "a corgi on the beach" -m sandbox:seedream-4.5
  llm imagekit "a corgi" -m seedream-4.5 --ratio 16:9 -o pictures/
  llm "one prompt for a picture of a corgi, nothing else" | llm imagekit - -m seedream-4.5
"""


@click.command("imagekit", epilog=EXAMPLES)
@click.argument("words", nargs=-1, metavar="[PROMPT]")
@tools.generate_options
def command(words: tuple[str, ...], **options: Any) -> None:
    """Generate pictures from PROMPT with any model at any host, and save them.

    Without PROMPT, or with -, it is read from stdin. Prints the path of every picture saved.
    Exit codes are those of imagekit generate, and imagekit resume finishes what is left undone.
    """
    try:
        code = tools.generate(_prompt(words), **options)
    except ImagekitError as error:
        tools.show_error(error, options["as_json"])
        code = tools.code_of(error)
    sys.exit(code)


def _prompt(words: tuple[str, ...]) -> str:
    """
    Raises:
        click.UsageError: there is none.
    """
    prompt = sys.stdin.read() if words in ((), ("-",)) else " ".join(words)
    if not prompt.strip():
        raise click.UsageError("there is no prompt: give one, or pipe one in")
    return prompt.strip()
