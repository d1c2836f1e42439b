"""One parameter in a host's own words."""

from __future__ import annotations

from typing import Any

from imagekit.declare.family import Parameter
from imagekit.declare.spell import Address, Implied, Spell
from imagekit.plan.host_words import NoWord, host_word
from imagekit.plan.spelling.draft import Draft
from imagekit.plan.spelling.pictures import spell_pictures
from imagekit.plan.spelling.unsupported import leave_unsaid
from imagekit.plan.value_checks import type_problem
from imagekit.values import Action, Problem
from imagekit.values.reference import PICTURES, summarized

__all__ = ["require", "spell_parameter"]


def spell_parameter(draft: Draft, name: str, given: Any) -> None:
    """Spell any parameter but size, ratio and resolution, which are said together."""
    spelled = draft.route.spells.get(name)
    if name == "image" and given == []:  # for programs that have a list, full or not
        draft.tell(name, given, Action.MAPPED, note="no reference pictures")
    elif name == "model" and spelled is None:
        draft.tell(name, given, Action.MAPPED, note="stands in the address")
    elif spelled is None:
        leave_unsaid(draft, name, summarized(given))
    elif name in PICTURES:
        spell_pictures(draft, name, given, spelled)
    elif problem := type_problem(draft.route.parameters[name], given, name):
        draft.problems.append(problem)
    else:
        _spell_value(draft, name, given, spelled)


def require(draft: Draft) -> None:
    """Miss what no call may be without."""
    for parameter in draft.route.required:
        if draft.given.get(parameter.name, []) == []:
            what = " and ".join(rule.describe() for rule in parameter.rules)
            where = f"{draft.route.model.name} at {draft.route.host.name}"
            message = f"is needed by {where}{': ' if what else ''}{what}"
            draft.problems.append(Problem(parameter.name, message))


def _spell_value(draft: Draft, name: str, given: Any, spelled: Spell) -> None:
    parameter = draft.route.parameters[name]
    value = _adapted(parameter, given) if draft.on_unsupported == "adapt" else given
    draft.values[name] = value
    sent = draft.route.remote_id if name == "model" else value
    said = host_word(parameter, sent, spelled, draft.pictures)
    if isinstance(said, NoWord) and any(rule.check(name, value) for rule in parameter.rules):
        return  # what the rule says is told, and is enough
    draft.problems += said.problems
    if isinstance(said, NoWord):
        return
    match spelled.how:
        case Address():
            draft.operation = said.value
            draft.tell(name, given, Action.MAPPED, note=f"chooses the address: {said.value}")
        case Implied() as implied:
            _leave_implied(draft, name, value, implied)
        case _:
            end = spelled.field, said.value
            draft.write(name, *end)
            draft.tell(name, given, _action(name, given, value, end), (end,))


def _leave_implied(draft: Draft, name: str, value: Any, implied: Implied) -> None:
    """What the host takes from another parameter is sent as that one; so it has to agree."""
    is_given = implied.by in draft.given
    if value == (implied.given if is_given else implied.otherwise):
        draft.tell(name, value, Action.MAPPED, note=f"said by {implied.by}, given or not")
    else:
        beside = f"{implied.by} is {'given' if is_given else 'not given'}"
        also = "leave that out" if is_given else "give that as well"
        message = f"can't be {value!r} at {draft.route.host.name} where {beside}: {also}"
        draft.problems.append(Problem(name, message, value))


def _action(name: str, given: Any, value: Any, end: tuple[str, Any]) -> Action:
    if value != given and name != "model":
        return Action.ADAPTED
    return Action.SENT if end == (name, given) else Action.MAPPED


def _adapted(parameter: Parameter, value: Any) -> Any:
    """``value`` moved to the nearest that passes every rule which names one."""
    for rule in parameter.rules:
        problem = rule.check(parameter.name, value)
        if problem is None or problem.advice or problem.nearest is None:
            continue
        # A word is moved only to itself in another case: words that look alike may mean
        # opposite things.
        if not isinstance(value, str) or value.lower() == str(problem.nearest).lower():
            value = problem.nearest
    return value
