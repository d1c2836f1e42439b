"""What plugins declare, taken apart: to compare, to look for what changes, to find facts."""

from __future__ import annotations

import types
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from attrs import fields, has

from imagekit.declare.fact import Fact
from imagekit.declare.family import Family, Model, Parameter
from imagekit.declare.host import Host, Offer, Unlisted
from imagekit.declare.price import Price
from imagekit.declare.reference_limits import ReferenceLimits
from imagekit.declare.rules import CrossRule, Rule
from imagekit.declare.sizes import Sizes
from imagekit.declare.wire import Wire

__all__ = ["HASHABLE", "anatomy", "facts", "parts", "prices"]

#: What core and other plugins may put into a set or use as a key.
HASHABLE = (Family, Wire, Host, Model, Offer, Sizes, Rule, CrossRule, Fact, ReferenceLimits)


def anatomy(value: Any) -> Any:
    """``value`` as nested tuples that are equal when two values mean the same, although
    families, wires and hosts themselves are compared by identity."""
    if has(type(value)):
        inner = {one.name: getattr(value, one.name) for one in fields(type(value))}
        return type(value).__qualname__, anatomy(inner)
    if isinstance(value, Mapping):
        return tuple((anatomy(key), anatomy(inner)) for key, inner in value.items())
    if isinstance(value, list | tuple):
        return tuple(anatomy(inner) for inner in value)
    if isinstance(value, Rule | CrossRule | Family | Wire | Host):
        return type(value).__qualname__, anatomy(vars(value))
    return value


def parts(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    """(path, value) of everything inside of what a plugin declares, itself first."""
    yield path, value
    inner: Iterable[tuple[str, Any]] = ()
    if has(type(value)):
        inner = [(f"{path}.{one.name}", getattr(value, one.name)) for one in fields(type(value))]
    elif isinstance(value, Mapping):
        inner = [(f"{path}[{key!r}]", part) for key, part in value.items()]
    elif isinstance(value, list | tuple | set | frozenset):
        inner = [(f"{path}[{at}]", part) for at, part in enumerate(value)]
    for name, part in inner:
        if not isinstance(part, type | types.FunctionType):
            yield from parts(part, name)


def facts(value: Any) -> Iterator[tuple[str, Fact | None]]:
    """(what, its fact) of everything declared that has to say where it comes from."""
    if isinstance(value, Family):
        for model in value.models:
            yield from _of_model(model)
    elif isinstance(value, Host):
        for row in value.errors:
            yield f"the error row {row.error.__name__} {row.status or row.code or ''}", row.fact
        if value.models_at:
            yield f"the list of models of {value.name}", value.models_at.fact
        if value.records_at:
            yield f"the records of {value.name}", value.records_at.fact
        if value.costs_in:
            yield f"the currency of {value.name}", value.costs_in.fact
        for offer in value.offers:
            yield from _of_offer(offer, f"{value.name}:{offer.model}")
        yield from ((what, price.fact) for what, price in prices(value))
    elif isinstance(value, Offer):
        yield from _of_offer(value, f"{value.host}:{value.model}")
        yield from ((what, price.fact) for what, price in prices(value))


def prices(value: Any) -> Iterator[tuple[str, Price]]:
    """(what it is of, the price) of everything that a host or an offer has one of."""
    for offer in value.offers if isinstance(value, Host) else [value]:
        if isinstance(offer, Offer):
            host = value.name if isinstance(value, Host) else offer.host
            if offer.price:
                yield f"the price of {host}:{offer.model}", offer.price
            for id, price in (offer.unlisted or Unlisted()).prices.items():
                yield f"the price of {host}:{id}", price


def _of_model(model: Model) -> Iterator[tuple[str, Fact | None]]:
    yield model.name, model.fact
    if model.sizes:
        yield f"the sizes of {model.name}", model.sizes.fact
    if model.references:
        yield f"the references of {model.name}", model.references.fact
    if model.retired:
        yield f"the end of {model.name}", model.retired.fact
    for parameter in model.parameters:
        yield from _of_parameter(parameter, model.name, None)


def _of_offer(offer: Offer, name: str) -> Iterator[tuple[str, Fact | None]]:
    yield f"the id of {name}", offer.id_fact
    if offer.path_fact:
        yield f"the paths of {name}", offer.path_fact
    for parameter in offer.parameters:
        yield from _of_parameter(parameter, name, None)
    if isinstance(offer.sizes, Mapping):
        yield f"the sizes of {name}", offer.sizes.get("fact")
    elif offer.sizes:
        yield f"the sizes of {name}", offer.sizes.fact
    for id, end in (offer.unlisted or Unlisted()).retired.items():
        yield f"the end of {id}", end.fact
    if offer.references:
        yield f"the references of {name}", offer.references.fact
    for spelled in offer.spells:
        if spelled.fact:
            yield f"the spelling of {spelled.parameter} at {name}", spelled.fact


def _of_parameter(
    parameter: Parameter, owner: str, whole: Fact | None
) -> Iterator[tuple[str, Fact | None]]:
    """A part without a fact of its own has that of the whole."""
    fact = parameter.fact or whole
    yield f"{parameter.name} of {owner}", fact
    for part in parameter.parts:
        yield from _of_parameter(part, owner, fact)
