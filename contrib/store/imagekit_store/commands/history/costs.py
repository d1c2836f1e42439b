"""``imagekit history costs``."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import click
from attrs import asdict

from imagekit import tools
from imagekit_store.commands.common import NOTHING, money, store_in_use
from imagekit_store.reading.costs import Amount, Spent

__all__ = ["command"]

EXAMPLES = """
\b
Examples:
  imagekit history costs
  imagekit history costs --by model --since 2026-11-01
  imagekit history costs --by key --host powertokens --json
"""
NAMES = {"day": "DAY (UTC)", "host": "HOST", "model": "MODEL", "key": "KEY"}
COLUMNS = ("CALLS", "PICTURES", "COST", "SAID BY", "EXPECTED")


@click.command("costs", epilog=EXAMPLES)
@click.option(
    "--by", type=click.Choice([*NAMES]), default="day", help="What the sums are made for. [day]"
)
@click.option(
    "--since", metavar="TIME", help="Sent then or later, in UTC: 2026-11-29, or 2026-11-29T12:30."
)
@click.option("--until", metavar="TIME", help="Sent before, in UTC.")
@click.option("--host", help="Only at this host.")
@click.option("--model", help="Only of this model.")
@click.option("--key", help="Only for this key.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(by: str, as_json: bool, **only: str | None) -> None:
    """What was spent, by currency, and what was expected of it. A cost is the host's own word, a
    person's, or reckoned by its price list; what nobody knows is counted beside it, and never
    taken for 0."""
    found = store_in_use().costs(by=by, **only)
    if as_json:
        groups = [_plain(group) for group in found.groups]
        tools.json_answer({"by": by, "groups": groups, "total": _plain(found.total)})
    elif not found.groups:
        tools.note("nothing was sent" + (" of these" if any(only.values()) else ""))
    else:
        rows = [_row(spent) for spent in (*found.groups, found.total)]
        tools.table((NAMES[by], *COLUMNS), rows)


def _row(spent: Spent) -> tuple[str, ...]:
    return (
        spent.name or "(nobody's)",
        f"{spent.calls}, {spent.free} free" if spent.free else str(spent.calls),
        str(spent.pictures),
        _cost(spent),
        ", ".join(_said_by(amount) for amount in spent.amounts),
        ", ".join(_expected(amount) for amount in spent.amounts if amount.compared),
    )


def _cost(spent: Spent) -> str:
    parts = [_in_currency(amount, amount.cost) for amount in spent.amounts]
    if spent.unknown:
        parts.append(f"{spent.unknown} call{'s'[: spent.unknown > 1]} of unknown cost")
    return " + ".join(parts) or NOTHING


def _said_by(amount: Amount) -> str:
    """Who says so; where several do, how much."""
    said = {
        "hosts": amount.by_host,
        "people": amount.by_person,
        "price lists": amount.by_list,
    }
    several = sum(map(bool, said.values())) > 1
    parts = [
        f"{_in_currency(amount, part)} {who}" if several else who
        for who, part in said.items()
        if part
    ]
    return ", ".join(parts)


def _expected(amount: Amount) -> str:
    """What was expected; of how much of the cost, if not of all of it."""
    of_which = "" if amount.compared == amount.cost else f" for {money(amount.compared)}"
    return _in_currency(amount, amount.expected) + of_which


def _in_currency(amount: Amount, part: Decimal) -> str:
    return f"{money(part)} {amount.currency or '?'}"


def _plain(spent: Spent) -> dict[str, Any]:
    """Money as text, so that no digit is lost."""
    amounts = [{**asdict(one), "by_list": one.by_list} for one in spent.amounts]
    told = [
        {name: money(part) if isinstance(part, Decimal) else part for name, part in one.items()}
        for one in amounts
    ]
    return {**asdict(spent), "amounts": told}
