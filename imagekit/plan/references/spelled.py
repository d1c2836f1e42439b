"""Reference pictures among the parameters of a call: their fields, and what they can't be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from imagekit.declare.host import Carriage, Spell
from imagekit.plan.references.reading import reference_of
from imagekit.values import Problem
from imagekit.values.reference import Reference, label, summarized

__all__ = ["as_references", "fields_of", "problems_of", "steps_of"]


def as_references(name: str, value: Any) -> Any:
    """What plugins and stored calls give as pictures, as references; all else as it is."""
    if name == "image" and isinstance(value, list | tuple):
        return [reference_of(one) for one in value]
    if name == "mask" and isinstance(value, str | Mapping):
        return reference_of(value)
    return value


def problems_of(name: str, found: Any, spelled: Spell, host: str) -> list[Problem]:
    """Why pictures can't be sent to a host: they are none, unusable, or not to be carried."""
    if not isinstance(found, list) or any(type(one) is not Reference for one in found):
        wanted = "a list of references" if name == "image" else "a reference"
        given = found if name == "image" else found[0]
        return [Problem(name, f"{given!r:.60} is not {wanted}")]
    labelled = _labelled(name, found)
    defects = [(f"{label} {one.defect}", one) for label, one in labelled if one.defect]
    if not defects and spelled.carriage is Carriage.FORM:
        defects = list(_unfit_for_form(labelled, spelled, host))
    return [Problem(name, message, summarized(one)) for message, one in defects]


def _unfit_for_form(
    labelled: list[tuple[str, Reference]], spelled: Spell, host: str
) -> Iterator[tuple[str, Reference]]:
    """Links where files alone are taken, or where they would lose their place."""
    links = [(label, one) for label, one in labelled if one.url is not None]
    if not spelled.links:
        why = f"is a link; {host} takes files alone: fetch it and give that"
    elif len(links) < len(labelled):
        why = f"is a link, and others are files; the order of both is lost at {host}"
    else:
        return
    yield from ((f"{label} {why}", one) for label, one in links)


def steps_of(name: str, found: list[Reference]) -> list[str]:
    """What was done to them so that they fit."""
    return [
        f"{label}: {', '.join(one.steps)}" for label, one in _labelled(name, found) if one.steps
    ]


def fields_of(name: str, found: list[Reference], spelled: Spell) -> tuple[tuple[str, Any], ...]:
    """Each field that pictures go to, with those that do, for the receipt."""
    if name == "mask":
        return ((spelled.field, found[0].summary),)
    fields: dict[str, Any] = {}
    for one in found:
        apart = spelled.links and one.url is not None
        fields.setdefault(spelled.links if apart else spelled.field, []).append(one.summary)
    return tuple(fields.items()) or ((spelled.field, []),)


def _labelled(name: str, found: list[Reference]) -> list[tuple[str, Reference]]:
    return [(label(name, number, one), one) for number, one in enumerate(found, 1)]
