"""``imagekit gateway key``: add, change, list, revoke."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import click
from imagekit_store import Key, Keys, store_at

from imagekit import Budget, ImagekitError, UsageError, tools
from imagekit_gateway.gateway.opening import configuration
from imagekit_gateway.rights.names import Names
from imagekit_gateway.rights.rights import DIALECTS, Rights, rights_of
from imagekit_gateway.rights.terms import Terms, amount_words, terms_of, told

__all__ = ["command"]

COLUMNS = (
    "name",
    "key",
    "state",
    "may ask for",
    "rights",
    "limits",
    "spent",
    "made",
    "expires",
)
EXAMPLES = """
\b
Examples:
  imagekit gateway key add mary
  imagekit gateway key add studio --budget 20/month --rpm 60 --at-once 4
  imagekit gateway key add app --models 'seedream-*' --models kling-image-o1 --expires 90d
  imagekit gateway key change app --rpm 120 --budget none
  imagekit gateway key list
  imagekit gateway key revoke mary
"""


@click.group("key", epilog=EXAMPLES)
def command() -> None:
    """Keys: who may ask the gateway, for what, and how much.

    A key is shown when it is made, and never again: only its hash is kept.
    """


@contextmanager
def _keys() -> Iterator[Keys]:
    store = store_at(configuration(tools.chosen()))
    try:
        yield Keys(store)
    finally:
        store.close()


# --- what is said of a key ----------------------------------------------------------------------

#: Takes a limit away.
NONE = "none"
LIMITS = ("rpm", "at_once", "budget", "expires")
#: A number, and perhaps a currency.
_AMOUNT = re.compile(r"([-+.\d]+)\s*([A-Za-z]*)")


class _Count(click.ParamType[Any]):
    """A number of requests, or ``none``."""

    name = "NUMBER"

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:
        return value if value == NONE else click.IntRange(1).convert(value, param, ctx)


#: None, and no patterns: nothing was said of it.
OPTIONS = (
    click.option("--rpm", type=_Count(), help="Requests a minute."),
    click.option("--at-once", type=_Count(), help="Requests under way at once."),
    click.option(
        "--budget",
        metavar="AMOUNT[/PERIOD]",
        help="What it may spend: 20/month, 5EUR/day, 100/total.",
    ),
    click.option("--expires", metavar="DAYS|DATE", help="When it ends: 90d, or a date."),
    click.option(
        "--models", multiple=True, metavar="PATTERN", help="Only these; again for more; '*': any."
    ),
    click.option(
        "--native/--no-native", default=None, help="It may send fields that nobody checks. [no]"
    ),
    click.option("--keep/--no-keep", default=None, help="Keep its pictures. [yes]"),
    click.option("--dialect", type=click.Choice(DIALECTS), help="Whose page its answers follow."),
    click.option(
        "--response-format", type=click.Choice(["url", "b64_json"]), help="When it names none."
    ),
    click.option(
        "--operator/--no-operator",
        default=None,
        help="It may see numbers, keys and open requests. [no]",
    ),
)


def _settings(command: Callable[..., None]) -> Callable[..., None]:
    """A command that is told what a key is given."""
    for option in reversed(OPTIONS):
        command = option(command)
    return command


def _said(options: Mapping[str, Any]) -> dict[str, Any]:
    """What was said, by the names that `Terms` has for it."""
    said = {name: value for name, value in options.items() if value not in (None, ())}
    if "budget" in said:
        said |= _budget(said["budget"])
    taken_away = {name: None for name in LIMITS if said.get(name) == NONE}
    return {**said, **taken_away}


def _budget(text: str) -> dict[str, str]:
    """``20``, ``20/month``, ``5EUR/day``, ``5 EUR/day``: what is said of it.

    Raises:
        UsageError: its currency is none.
    """
    amount, _, period = text.partition("/")
    found = _AMOUNT.fullmatch(amount.strip())
    number, currency = found.groups() if found else (amount, "")
    if currency:
        try:
            Budget.parse(f"{number} {currency}")
        except ValueError as error:
            raise UsageError(f"budget: {error}") from None
    rest = {"currency": currency, "period": period.strip()}
    return {"budget": number, **{name: word for name, word in rest.items() if word}}


def _note_unknown(patterns: Collection[str]) -> None:
    """Say which patterns fit no model that is served: they may be misspelt, or meant for later."""
    if not patterns:
        return
    try:
        with tools.open_client(tools.chosen()) as client:
            routes = Names(client).routes()
    except ImagekitError as error:
        tools.note(f"whether a model is called so can't be said: {error}")
        return
    for pattern in patterns:
        rights = Terms().changed({"models": (pattern,)}).rights
        if not any(rights.may_ask(*one) for one in routes):
            tools.note(f"no model that is served is called {pattern}; imagekit models lists them")


# --- the commands --------------------------------------------------------------------------------


@command.command("add", epilog=EXAMPLES)
@click.argument("name")
@_settings
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def add(name: str, as_json: bool, **options: Any) -> None:
    """Make a key called NAME, and show it: this once."""
    terms = Terms().changed(_said(options))
    with _keys() as keys:
        secret = keys.add(name, limits=terms.limits, settings=terms.settings, expires=terms.expires)
    if as_json:
        tools.answer(json.dumps({"name": name, "key": secret}))
        return
    tools.answer(secret)
    tools.note(f"this is the key {name}; it is not shown again")
    _note_unknown(options["models"])


@command.command("change", epilog=EXAMPLES)
@click.argument("name")
@_settings
def change(name: str, **options: Any) -> None:
    """Change what the key called NAME may do, how much, or until when. What is not said stays as it
    is; "none" takes a limit away."""
    with _keys() as keys:
        key = keys.named(name)
        terms = terms_of(key).changed(_said(options))
        keys.change(
            name, limits=terms.limits, settings=terms.settings, expires=terms.expires, was=key
        )
        row = _row(keys.named(name))
    tools.table(COLUMNS, [row])
    _note_unknown(options["models"])


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def listed(as_json: bool) -> None:
    """Show every key: whose, what it may, what it has spent. The keys themselves nobody has."""
    with _keys() as keys:
        every, last_asked = keys.all(), keys.last_asked()
    if as_json:
        tools.json_answer({"keys": [told(key, last_asked.get(key.name)) for key in every]})
        return
    tools.table(COLUMNS, [_row(key) for key in every])


def _row(key: Key) -> tuple[str, ...]:
    limits, rights = key.limits, rights_of(key)
    bounds = [f"{limits.rpm}/minute"] if limits.rpm else []
    bounds += [f"{limits.at_once} at once"] if limits.at_once else []
    if limits.budget is not None:
        bounds.append(f"{amount_words(limits.budget)} {limits.currency}/{limits.period}")
    return (
        key.name,
        f"ik-...{key.hint}",
        key.state,
        ", ".join(rights.models) or "everything",
        ", ".join(_words(rights)) or "as usual",
        ", ".join(bounds) or "none",
        f"{amount_words(key.spent)} {limits.currency}" if limits.budget is not None else "",
        f"{key.created:%Y-%m-%d}",
        f"{key.expires:%Y-%m-%d}" if key.expires else "never",
    )


def _words(rights: Rights) -> Iterator[str]:
    """What is otherwise than of most keys."""
    if rights.operator:
        yield "operator"
    if rights.native:
        yield "native"
    if not rights.keep:
        yield "nothing kept"
    if rights.dialect != Rights().dialect:
        yield rights.dialect
    if rights.response_format:
        yield rights.response_format


@command.command("revoke")
@click.argument("name")
def revoke(name: str) -> None:
    """End the key called NAME. Its records stay, and its name is not used again."""
    with _keys() as keys:
        keys.revoke(name)
    tools.answer(f"the key {name} is revoked; a gateway that runs refuses it within a second")
