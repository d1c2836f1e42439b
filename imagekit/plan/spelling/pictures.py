"""Reference pictures and masks among the parameters of a call: their fields, and what they
can't be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from imagekit.declare.spell import Carriage, Spell
from imagekit.plan.spelling.draft import Draft
from imagekit.values import Action, Problem
from imagekit.values.reference import PICTURES, Reference, label, summarized

__all__ = ["as_references", "spell_pictures"]


def as_references(name: str, value: Any) -> Any:
    """What plugins and stored calls give as pictures, as references; all else as it is."""
    if name not in PICTURES:
        return value
    from imagekit.plan.references.reading import reference_of  # for the calls that have pictures

    if name == "image" and isinstance(value, list | tuple):
        return [reference_of(picture) for picture in value]
    if name == "mask" and isinstance(value, str | Mapping):
        return reference_of(value)
    return value


def spell_pictures(draft: Draft, name: str, given: Any, spelled: Spell) -> None:
    """Tell of pictures; the receipt has what was given, and what became of it."""
    pictures = given if name == "image" else [given]
    problems = _problems(name, pictures, spelled, draft.route.host.name)
    if problems:
        draft.problems += problems
        return
    draft.values[name] = given
    told = summarized(given)
    steps, fields = _steps(name, pictures), _fields(name, pictures, spelled)
    by_name = [field for field, _ in fields] == [name] and not spelled.carried.each
    plain = Action.SENT if by_name else Action.MAPPED
    action = Action.ADAPTED if steps else plain
    if any(picture.url is None for picture in pictures):
        carried = spelled.carried
        steps.append(f"bytes travel as {carried.carriage}")
        if carried.fact and carried.fact.unverified:
            draft.notes.append(
                f"unverified at {draft.route.host.name}, passed through: {name} as "
                f"{carried.carriage}; a link is sure"
            )
    draft.tell(name, told, action, fields, "; ".join(steps))


def _problems(name: str, pictures: Any, spelled: Spell, host: str) -> list[Problem]:
    """Why they can't be sent to a host: they are none, unusable, or not to be carried."""
    if not isinstance(pictures, list) or any(
        type(picture) is not Reference for picture in pictures
    ):
        wanted = "a list of references" if name == "image" else "a reference"
        given = pictures if name == "image" else pictures[0]
        return [Problem(name, f"{given!r:.60} is not {wanted}")]
    labelled = _labelled(name, pictures)
    defects = [
        (f"{label} {picture.defect}", picture) for label, picture in labelled if picture.defect
    ]
    if not defects and spelled.carried.carriage is Carriage.FORM:
        defects = list(_unfit_for_form(labelled, spelled, host))
    return [Problem(name, message, summarized(picture)) for message, picture in defects]


def _unfit_for_form(
    labelled: list[tuple[str, Reference]], spelled: Spell, host: str
) -> Iterator[tuple[str, Reference]]:
    """Links where files alone are taken, or where they would lose their place."""
    links = [(label, picture) for label, picture in labelled if picture.url is not None]
    if not spelled.carried.links:
        why = f"is a link; {host} takes files alone: fetch it and give that"
    elif len(links) < len(labelled):
        why = f"is a link, and others are files; the order of both is lost at {host}"
    else:
        return
    yield from ((f"{label} {why}", picture) for label, picture in links)


def _steps(name: str, pictures: list[Reference]) -> list[str]:
    """What was done to them so that they fit."""
    labelled = _labelled(name, pictures)
    return [f"{label}: {', '.join(picture.steps)}" for label, picture in labelled if picture.steps]


def _fields(name: str, pictures: list[Reference], spelled: Spell) -> tuple[tuple[str, Any], ...]:
    """Each field that pictures go to, with those that do, for the receipt."""
    carried = spelled.carried
    if carried.carriage is not Carriage.FORM:
        return ((spelled.field, carried.placed([picture.summary for picture in pictures])),)
    fields: dict[str, Any] = {}
    for picture in pictures:
        apart = carried.links and picture.url is not None
        fields.setdefault(carried.links if apart else spelled.field, []).append(picture.summary)
    return tuple(fields.items())


def _labelled(name: str, pictures: list[Reference]) -> list[tuple[str, Reference]]:
    """Each with what messages call it."""
    return [(label(name, number, picture), picture) for number, picture in enumerate(pictures, 1)]
