"""Size, ratio and resolution, which together say one geometry, in a host's own words."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain
from typing import Any

from imagekit.basics.classes import evolve
from imagekit.declare.family import Parameter
from imagekit.declare.sizes import as_size, parse_size
from imagekit.declare.spell import Spell
from imagekit.plan.host_words import NoWord, Word, host_word
from imagekit.plan.sizes import Translation, geometry_of, translate
from imagekit.plan.spelling.draft import Draft
from imagekit.plan.spelling.unsupported import leave_unsaid
from imagekit.plan.value_checks import type_problem
from imagekit.values import Action, Problem

__all__ = ["spell_geometry"]

_TEXT = Parameter("size", str)  # as all three are given

#: path -> what is written there, of each field.
Ends = tuple[tuple[str, Any], ...]


def spell_geometry(draft: Draft, asked: Mapping[str, Any]) -> None:
    """Spell whichever of the three were asked for."""
    sizes, spelled = draft.route.sizes, draft.route.size_spells
    problems = [problem for name, value in asked.items() if (problem := _no_text(name, value))]
    geometry, contradictions = geometry_of({} if problems else asked, sizes)
    problems += contradictions
    if problems:
        draft.problems += problems
    elif sizes is None or not spelled:
        for name, value in asked.items():
            leave_unsaid(draft, name, value)
    else:
        _decide(draft, asked, translate(geometry, sizes, spelled))


def _no_text(name: str, value: Any) -> Problem | None:
    """What is wrong with its type; of pixels in two numbers, as pictures have them, how to say
    them."""
    match value:
        case (int() as width, int() as height) if name == "size":
            size = as_size((width, height))
            return Problem(name, f"{value!r} is not text; write {size!r}", value, size)
    return type_problem(_TEXT, value, name)


def _decide(draft: Draft, asked: Mapping[str, Any], translation: Translation) -> None:
    """Say it, the nearest thing, or nothing: what can't be said exactly is the caller's choice."""
    match translation.problem, draft.on_unsupported:
        case None, _:
            _say(draft, asked, translation)
        case Problem(), "adapt" if translation.values:
            _say(draft, asked, translation)
        case Problem(), "drop":
            note = f"can't be said exactly at {draft.route.host.name}"
            for name, value in asked.items():
                draft.tell(name, value, Action.DROPPED, note=note)
        case Problem() as problem, _:
            # A tier may have been given as size: the problem is of what the caller used.
            named = problem.field if problem.field in asked else next(iter(asked))
            draft.problems.append(evolve(problem, field=named))


def _say(draft: Draft, asked: Mapping[str, Any], translation: Translation) -> None:
    draft.pixels = translation.pixels
    fields: dict[str, Ends] = {}
    for name, value in translation.values.items():
        word = _host_word(draft, name, value)
        draft.problems += word.problems
        if isinstance(word, NoWord):
            return
        draft.values[name] = value
        fields[name] = _ends(draft.route.spells[name], word.value)
        for path, part in fields[name]:
            draft.write(name, path, part)
    for name, value in asked.items():
        ends = fields[name] if name in fields else tuple(chain(*fields.values()))
        draft.tell(name, value, _action(name, value, ends, translation), ends, translation.note)


def _host_word(draft: Draft, name: str, value: str) -> Word | NoWord:
    """The host's word for a size; exact pixels need none, and stay two where they go to two
    fields. A word of the host's own goes where both of these are in."""
    spelled = draft.route.spells[name]
    words, apart = spelled.values or {}, len(spelled.fields) == 2
    size = parse_size(value)
    if isinstance(size, tuple) and value not in words:
        return Word(size if apart else value)
    if apart and not (spelled.field and value in words):
        message = f"{value} alone says no width and height here; add a ratio, or ask for pixels"
        return NoWord((Problem(name, message, value),))
    return host_word(draft.route.parameters[name], value, spelled, draft.pictures)


def _ends(spelled: Spell, word: Any) -> Ends:
    """The fields that a size goes to, and what stands in each."""
    if isinstance(word, tuple):
        return tuple(zip(spelled.fields, word, strict=True))
    return ((spelled.field, word),)


def _action(name: str, asked: str, ends: Ends, translation: Translation) -> Action:
    if ends == ((name, asked),):
        return Action.SENT
    adapted = translation.problem is not None and translation.values.get(name) != asked
    return Action.ADAPTED if adapted else Action.MAPPED
