"""``facts.json``: what a plugin declares, in plain words, written down a second time."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from attrs import asdict

from imagekit.declare.error_row import ErrorRow
from imagekit.declare.family import Family, Model, Parameter
from imagekit.declare.host import Host, Offer, Unlisted
from imagekit.declare.reference_limits import ReferenceLimits
from imagekit.declare.sizes import Sizes, as_size
from imagekit.declare.spell import Spell
from imagekit.declare.wire import Wire

__all__ = ["compare_with_file", "on_file", "plain"]


def compare_with_file(path: Path, subjects: Iterable[Any]) -> None:
    """Compare with the file if it is there. Each subject stands in it under its name.

    Raises:
        AssertionError: naming every place where the two differ.
    """
    if path.exists():
        written = json.loads(path.read_text(encoding="utf-8"))
        declared = json.loads(json.dumps({_name(one): plain(one) for one in subjects}))
        own = {name: written[name] for name in declared if name in written}
        differ = list(_differences("", declared, own))
        assert not differ, f"{path.name} says otherwise: " + "; ".join(differ)


def on_file(subjects: Iterable[Any]) -> str:
    """The text of a ``facts.json`` that agrees. Whether it is true, its vendor's page says."""
    declared = {_name(one): plain(one) for one in subjects}
    return f"{_lines(json.loads(json.dumps(declared)))}\n"


def _lines(value: Any, depth: int = 0) -> str:
    """JSON in which whatever fits stands on one line."""
    text = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, dict | list) or 2 * depth + len(text) < 100:
        return text
    inner = (
        [f"{json.dumps(name)}: {_lines(one, depth + 1)}" for name, one in value.items()]
        if isinstance(value, dict)
        else [_lines(one, depth + 1) for one in value]
    )
    margin = "\n" + "  " * (depth + 1)
    first, last = "{}" if isinstance(value, dict) else "[]"
    return f"{first}{margin}{f',{margin}'.join(inner)}{margin[:-2]}{last}"


def _name(subject: Family | Host | Wire | Offer) -> str:
    return f"{subject.host}:{subject.model}" if isinstance(subject, Offer) else subject.name


def plain(subject: Family | Host | Wire | Offer) -> dict[str, Any]:
    """What is declared, as JSON has it. Prose and sources are left out."""
    if isinstance(subject, Family):
        return {model.name: _model(model) for model in subject.models}
    if isinstance(subject, Host):
        return _host(subject)
    if isinstance(subject, Offer):
        return _offer(subject)
    return {
        "blobs": sorted(subject.blobs),
        "links": sorted(subject.links),
        "paths": dict(subject.paths),
        "spells": _spells(subject.spells),
    }


def _model(model: Model) -> dict[str, Any]:
    return _said(
        aliases=list(model.aliases),
        sizes=_sizes(model.sizes),
        references=_references(model.references),
        parameters=_parameters(model.parameters),
        rules=[rule.describe() for rule in model.rules],
        instead=sorted(model.instead),
        unverified=bool(model.fact and model.fact.unverified),
        retired=model.retired.mark if model.retired else None,
    )


def _host(host: Host) -> dict[str, Any]:
    return _said(
        base_url=host.base_url,
        origins=list(host.origins),
        self_hosted=host.self_hosted,
        models_at=_place(host.models_at),
        records_at=_place(host.records_at),
        costs_in=host.costs_in.currency if host.costs_in else None,
        auth={field: list(names) for field, names in host.auth.variables.items()},
        offers={offer.model: _offer(offer) for offer in host.offers},
        errors=[_row(row) for row in host.errors],
    )


def _place(place: Any) -> dict[str, Any] | None:
    """Where a host answers questions."""
    if place is None:
        return None
    return {name: value for name, value in asdict(place, recurse=False).items() if name != "fact"}


def _offer(offer: Offer) -> dict[str, Any]:
    own, unlisted = offer.sizes, offer.unlisted or Unlisted()
    return _said(
        id=offer.id,
        wire=offer.wire,
        spells=_spells(offer.spells),
        parameters=_parameters(offer.parameters),
        sizes=_changes(own) if isinstance(own, Mapping) else _sizes(own),
        references=_references(offer.references),
        rules=None if offer.rules is None else [rule.describe() for rule in offer.rules],
        paths=dict(offer.paths),
        headers=dict(offer.headers),
        fields=dict(offer.fields),
        native_headers=dict(offer.native_headers),
        instead=sorted(offer.instead),
        price=offer.price.describe() if offer.price else None,
        prices={id: price.describe() for id, price in unlisted.prices.items()},
        retired={id: one.mark for id, one in unlisted.retired.items()},
        unverified=_unverified(offer),
    )


def _unverified(offer: Offer) -> list[str]:
    named = [("id", offer.id_fact), ("path", offer.path_fact)]
    named += [(one.parameter, one.fact) for one in offer.spells]
    named += [(one.name, one.fact) for one in offer.parameters]
    named += [("price", offer.price.fact)] if offer.price else []
    named += [
        (f"price of {id}", price.fact)
        for id, price in (offer.unlisted or Unlisted()).prices.items()
    ]
    return sorted({name for name, fact in named if fact and fact.unverified})


def _spells(spells: Iterable[Spell]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for one in spells:
        words = {str(key): word for key, word in (one.values or {}).items()}
        target = one.describe()
        found[one.parameter] = {target: words} if words else target
    return found


def _parameters(parameters: Iterable[Parameter]) -> dict[str, Any]:
    return {
        one.name: _said(
            type=one.type.__name__,
            rules=[_rule(rule) for rule in one.rules],
            default=one.default,
            parts=_parameters(one.parts),
            items=one.items.__name__ if one.items else None,
            required=one.required,
        )
        for one in parameters
    }


def _rule(rule: Any) -> str:
    return f"{rule.describe()} (advice)" if getattr(rule, "advice", False) else rule.describe()


def _sizes(sizes: Sizes | None) -> dict[str, Any] | None:
    if sizes is None:
        return None
    free = Sizes()
    names = [name for name in Sizes.__annotations__ if name not in ("fact",)]
    return _changes(
        {
            name: getattr(sizes, name)
            for name in names
            if getattr(sizes, name) != getattr(free, name)
        }
    )


def _changes(sizes: Mapping[str, Any]) -> dict[str, Any]:
    found = {name: value for name, value in sizes.items() if name != "fact"}
    if "table" in found:
        found["table"] = {
            tier: {ratio: as_size(pixels) for ratio, pixels in row.items()}
            for tier, row in found["table"].items()
        }
    if "besides" in found:
        found["besides"] = [as_size(pixels) for pixels in found["besides"]]
    if found.get("default_pixels"):
        found["default_pixels"] = as_size(found["default_pixels"])
    return found


def _references(references: ReferenceLimits | None) -> dict[str, Any] | None:
    if references is None:
        return None
    own, free = (asdict(one, recurse=False) for one in (references, ReferenceLimits()))
    return {name: value for name, value in own.items() if value != free[name] and name != "fact"}


def _row(row: ErrorRow) -> str:
    """``429 slow_down: RateLimited, retryable, charged no``."""
    match = [str(row.status or ""), row.code or "", f'"{row.text}"' if row.text else ""]
    meaning = [row.error.__name__, "retryable" if row.retryable else "", f"charged {row.charged}"]
    return f"{' '.join(filter(None, match))}: {', '.join(filter(None, meaning))}"


def _said(**values: Any) -> dict[str, Any]:
    """What is not empty."""
    return {name: value for name, value in values.items() if value not in (None, (), [], {}, False)}


def _differences(path: str, declared: Any, written: Any) -> Iterator[str]:
    if isinstance(declared, dict) and isinstance(written, dict):
        for name in declared | written:
            inner = f"{path}.{name}" if path else name
            if name not in declared:
                yield f"{inner} is not declared"
            elif name not in written:
                yield f"{inner} is declared, and not on file"
            else:
                yield from _differences(inner, declared[name], written[name])
    elif declared != written:
        yield f"{path} is declared as {declared!r}, on file it is {written!r}"
