"""What a model takes, where, and how sure that is: as plain data and JSON Schema."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from imagekit.declare.fact import Fact, Retirement
from imagekit.declare.family import Model, Parameter
from imagekit.declare.price import Price, TokenPrice
from imagekit.declare.reference_limits import ReferenceLimits
from imagekit.declare.sizes import AUTO, SIZE_PARAMETERS, TIERS, Sizes, as_size
from imagekit.declare.spell import Address, Implied
from imagekit.plan.routes.registry import Registry
from imagekit.plan.routes.route import Route
from imagekit.values.cost import exact

__all__ = ["model_record", "parameters_schema", "price_record", "route_record"]

_JSON_TYPES = {
    str: "string",
    int: "integer",
    float: "number",
    bool: "boolean",
    list: "array",
    dict: "object",
}


def model_record(registry: Registry, model: Model) -> dict[str, Any]:
    """Everything known of one model: parameters, rules, sizes, hosts, sources."""
    return _record(registry, model, registry.routes_to(model.name))


def route_record(registry: Registry, route: Route) -> dict[str, Any]:
    """Everything known of a model at one host, as `model_record` has it; of one that no family
    lists, and that the host takes by its own name, as well: that has no family."""
    return _record(registry, route.model, [route])


def _record(registry: Registry, model: Model, routes: Iterable[Route]) -> dict[str, Any]:
    families = (family.name for family in registry.families if model in family.models)
    return {
        "model": model.name,
        "title": model.title,
        "family": next(families, None),
        "aliases": list(model.aliases),
        "fact": _fact(model.fact),
        "retired": _retired(model.retired),
        "sizes": _sizes(model.sizes),
        "references": _references(model.references, _image(model.parameters)),
        "rules": [rule.describe() for rule in model.rules],
        "instead": dict(model.instead),
        "hosts": [_offer(route) for route in routes],
    }


def parameters_schema(route: Route) -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of the parameters a route takes, by canonical name.

    ``x-unverified`` marks what nobody has verified; ``x-field`` is the host's own name;
    ``x-bytes-unverified`` that of a picture only a link is sure to be taken.
    """
    properties = {
        name: _property(parameter, route)
        for name, parameter in route.accepted.items()
        if name != "model"
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": route.name,
        "type": "object",
        "properties": properties,
        "required": [
            *(["prompt"] if "prompt" in properties else []),
            *(parameter.name for parameter in route.required),
        ],
        "additionalProperties": False,
    }


def _offer(route: Route) -> dict[str, Any]:
    return {
        "host": route.host.name,
        "id": route.remote_id,
        "id_unverified": route.id_unverified,
        "wire": route.wire.name,
        "url": route.url(),
        "sizes": _sizes(route.sizes) if route.offer.sizes is not None else None,
        "references": _references(route.references, route.accepted.get("image")),
        "rules": [rule.describe() for rule in route.rules],
        "unverified": sorted(route.unverified),
        "price": price_record(route.price),
        "fact": _fact(route.offer.id_fact),
        "schema": parameters_schema(route),
    }


def price_record(price: Price | None) -> dict[str, Any] | None:
    """What a host asks, every amount as text; None where nobody says."""
    if price is None:
        return None
    return {
        "amount": _text(price.amount),
        "currency": price.currency,
        "rates": [
            {
                "amount": _text(rate.amount),
                "tier": rate.tier or None,
                "quality": rate.quality or None,
                "max_pixels": rate.max_pixels,
                "given": rate.given or None,
            }
            for rate in price.rates
        ],
        "reference": _text(price.reference),
        "free_references": price.free_references,
        "tokens": _tokens(price.tokens),
        "since": price.since or None,
        "until": price.until or None,
        "fact": _fact(price.fact),
    }


def _tokens(price: TokenPrice | None) -> dict[str, Any] | None:
    if price is None:
        return None
    return {
        "text_input": _text(price.text_input),
        "image_input": _text(price.image_input),
        "text_output": _text(price.text_output),
        "image_output": _text(price.image_output),
        "per": price.per,
    }


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else exact(amount)


def _property(parameter: Parameter, route: Route) -> dict[str, Any]:
    name = parameter.name
    schema = _schema(parameter)
    if name in SIZE_PARAMETERS and route.sizes is not None:
        schema |= _size_schema(name, route.sizes)
    spelled = route.spells.get(name)
    if spelled is None:
        schema["description"] = f"Said as {', '.join(sorted(route.size_spells))} here."
    elif isinstance(spelled.how, Address):
        schema["description"] = "Chooses where the request goes, and is no field of it."
    elif isinstance(spelled.how, Implied):
        schema["description"] = f"Said by {spelled.how.by}, given or not, and no field of its own."
    elif spelled.fields != (name,):
        schema["x-field"] = spelled.describe()
    if name in route.unverified:
        schema["x-unverified"] = True
    if spelled and spelled.carried.fact and spelled.carried.fact.unverified:
        schema["x-bytes-unverified"] = True
    facts = [fact for fact in (parameter.fact, spelled and spelled.fact) if fact]
    if facts:
        schema["x-source"] = _fact(facts[-1])
    return schema


def _schema(parameter: Parameter) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": _JSON_TYPES[parameter.type]}
    if parameter.doc:
        schema["description"] = parameter.doc
    if parameter.default is not None:
        schema["default"] = parameter.default
    if parameter.items:
        schema["items"] = {"type": _JSON_TYPES[parameter.items]}
    if parameter.parts:
        schema["properties"] = {part.name: _schema(part) for part in parameter.parts}
        schema["additionalProperties"] = False
    for rule in parameter.rules:
        schema |= rule.schema()
    return schema


def _size_schema(name: str, sizes: Sizes) -> dict[str, Any]:
    if name == "ratio":
        return {"enum": list(sizes.ratios)} if not sizes.custom else {"pattern": r"^\d+:\d+$"}
    if name == "resolution":
        return {"enum": list(sizes.tiers)}
    words = [*sizes.tiers, *([AUTO] if sizes.auto else [])]
    ways: list[dict[str, Any]] = [{"enum": words}] if words else []
    if sizes.custom:
        ways.append({"pattern": "^[1-9][0-9]*x[1-9][0-9]*$", "description": sizes.describe()})
    else:
        ways.append({"enum": [as_size(pixels) for pixels in sizes.cells]})
    return {"anyOf": ways}


def _sizes(sizes: Sizes | None) -> dict[str, Any] | None:
    if sizes is None:
        return None
    tiers = sorted(sizes.table, key=TIERS.index)
    return {
        "tiers": list(sizes.tiers),
        "default_tier": sizes.default_tier,
        "custom": sizes.describe() if sizes.custom else None,
        "auto": sizes.auto,
        "table": {
            tier: {ratio: as_size(pixels) for ratio, pixels in sizes.table[tier].items()}
            for tier in tiers
            if tier in sizes.tiers
        },
        "fact": _fact(sizes.fact),
    }


def _image(parameters: Iterable[Parameter]) -> Parameter | None:
    return next((known for known in parameters if known.name == "image"), None)


def _references(limits: ReferenceLimits | None, image: Parameter | None) -> dict[str, Any] | None:
    """How many pictures may be given, and what each may be; None where none may be."""
    if image is None:
        return None
    counts = [rule.schema() for rule in image.rules]
    most = next((count["maxItems"] for count in counts if "maxItems" in count), None)
    limits = limits or ReferenceLimits()
    return {"max_count": most, **limits.bounds, "fact": _fact(limits.fact or image.fact)}


def _retired(retired: Retirement | None) -> Mapping[str, Any] | None:
    if retired is None:
        return None
    return {"date": retired.date, "instead": retired.instead, "fact": _fact(retired.fact)}


def _fact(fact: Fact | None) -> Mapping[str, str] | None:
    if fact is None:
        return None
    record = {"source": fact.source, "date": fact.date, "state": str(fact.state)}
    return record | ({"note": fact.note} if fact.note else {})
