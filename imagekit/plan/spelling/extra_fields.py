"""What a request has beside its parameters: native fields, and what hosts want by themselves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from imagekit.plan.routes.route import Route
from imagekit.plan.spelling.draft import Draft
from imagekit.plan.value_checks import json_problem
from imagekit.values import Action, Added, Problem
from imagekit.values.reference import PICTURES

__all__ = ["add_fields", "added_headers", "spell_native"]


def spell_native(draft: Draft, native: Mapping[str, Any]) -> None:
    """Set fields verbatim, and tell of them; they may overwrite no other."""
    taken = _taken(draft) if native else set()
    for name, value in native.items():
        if problem := json_problem({name: value}, "native"):
            draft.problems.append(problem)
        elif name in taken:
            message = f"native.{name} would overwrite a value given as a parameter"
            draft.problems.append(Problem(f"native.{name}", message, value))
        else:
            draft.fields[name] = value
            draft.tell(f"native.{name}", value, Action.NATIVE, ((name, value),))


def _taken(draft: Draft) -> set[str]:
    """The names that fields have already, and those that pictures will have."""
    pictures = [draft.route.spells[name] for name in PICTURES if name in draft.values]
    return {*draft.fields, *(spelled.field.partition(".")[0] for spelled in pictures)}


def add_fields(draft: Draft) -> list[Added]:
    """Set what the offer sends by itself, where nothing else is sent under that name."""
    unset = {
        name: value for name, value in draft.route.offer.fields.items() if name not in draft.fields
    }
    draft.fields.update(unset)
    return [Added(name, value, "the host needs it") for name, value in unset.items()]


def added_headers(route: Route, headers: Mapping[str, str]) -> Iterator[Added]:
    """Every header that is in the request though nobody gave it."""
    yours = route.settings.headers  # those that are secret are added when it is sent
    for name, value in {**yours, **headers}.items():
        if name in yours:  # gateways put keys there
            yield Added(f"header {name}", "(not shown)", "from your settings")
        else:
            yield Added(f"header {name}", value, "the host wants it")
