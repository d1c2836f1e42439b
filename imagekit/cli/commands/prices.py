"""``imagekit prices``."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import click

from imagekit import Client, Route
from imagekit.cli import output
from imagekit.cli.known_prices import KnownPrice, known_prices, priced_routes
from imagekit.cli.session import complete_every_host, complete_models, open_client
from imagekit.cli.standing import spent
from imagekit.plan.routes.capabilities import price_record

__all__ = ["command"]

EXAMPLES = """
\b
Examples:
  imagekit prices
  imagekit prices seedream-4.5 nano-banana-pro
  imagekit prices --host openrouter
  imagekit prices openai:gpt-image-2 --json
"""


@click.command("prices", epilog=EXAMPLES)
@click.argument("models", nargs=-1, metavar="[MODEL]...", shell_complete=complete_models)
@click.option("--host", metavar="HOST", shell_complete=complete_every_host, help="At this host.")
@click.option("--json", "as_json", is_flag=True, help="As JSON, every line of each list.")
def command(models: tuple[str, ...], host: str | None, as_json: bool) -> None:
    """Show what is known of prices: of every MODEL at every host that asks for money, with whose
    list it is, when it was read, and how many days ago that was.

    What nobody says is unknown, which is not 0. What is spent of your budgets goes to stderr. MODEL
    is a name, host:model, or an alias. Asks no host and needs no key.
    """
    with open_client() as client:
        at = client.registry.host(host).name if host else None
        routes = dict.fromkeys(_asked(client, models) if models else _all(client, at))
        found = [route for route in routes if at in (None, route.host.name)]
        known = known_prices(found, date.today())
        budgets = [] if as_json else spent(client)
    if as_json:
        output.json_answer([_record(one) for one in known])
    else:
        columns = ("HOST:MODEL", "PRICE", "LIST", "READ", "DAYS AGO", "TO KNOW")
        output.table(columns, map(_row, known))
        _tell_unknown(known)
        for one in budgets:
            output.note(str(one))


def _all(client: Client, at: str | None) -> Iterator[Route]:
    yield from priced_routes(client)
    if at is not None:  # also the sandbox, once somebody names it
        yield from (route for route in client.registry.routes if route.host.name == at)


def _asked(client: Client, names: tuple[str, ...]) -> Iterator[Route]:
    """Where the names lead that somebody typed, aliases among them."""
    for name in names:
        at, model = client.registry.split(name)
        alias = client.config.models.get(model)
        if alias is not None:
            inner = _asked(client, alias.models)
            hosts = (at,) if at else alias.hosts
            yield from (one for one in inner if not hosts or one.host.name in hosts)
        elif at is not None:
            yield client.registry.route(at, model)
        else:
            yield from client.registry.routes_to(model)


def _row(one: KnownPrice) -> tuple[str, ...]:
    if one.price is None:
        return one.route, "unknown", "", "", "", "; ".join(one.notes)
    fact, days = one.price.fact, "" if one.days is None else str(one.days)
    return one.route, one.price.describe(), fact.source, fact.date, days, "; ".join(one.notes)


def _record(one: KnownPrice) -> dict[str, Any]:
    host, _, model = one.route.partition(":")
    about = {"route": one.route, "host": host, "model": model, "price": price_record(one.price)}
    return {**about, "age_days": one.days, "notes": list(one.notes)}


def _tell_unknown(known: list[KnownPrice]) -> None:
    unknown = sum(one.price is None for one in known)
    if unknown:
        output.note(f"{unknown} of {len(known)} prices are unknown: no list says them")
