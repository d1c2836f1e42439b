"""What a request has beside its parameters: native fields, and what hosts want by themselves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from imagekit.declare.spell import put
from imagekit.plan.routes.route import Route
from imagekit.plan.spelling.draft import Draft
from imagekit.plan.value_checks import json_problem
from imagekit.values import Action, Added, Problem
from imagekit.values.reference import PICTURES

__all__ = ["add_fields", "added_headers", "spell_native"]


def spell_native(draft: Draft, native: Mapping[str, Any]) -> None:
    """Set fields verbatim, and tell of them; they may stand beside others, and overwrite none."""
    taken = _taken(draft) if native else set()
    for name, value in native.items():
        if problem := json_problem({name: value}, "native"):
            draft.problems.append(problem)
        else:
            _add(draft, name, value, taken)


#: The names that lead to a field.
_Path = tuple[str, ...]


def _add(draft: Draft, name: str, value: Any, taken: set[_Path]) -> None:
    """Whole where nothing of its name is, else each of its fields beside those that are."""
    leaves: dict[_Path, Any] = {(name,): value}
    if name in draft.fields:
        leaves = dict(_leaves((name,), value))
    lost = next((path for path in leaves if any(_overlap(path, one) for one in taken)), None)
    if lost:
        where = f"native.{'.'.join(lost)}"
        message = f"{where} would overwrite a value given as a parameter"
        draft.problems.append(Problem(where, message, leaves[lost]))
        return
    for path, leaf in leaves.items():
        draft.fields = put(draft.fields, path, leaf)
    sent = tuple((".".join(path), leaf) for path, leaf in leaves.items())
    draft.tell(f"native.{name}", value, Action.NATIVE, sent)


def _taken(draft: Draft) -> set[_Path]:
    """Where fields stand already, and where pictures will."""
    pictures = [draft.route.spells[name] for name in PICTURES if name in draft.values]
    fields = {path for name, value in draft.fields.items() for path, _ in _leaves((name,), value)}
    return {*fields, *(tuple(spelled.field.split(".")) for spelled in pictures)}


def _leaves(path: _Path, value: Any) -> Iterator[tuple[_Path, Any]]:
    """What of a value is no object with fields of its own, and where it stands."""
    if isinstance(value, Mapping) and value:
        for name, inner in value.items():
            yield from _leaves((*path, name), inner)
    else:
        yield path, value


def _overlap(one: _Path, other: _Path) -> bool:
    """Whether both are one field, or the one is inside of the other."""
    return all(here == there for here, there in zip(one, other, strict=False))


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
