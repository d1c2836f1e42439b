"""What was typed, turned into what a call takes."""

from __future__ import annotations

import json
import re
import shlex
import sys
from typing import Any

import click

__all__ = ["JsonObject", "options", "prompt", "ratio", "size"]


class JsonObject(click.ParamType):  # type: ignore[type-arg]
    """A JSON object on the command line."""

    name = "JSON"

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:
        if isinstance(value, dict):
            return value
        try:
            found = json.loads(value)
        except (ValueError, RecursionError) as error:
            self.fail(f"{value!r} is not JSON: {error}", param, ctx)
        if not isinstance(found, dict):
            self.fail(f"{value!r} is not a JSON object, such as '{{\"key\": 1}}'", param, ctx)
        return found


def options(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> dict[str, Any]:
    """``-p key=value``: the value is JSON where it parses, else text."""
    given: dict[str, Any] = {}
    for text in values:
        key, equals, value = text.partition("=")
        if not equals or not key:
            raise click.BadParameter(f"{text!r} is not key=value")
        try:
            given[key] = json.loads(value)
        except (ValueError, RecursionError):
            given[key] = value
    return given


def prompt(ctx: click.Context, param: click.Parameter, words: tuple[str, ...]) -> str:
    """The one that was typed, or what stdin has."""
    if len(words) > 1:
        quoted = shlex.quote(" ".join(words))
        message = f"the prompt is one argument; quote it: imagekit generate {quoted}"
        raise click.UsageError(message, ctx)
    if words and words != ("-",):
        return words[0]
    if not words and sys.stdin.isatty():
        raise click.MissingParameter(ctx=ctx, param=param, param_type="argument")
    text = sys.stdin.read().rstrip("\n")
    if not words and not text.strip():
        raise click.UsageError("there is no prompt, neither as an argument nor on stdin", ctx)
    return text


def size(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    """``2048X2048`` and the like mean what they say."""
    found = re.fullmatch(r"\s*(\d+)\s*[xX×*]\s*(\d+)\s*", value or "")
    return f"{found[1]}x{found[2]}" if found else value


def ratio(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    """So does ``16/9``."""
    found = re.fullmatch(r"\s*(\d+)\s*[:/xX×]\s*(\d+)\s*", value or "")
    return f"{found[1]}:{found[2]}" if found else value
