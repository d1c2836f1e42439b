"""What commands of plugins and tools are made of, so that they look and end as imagekit's own.

Needs the extra ``imagekit[cli]``. Import it inside commands: it brings the command line along.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from imagekit.cli.commands.generate import command as _generate
from imagekit.cli.exits import MEANINGS, code_of
from imagekit.cli.output import (
    answer,
    json_answer,
    note,
    receipt_rows,
    show_error,
    table,
    tell_path,
)
from imagekit.cli.running.viewer import show_them
from imagekit.cli.session import Choice, chosen, configuration, open_client, own_config

__all__ = [
    "MEANINGS",
    "Choice",
    "answer",
    "chosen",
    "code_of",
    "configuration",
    "generate",
    "generate_options",
    "json_answer",
    "note",
    "open_client",
    "own_config",
    "receipt_rows",
    "show_error",
    "show_them",
    "table",
    "tell_path",
]

F = TypeVar("F", bound=Callable[..., Any])


def generate_options(function: F) -> F:
    """Gives a command every option of ``imagekit generate``; `generate` takes their values."""
    options = [one for one in _generate.params if one.param_type_name == "option"]
    before = getattr(function, "__click_params__", [])
    function.__click_params__ = [*before, *reversed(options)]  # type: ignore[attr-defined]
    return function


def generate(prompt: str, **options: Any) -> int:
    """``imagekit generate PROMPT`` with the values of `generate_options`: made, saved, told of.
    Pictures among them may be whatever `imagekit.Client.generate` takes.

    Returns:
        the exit code.
    """
    assert _generate.callback is not None  # it is a command
    return int(_generate.callback(words=prompt, **options))
