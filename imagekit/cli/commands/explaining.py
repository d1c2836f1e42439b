"""``imagekit config explain``: what an alias means, and whom it would ask."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

import click

from imagekit import Client, HostSettings, ImagekitError, Standing, UsageError, Way, to_plain
from imagekit.basics.closest import did_you_mean
from imagekit.cli import exits, output
from imagekit.cli.session import open_client
from imagekit.cli.standing import Spent, answer, spent, why
from imagekit.plan.routes.names import Names, Target
from imagekit.plan.routes.table_rows import price_cell
from imagekit.values.cost import exact
from imagekit.values.plain.places import dotted

__all__ = ["explain"]

EXAMPLES = """
\b
Examples:
  imagekit config explain poster
  imagekit config explain poster --json
"""


@click.command("explain", epilog=EXAMPLES)
@click.argument("alias")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def explain(alias: str, as_json: bool) -> int:
    """Show what ALIAS means, layer by layer; who could be asked for a request with nothing but a
    prompt, who would be, and why; and what happens when that fails. Sends nothing.

    For a request of yours, see imagekit plan --why.
    """
    with open_client() as client:
        if alias not in client.config.models:
            hint = did_you_mean(alias, client.config.models)
            raise UsageError(f"no alias of your configuration is named {alias!r}{hint}")
        try:
            told = _explained(client, alias)
        except ImagekitError as error:
            told = {"alias": alias, "layers": [*_layers(client, alias)], "refused": str(error)}
            code = exits.code_of(error)
        else:
            code = exits.OK
    if as_json:
        output.json_answer(told)
    else:
        _show(told)
    return code


def _explained(client: Client, alias: str) -> dict[str, Any]:
    targets = Names(client.registry, client.config).targets(alias)
    ways = client.ways("a prompt", model=alias)
    config = client.config
    candidates = [_candidate(client, way) for way in ways]
    candidates += _without_key(client, targets, ways)
    layers = [*_layers(client, alias)]
    counting = {"budget", *(one["table"] for one in layers)}
    counting |= {dotted(("hosts", one["host"])) for one in candidates}
    return {
        "alias": alias,
        "layers": layers,
        "defaults": to_plain(targets[0].defaults),
        "candidates": candidates,
        "budget": str(config.budget) if config.budget else None,
        "spent": [_counted(one) for one in spent(client) if one.of in counting],
        "unknown_price": str(config.unknown_price) if config.unknown_price else "refuse",
        "then": [*_then(targets[0], ways)],
    }


def _counted(one: Spent) -> dict[str, str]:
    return {"of": one.of, "budget": str(one.budget), "spent": exact(one.amount), "told": str(one)}


def _layers(client: Client, name: str, outer: tuple[str, ...] = ()) -> Iterator[dict[str, Any]]:
    """What each alias says that leads there, the outermost first, whose word counts."""
    alias = client.config.models.get(name)
    if alias is None or name in outer:
        return
    said = {
        "where": alias.model.where if not isinstance(alias.model, str) else None,
        "hosts": alias.hosts,
        "defaults": alias.defaults,
        "failover": alias.failover,
        "balance": alias.balance,
        "budget": str(alias.budget) if alias.budget else None,
    }
    yield {
        "alias": name,
        "table": dotted(("models", name)),
        "file": str(client.config.path),
        "means": str(alias.model),
        **{key: to_plain(value) for key, value in said.items() if value not in (None, (), {})},
    }
    for address in alias.models:
        yield from _layers(client, client.registry.split(address)[1], (*outer, name))


def _candidate(client: Client, way: Way) -> dict[str, Any]:
    """One way that the request could take."""
    told = {"host": way.host, "model": way.model, "answer": answer(way)}
    if way.host:
        told |= _about(client, way.host, way.model)
    return {**told, **to_plain(way.standing), "why": why(way)}


def _about(client: Client, name: str, model: str) -> dict[str, Any]:
    """A host: where its key comes from, where it is, what it asks, and what limits it has."""
    host = client.registry.host(name)
    settings = client.config.hosts.get(name, HostSettings())
    route = client.registry.way(name, model)
    source = client.credential_source(host)
    limits = {"rpm": settings.rpm, "at_once": settings.at_once}
    return {
        "key": source,
        "key_advice": None if source else client.credential_advice(host),
        "address": client.address(host),
        "withheld": _withheld(client, name),
        "price": price_cell(route.price if route else None),
        **limits,
        "budget": str(settings.budget) if settings.budget else None,
    }


def _withheld(client: Client, name: str) -> str | None:
    """Of a host: that its settings do not count, its address among them."""
    if not client.config.withholds("hosts", name):
        return None
    file = client.config.path
    return f"what {file} says of it is withheld, an address too, until: imagekit config trust"


def _without_key(
    client: Client, targets: tuple[Target, ...], ways: tuple[Way, ...]
) -> Iterator[dict[str, Any]]:
    """Hosts that would be asked rather, or as well, had they a key."""
    told = {(way.host, way.model) for way in ways}
    for target in targets:
        for name in () if target.host else target.prefer:
            route = client.registry.way(name, target.model)
            if route is not None and (name, route.model.name) not in told:
                about = _about(client, name, route.model.name)
                said = "it has no key" if about["key"] is None else "another is asked"
                head = {"host": name, "model": route.model.name, "answer": "no"}
                yield {**head, **about, **to_plain(Standing()), "why": said}


def _then(target: Target, ways: Sequence[Way]) -> Iterator[str]:
    """Who is asked, and what happens on failure, in sentences."""
    ready = sum(way.takes_it for way in ways)
    if not ready:
        yield "none of them takes a request with nothing but a prompt"
        return
    if not any(way.is_asked for way in ways):
        yield "nobody is asked now: a budget refuses it"
    if target.balance == "least-busy":
        yield "of those that could be, the one with the least to do is asked"
    elif target.balance == "order":
        yield "the first is asked that neither rests nor is full"
    else:
        besides = ", and while it rests the next that could be" if target.failover else ""
        yield f"the first is asked{besides}"
    if not target.failover:
        yield "when that fails, nobody else is asked: failover is off"
    elif ready < 2:
        yield "when that fails, nobody else can be: no other host takes the very same request"
    else:
        yield (
            "when that fails, was certainly free and no fault of the request, the next is asked "
            "that could be"
        )


# --- for people --------------------------------------------------------------------------------


def _show(told: dict[str, Any]) -> None:
    for layer in told["layers"]:
        where = f"{layer['table']} in {layer['file']}"
        output.answer(f"{layer['alias']}: an alias of {layer['means']} ({where})")
        for key in ("where", "hosts", "defaults", "failover", "balance", "budget"):
            if key in layer:
                output.answer(f"  {key} = {json.dumps(layer[key], ensure_ascii=False)}")
    if "refused" in told:
        output.answer(f"\nnobody would be asked: {told['refused']}")
        return
    if told["defaults"]:
        output.answer(f"\nin all: {json.dumps(told['defaults'], ensure_ascii=False)}")
    output.answer("")
    columns = ("HOST", "MODEL", "ANSWER", "KEY", "ADDRESS", "PRICE", "LIMITS", "WHY")
    output.table(columns, map(_row, told["candidates"]))
    output.answer("")
    if told["budget"]:
        unknown = told["unknown_price"]
        output.answer(f"in all {told['budget']} may be spent; an unknown price: {unknown}")
    for one in told["spent"]:
        output.answer(one["told"])
    for sentence in told["then"]:
        output.answer(sentence)


def _row(one: dict[str, Any]) -> tuple[str, ...]:
    key = one.get("key") or (f"none: {one['key_advice']}" if one.get("key_advice") else "")
    named = ("rpm", "at_once", "budget")
    limits = ", ".join(f"{name} {one[name]}" for name in named if one.get(name))
    head = (one["host"], one["model"], one["answer"])
    address = one.get("address", "")
    if one.get("withheld"):
        address += f" ({one['withheld']})"
    return (*head, key, address, one.get("price", ""), limits, one["why"])
