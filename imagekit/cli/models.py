"""``imagekit models``."""

from __future__ import annotations

from typing import Any

import click

from imagekit import Client, Model
from imagekit.cli import output
from imagekit.describe import model_record
from imagekit.limits.geometry import show
from imagekit.registry import Route

__all__ = ["command"]

EXAMPLES = """
\b
Examples:
  imagekit models
  imagekit models seedream-4.5
  imagekit models seedream-4.5 --json
"""


@click.command("models", epilog=EXAMPLES)
@click.argument("name", required=False)
@click.option("--json", "as_json", is_flag=True, help="Capability records, with JSON Schema.")
def command(name: str | None, as_json: bool) -> None:
    """Show every model and who serves it; or all about the one NAMEd.

    A question mark marks what nobody has verified; such values are passed through.
    """
    with Client() as client:
        registry = client.registry
        if name is None:
            models = sorted(registry.models.values(), key=lambda model: model.name)
        else:
            models = [registry.model(registry.split(name)[1])]
        if as_json:
            records = [model_record(registry, model) for model in models]
            output.json_answer(records[0] if name else records)
        elif name is None:
            _list(client, models)
        else:
            _show(client, models[0])


def _list(client: Client, models: list[Model]) -> None:
    rows = []
    for model in models:
        routes = client.registry.routes_to(model.name)
        hosts = ", ".join(
            route.host.name + ("?" if route.id_unverified else "") for route in routes
        )
        tiers = " ".join(model.sizes.tiers) if model.sizes else ""
        rows.append((model.name, model.title, tiers, hosts))
    output.table(("MODEL", "TITLE", "TIERS", "HOSTS"), rows)
    for offer in client.registry.dangling:
        output.note(f"{offer.host} also offers {offer.model}, which needs {offer.needs}")


def _show(client: Client, model: Model) -> None:
    routes = client.registry.routes_to(model.name)
    output.answer(f"{model.name}: {model.title}")
    output.answer(f"also known as {', '.join(model.aliases)}")
    if model.fact:
        output.answer(f"source: {model.fact.source}, {model.fact.date}")
    output.answer("\nHOSTS")
    rows = []
    for route in routes:
        mark = "?" if route.id_unverified else ""
        price = route.offer.price
        cost = f"{price.amount} {price.currency}" if price else "unknown"
        rows.append((route.host.name, route.remote_id + mark, cost, _source(route)))
    output.table(("HOST", "ID THERE", "PRICE", "SOURCE"), rows)
    output.answer("\nPARAMETERS")
    output.table(
        ("PARAMETER", "TYPE", "RULE", *(route.host.name.upper() for route in routes)),
        [_parameter_row(name, routes) for name in _names(routes)],
    )
    for rule in model.rules:
        output.answer(f"rule: {rule.describe()}")
    if model.sizes:
        _show_sizes(model, routes)
    for name, sentence in model.instead.items():
        output.answer(f"{name}: {sentence}")


def _names(routes: tuple[Route, ...]) -> list[str]:
    return list(dict.fromkeys(name for route in routes for name in route.accepted))


def _parameter_row(name: str, routes: tuple[Route, ...]) -> tuple[str, ...]:
    declared = next(route.accepted[name] for route in routes if name in route.accepted)
    rules = [rule.describe() for rule in declared.rules]
    rules += [f"{part.name} {rule.describe()}" for part in declared.parts for rule in part.rules]
    cells = [_spelled(name, route) for route in routes]
    return name, declared.type.__name__, "; ".join(rules), *cells


def _spelled(name: str, route: Route) -> str:
    if name not in route.accepted:
        return "-"
    if name not in route.spells:
        return "as " + " and ".join(sorted(route.shape_spells))
    field = route.spells[name].field
    return ("yes" if field == name else field) + ("?" if name in route.unverified else "")


def _source(route: Route) -> str:
    fact: Any = route.offer.id_fact
    return f"{fact.source} ({fact.date}, {fact.state})" if fact else ""


def _show_sizes(model: Model, routes: tuple[Route, ...]) -> None:
    sizes = model.sizes
    assert sizes is not None  # the caller has looked
    output.answer("\nSIZES")
    tiers = [tier for tier in sizes.table if tier in sizes.tiers]
    rows = []
    for ratio in sizes.ratios:
        cells = [sizes.cell(tier, ratio) for tier in tiers]
        rows.append((ratio, *(show(cell) if cell else "-" for cell in cells)))
    output.table(("RATIO", *tiers), rows)
    if sizes.custom:
        output.answer(f"any other size: {sizes.describe()}")
    for route in routes:
        if route.offer.sizes is not None and route.sizes is not None:
            there = f"{', '.join(route.sizes.tiers)}; {route.sizes.describe()}"
            output.answer(f"at {route.host.name}: {there}")
