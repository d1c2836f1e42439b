"""What is known of prices, route by route, and how old that is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from imagekit import Client, Price, Route
from imagekit.basics.classes import frozen

__all__ = ["KnownPrice", "known_prices", "priced_routes"]


@frozen
class KnownPrice:
    """What is known of the price of a model at a host.

    Attributes:
        route: ``host:model``.
        price: the host's list; None where nobody says, which is not 0.
        days: how long ago that list was read; None where there is no list, or no day.
        notes: why it may be otherwise, or who says it, in words.
    """

    route: str
    price: Price | None
    days: int | None
    notes: tuple[str, ...]


def known_prices(routes: Iterable[Route], today: date) -> list[KnownPrice]:
    """What is known of the price of each, those of one model beside one another."""
    ordered = sorted(routes, key=lambda route: (route.model.name, route.host.name))
    return [_known(route, today) for route in ordered]


def _known(route: Route, today: date) -> KnownPrice:
    price = route.price
    if price is None:
        said_in = route.host.costs_in and route.host.costs_in.currency
        said = (f"its answers say what a call has cost, in {said_in}",) if said_in else ()
        return KnownPrice(route.name, None, None, said)
    return KnownPrice(route.name, price, _age(price, today), tuple(_notes(route, price, today)))


def _age(price: Price, today: date) -> int | None:
    read = price.fact.date
    return (today - date.fromisoformat(read)).days if read else None


def _notes(route: Route, price: Price, today: date) -> Iterator[str]:
    if price.fact.unverified:
        yield "unverified"
    if route.settings.base_url:
        yield "the list is not of your own address"
    if route.model.name in route.settings.remote_ids:
        yield "the list is not of your own id"
    if why := price.why_not(today):
        yield why


def priced_routes(client: Client) -> Iterator[Route]:
    """Every route to a host that asks for money: to each model that is installed, and to each
    other one that its host takes by its own name and has a price for."""
    yield from (route for route in client.registry.routes if route.host.real)
    for host in client.registry.hosts.values():
        for offer in host.offers:
            for id in offer.unlisted.prices if offer.unlisted else ():
                if not client.registry.find(host.name, id):
                    yield client.registry.route(host.name, id)
