"""``imagekit models``."""

from __future__ import annotations

import json
from collections.abc import Iterator

import click

from imagekit import Client, Fact, Model
from imagekit.cli import output
from imagekit.cli.commands import models_at
from imagekit.cli.session import complete_hosts, complete_models, open_client
from imagekit.declare.sizes import as_size
from imagekit.plan.routes.capabilities import model_record
from imagekit.plan.routes.route import Route
from imagekit.plan.routes.table_rows import parameter_names, parameter_row, price_cell, size_row

__all__ = ["command"]

EXAMPLES = """
\b
Examples:
  imagekit models
  imagekit models seedream-4.5
  imagekit models seedream-4.5 --json
  imagekit models --at token360
"""


def _complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Without the hosts alone, which are no models."""
    return [name for name in complete_models(ctx, param, incomplete) if name[-1] != ":"]


@click.command("models", epilog=EXAMPLES)
@click.argument("name", required=False, shell_complete=_complete)
@click.option(
    "--at",
    metavar="HOST",
    shell_complete=complete_hosts,
    help="Ask this host which models it has. Needs its key; free.",
)
@click.option("--json", "as_json", is_flag=True, help="Capability records, with JSON Schema.")
def command(name: str | None, at: str | None, as_json: bool) -> None:
    """Show every model and who serves it; or all about the one NAMEd.

    A question mark marks what nobody has verified; such values are passed through.
    """
    if name and at:
        raise click.UsageError("--at asks for all models of a host: NAME can't be given as well")
    with open_client() as client:
        if at is not None:
            models_at.show(client.models_at(at), as_json)
            return
        registry = client.registry
        if name is None:
            models = sorted(registry.models.values(), key=lambda model: model.name)
        else:
            models = [registry.model(one) for one in _without_aliases(client, name)]
        if as_json:
            records = [model_record(registry, model) for model in models]
            output.json_answer(records[0] if len(records) == 1 and name else records)
        elif name is None:
            _list(client, models)
        else:
            _show_aliases(client, name)
            for model in models:
                _show(client, model)


def _without_aliases(client: Client, name: str) -> list[str]:
    """The models that a name comes to."""
    model = client.registry.split(name)[1]
    alias = client.config.models.get(model)
    if alias is None:
        return [model]
    inner = (one for address in alias.models for one in _without_aliases(client, address))
    return [*dict.fromkeys(inner)]


def _show_aliases(client: Client, name: str) -> None:
    """What a name of the configuration stands for, as far as that goes."""
    alias = client.config.models.get(client.registry.split(name)[1])
    if alias is None:
        return
    output.answer(f"{name}: an alias of {alias.model}")
    if alias.hosts:
        output.answer(f"at the first of these with a key: {', '.join(alias.hosts)}")
    for parameter, value in alias.defaults.items():
        output.answer(f"by default {parameter} = {json.dumps(value, ensure_ascii=False)}")
    output.answer("")
    for model in alias.models:
        _show_aliases(client, model)


def _list(client: Client, models: list[Model]) -> None:
    rows = [
        (name, f"alias of {alias.model}", "", ", ".join(alias.hosts))
        for name, alias in client.config.models.items()
    ]
    for model in models:
        routes = client.registry.routes_to(model.name)
        hosts = ", ".join(
            route.host.name + ("?" if route.id_unverified else "") for route in routes
        )
        tiers = " ".join(model.sizes.tiers) if model.sizes else ""
        title = f"{model.title} ({model.retired.mark})" if model.retired else model.title
        rows.append((model.name, title, tiers, hosts))
    output.table(("MODEL", "TITLE", "TIERS", "HOSTS"), rows)
    for offer in client.registry.dangling:
        output.note(f"{offer.host} also offers {offer.model}, which needs {offer.needs}")


def _show(client: Client, model: Model) -> None:
    routes = client.registry.routes_to(model.name)
    output.answer(f"{model.name}: {model.title}")
    if model.aliases:
        output.answer(f"also known as {', '.join(model.aliases)}")
    if model.retired:
        output.answer(f"it {model.retired.describe()}")
    output.answer("\nHOSTS")
    rows = []
    for route in routes:
        mark = "?" if route.id_unverified else ""
        rows.append((route.host.name, route.remote_id + mark, price_cell(route.price)))
    output.table(("HOST", "ID THERE", "PRICE"), rows)
    output.answer("\nPARAMETERS")
    output.table(
        ("PARAMETER", "TYPE", "RULE", *(route.host.name.upper() for route in routes)),
        [parameter_row(name, routes) for name in parameter_names(routes)],
    )
    for rule in model.rules:
        output.answer(f"rule: {rule.describe()}")
    if model.sizes:
        _show_sizes(model, routes)
    _show_references(model, routes)
    for name, sentence in model.instead.items():
        output.answer(f"{name}: {sentence}")
    _show_sources(model, routes)


def _show_sources(model: Model, routes: tuple[Route, ...]) -> None:
    """Every source there is, and what rests on it."""
    resting: dict[tuple[str, str, str], list[str]] = {}
    for name, fact in _facts(model, routes):
        if fact is not None:
            resting.setdefault((fact.source, fact.date, str(fact.state)), []).append(name)
    output.answer("\nSOURCES")
    rows = [(*source, ", ".join(names)) for source, names in resting.items()]
    output.table(("SOURCE", "READ", "STATE", "OF"), rows)


def _facts(model: Model, routes: tuple[Route, ...]) -> Iterator[tuple[str, Fact | None]]:
    yield "the model", model.fact
    yield "its end", model.retired.fact if model.retired else None
    yield "sizes", model.sizes.fact if model.sizes else None
    yield "references", model.references.fact if model.references else None
    yield from ((parameter.name, parameter.fact) for parameter in model.parameters)
    for route in routes:
        at, offer = f"at {route.host.name}", route.offer
        yield f"its id {at}", offer.id_fact
        yield f"its price {at}", route.price.fact if route.price else None
        yield from ((f"{parameter.name} {at}", parameter.fact) for parameter in offer.parameters)
        yield from ((f"{spell.parameter} {at}", spell.fact) for spell in offer.spells)


def _show_sizes(model: Model, routes: tuple[Route, ...]) -> None:
    sizes = model.sizes
    assert sizes is not None  # the caller has looked
    output.answer("\nSIZES")
    tiers = [tier for tier in sizes.table if tier in sizes.tiers]
    if tiers:
        output.table(("RATIO", *tiers), [size_row(sizes, ratio, tiers) for ratio in sizes.ratios])
    elif sizes.tiers:
        output.answer(f"{' '.join(sizes.tiers)} in the ratios {' '.join(sizes.ratios)}")
        output.answer("nobody documents how many pixels those are")
    if sizes.custom:
        output.answer(f"any{' other' if tiers else ''} size: {sizes.describe()}")
    default = as_size(sizes.default_pixels) if sizes.default_pixels else sizes.default_tier
    if default:
        output.answer(f"by default {default}")
    if sizes.ratio_area:
        output.answer(f"a ratio alone: up to {sizes.ratio_area:,} px")
    for route in routes:
        if route.offer.sizes is not None and route.sizes is not None:
            tiers_there = ", ".join(route.sizes.tiers)
            there = "; ".join(filter(None, (tiers_there, route.sizes.describe())))
            output.answer(f"at {route.host.name}: {there}")


def _show_references(model: Model, routes: tuple[Route, ...]) -> None:
    """What each reference picture may be; how many is a rule of the parameter ``image``."""
    if not any("image" in route.accepted for route in routes):
        return
    output.answer("\nREFERENCE PICTURES")
    output.answer(
        model.references.describe()
        if model.references
        else "of what each may be, nothing is documented"
    )
    for route in routes:
        if route.offer.references is not None:
            output.answer(f"at {route.host.name}: {route.offer.references.describe()}")
