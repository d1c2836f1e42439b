"""What models take, where, in rows of tables for people."""

from __future__ import annotations

from imagekit.declare.family import Parameter
from imagekit.declare.price import Price
from imagekit.declare.sizes import Sizes, as_size
from imagekit.plan.routes.route import Route

__all__ = ["parameter_names", "parameter_row", "price_cell", "size_row"]


def parameter_names(routes: tuple[Route, ...]) -> list[str]:
    """Every parameter that can be given on any of the routes, each once."""
    return list(dict.fromkeys(name for route in routes for name in route.accepted))


def parameter_row(name: str, routes: tuple[Route, ...]) -> tuple[str, ...]:
    """Name, type, rules, and for each route how it is spelled there."""
    there = [route for route in routes if name in route.accepted]
    hosts: dict[str, list[str]] = {}
    for route in there:
        hosts.setdefault(_rules(route.accepted[name]), []).append(route.host.name)
    said = [f"{rule or 'anything'} at {', '.join(names)}" for rule, names in hosts.items()]
    rules = "; ".join(said if len(said) > 1 else hosts)
    cells = [_spelled(name, route) for route in routes]
    return name, there[0].accepted[name].type.__name__, rules, *cells


def size_row(sizes: Sizes, ratio: str, tiers: list[str]) -> tuple[str, ...]:
    """The pixels of a ratio at each tier."""
    cells = [sizes.cell(tier, ratio) for tier in tiers]
    return ratio, *(as_size(cell) if cell else "-" for cell in cells)


def price_cell(price: Price | None) -> str:
    """What a host asks, by its list."""
    if price is None:
        return "unknown"
    return price.describe() + ("?" if price.fact.unverified else "")


def _rules(parameter: Parameter) -> str:
    rules = [
        rule.describe() + (" (advised)" if getattr(rule, "advice", False) else "")
        for rule in parameter.rules
    ]
    rules += [f"{part.name} {rule.describe()}" for part in parameter.parts for rule in part.rules]
    return "; ".join(["required"] * parameter.required + rules)


def _spelled(name: str, route: Route) -> str:
    if name not in route.accepted:
        return "-"
    if name not in route.spells:
        return "as " + " and ".join(sorted(route.size_spells))
    field = route.spells[name].describe()
    return ("yes" if field == name else field) + ("?" if name in route.unverified else "")
