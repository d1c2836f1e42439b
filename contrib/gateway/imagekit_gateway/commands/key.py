"""``imagekit gateway key``: add, list, revoke."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

import click
from attrs import asdict, evolve
from imagekit_store import Key, Keys, Limits

from imagekit import UsageError, tools
from imagekit_gateway.opening import configuration, store_at
from imagekit_gateway.rights import DIALECTS, Rights, rights_of

__all__ = ["command"]

EXAMPLES = """
\b
Examples:
  imagekit gateway key add mary
  imagekit gateway key add studio --budget 20/month --rpm 60 --at-once 4
  imagekit gateway key add app --models 'seedream-*' --models kling-o1 --expires 90d
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


class _Budget(click.ParamType[Limits]):
    """``20``, ``20/month``, ``5 EUR/day``."""

    name = "AMOUNT[/PERIOD]"

    def convert(self, value: Any, param: Any, ctx: Any) -> Limits:
        if isinstance(value, Limits):
            return value
        amount, _, period = str(value).partition("/")
        number, _, currency = amount.strip().partition(" ")
        plain = Limits()
        currency, period = currency.strip() or plain.currency, period.strip() or plain.period
        try:
            return Limits(budget=Decimal(number), currency=currency, period=period)
        except InvalidOperation:
            why = f"{number!r:.40} is no amount of money"
        except UsageError as error:
            why = str(error)
        return self.fail(f"{why}; say 20/month, '5 EUR/day' or 100/total", param, ctx)


class _Expiry(click.ParamType[datetime]):
    """``90d``, or a date."""

    name = "DAYS|DATE"

    def convert(self, value: Any, param: Any, ctx: Any) -> datetime:
        if isinstance(value, datetime):
            return value
        now, text = datetime.now(UTC), str(value)
        try:
            if text.endswith("d"):
                until = now + timedelta(days=int(text[:-1]))
            else:
                until = datetime.fromisoformat(text).astimezone()
        except (ValueError, OverflowError):
            self.fail(f"{text!r:.40} is no time; say 90d or 2027-01-31", param, ctx)
        if until <= now:
            self.fail(f"{text!r:.40} has passed already", param, ctx)
        return until


@command.command("add", epilog=EXAMPLES)
@click.argument("name")
@click.option("--rpm", type=click.IntRange(1), help="Requests a minute.")
@click.option("--at-once", type=click.IntRange(1), help="Requests under way at once.")
@click.option(
    "--budget", type=_Budget(), help="What it may spend: 20/month, '5 EUR/day', 100/total."
)
@click.option("--models", multiple=True, metavar="PATTERN", help="Only these; again for more.")
@click.option("--native", is_flag=True, help="It may send fields that nobody checks.")
@click.option("--keep/--no-keep", default=True, help="Keep its pictures. [yes]")
@click.option(
    "--dialect",
    type=click.Choice(DIALECTS),
    default="openai",
    help="Whose page its answers follow.",
)
@click.option(
    "--response-format", type=click.Choice(["url", "b64_json"]), help="When it names none."
)
@click.option("--operator", is_flag=True, help="It may see how the gateway does: /metrics.")
@click.option("--expires", type=_Expiry(), help="When it ends: 90d, or a date.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def add(
    name: str,
    rpm: int | None,
    at_once: int | None,
    budget: Limits | None,
    expires: datetime | None,
    as_json: bool,
    **rights: Any,
) -> None:
    """Make a key called NAME, and show it: this once."""
    rights["response_format"] = rights["response_format"] or ""
    settings = asdict(Rights(**rights))
    plain = asdict(Rights())
    changed = {name: value for name, value in settings.items() if value != plain[name]}
    limits = evolve(budget or Limits(), rpm=rpm, at_once=at_once)
    with _keys() as keys:
        secret = keys.add(name, limits=limits, settings=changed, expires=expires)
    if as_json:
        tools.answer(json.dumps({"name": name, "key": secret}))
        return
    tools.answer(secret)
    tools.note(f"this is the key {name}; it is not shown again")


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def listed(as_json: bool) -> None:
    """Show every key: whose, what it may, what it has spent. The keys themselves nobody has."""
    with _keys() as keys:
        every = keys.all()
    if as_json:
        tools.json_answer({"keys": [_plain(key) for key in every]})
        return
    columns = (
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
    tools.table(columns, [_row(key) for key in every])


def _plain(key: Key) -> dict[str, Any]:
    limits = key.limits
    return {
        "name": key.name,
        "hint": key.hint,
        "state": key.state,
        **asdict(rights_of(key.settings)),
        "rpm": limits.rpm,
        "at_once": limits.at_once,
        "budget": None if limits.budget is None else _amount(limits.budget),
        "currency": limits.currency,
        "period": limits.period,
        "spent": _amount(key.spent),
        "created": key.created.isoformat(),
        "expires": key.expires and key.expires.isoformat(),
        "revoked": key.revoked and key.revoked.isoformat(),
    }


def _row(key: Key) -> tuple[str, ...]:
    limits, rights = key.limits, rights_of(key.settings)
    told = [f"{limits.rpm}/minute"] if limits.rpm else []
    told += [f"{limits.at_once} at once"] if limits.at_once else []
    if limits.budget is not None:
        told.append(f"{_amount(limits.budget)} {limits.currency}/{limits.period}")
    return (
        key.name,
        f"ik-...{key.hint}",
        key.state,
        ", ".join(rights.models) or "everything",
        ", ".join(_words(rights)) or "as usual",
        ", ".join(told) or "none",
        f"{_amount(key.spent)} {limits.currency}" if limits.budget is not None else "",
        f"{key.created:%Y-%m-%d}",
        f"{key.expires:%Y-%m-%d}" if key.expires else "never",
    )


def _amount(money: Decimal) -> str:
    """As people write it; a database gives it with all of its decimals."""
    return f"{money.normalize():f}"


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
