"""What commands of plugins and tools are made of, so that they look and end as imagekit's own; and
what is given to a language model (`Studio`).

Needs the extra ``imagekit[cli]``. Each name brings along what it is made of when it is used, and
no earlier: a group of commands may be shown before any of them is imported.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from imagekit.cli.agents.gallery import Gallery
    from imagekit.cli.agents.roots import Roots
    from imagekit.cli.agents.studio import Studio
    from imagekit.cli.agents.telling import Made, next_step, plain, refusal, said
    from imagekit.cli.checking import Checked, checked_configuration
    from imagekit.cli.exits import MEANINGS, code_of
    from imagekit.cli.lazily import Lazily
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
    from imagekit.cli.session import (
        Choice,
        chosen,
        configuration,
        open_client,
        own_config,
        refuse_found,
    )
    from imagekit.cli.text import clean, hanging
    from imagekit.cli.unfinished.journaling import state_directory
    from imagekit.settings.untrusted import is_only_words

__all__ = [
    "MEANINGS",
    "Checked",
    "Choice",
    "Gallery",
    "Lazily",
    "Made",
    "Roots",
    "Studio",
    "answer",
    "checked_configuration",
    "chosen",
    "clean",
    "code_of",
    "configuration",
    "generate",
    "generate_options",
    "hanging",
    "is_only_words",
    "json_answer",
    "next_step",
    "note",
    "open_client",
    "own_config",
    "plain",
    "receipt_rows",
    "refusal",
    "refuse_found",
    "said",
    "show_error",
    "show_them",
    "state_directory",
    "table",
    "tell_path",
]

F = TypeVar("F", bound=Callable[..., Any])
#: Where each name is from, as type checkers read it above.
_HOME = {
    "cli.agents.gallery": ("Gallery",),
    "cli.agents.roots": ("Roots",),
    "cli.agents.studio": ("Studio",),
    "cli.agents.telling": ("Made", "next_step", "plain", "refusal", "said"),
    "cli.checking": ("Checked", "checked_configuration"),
    "cli.exits": ("MEANINGS", "code_of"),
    "cli.lazily": ("Lazily",),
    "cli.output": (
        "answer",
        "json_answer",
        "note",
        "receipt_rows",
        "show_error",
        "table",
        "tell_path",
    ),
    "cli.running.viewer": ("show_them",),
    "cli.text": ("clean", "hanging"),
    "cli.unfinished.journaling": ("state_directory",),
    "cli.session": (
        "Choice",
        "chosen",
        "configuration",
        "open_client",
        "own_config",
        "refuse_found",
    ),
    "settings.untrusted": ("is_only_words",),
}


def __getattr__(name: str) -> Any:
    for module, names in _HOME.items():
        if name in names:
            value = globals()[name] = getattr(import_module(f"imagekit.{module}"), name)
            return value
    raise AttributeError(f"module 'imagekit.tools' has no attribute {name!r}")


def generate_options(function: F) -> F:
    """Gives a command every option of ``imagekit generate``; `generate` takes their values."""
    from imagekit.cli.commands.generate import command

    options = [one for one in command.params if one.param_type_name == "option"]
    before = getattr(function, "__click_params__", [])
    function.__click_params__ = [*before, *reversed(options)]  # type: ignore[attr-defined]
    return function


def generate(prompt: str, **options: Any) -> int:
    """``imagekit generate PROMPT`` with the values of `generate_options`: made, saved, told of.
    Pictures among them may be whatever `imagekit.Client.generate` takes.

    Returns:
        the exit code.
    """
    from imagekit.cli.commands.generate import command

    assert command.callback is not None  # it is a command
    return int(command.callback(words=prompt, **options))
