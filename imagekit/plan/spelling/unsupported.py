"""What a host can't be told at all: an error, unless the caller would rather leave it out."""

from __future__ import annotations

from typing import Any

from imagekit.basics.closest import closest
from imagekit.declare.family import CANONICAL
from imagekit.plan.routes.route import Route
from imagekit.plan.spelling.draft import Draft
from imagekit.values import Action, Problem

__all__ = ["leave_unsaid"]


def leave_unsaid(draft: Draft, name: str, value: Any) -> None:
    """Say what becomes of a parameter for which the route has no spelling."""
    if name == "n" and value == 1 and type(value) is int:
        draft.tell(name, value, Action.MAPPED, note="one picture is what a call makes here")
    elif draft.on_unsupported == "drop":
        note = f"not supported at {draft.route.host.name}"
        draft.tell(name, value, Action.DROPPED, note=note)
    else:
        draft.problems.append(Problem(name, _why(draft.route, name), value))


def _why(route: Route, name: str) -> str:
    """Why a parameter is not taken, and what would do instead."""
    instead = route.offer.instead.get(name) or route.model.instead.get(name)
    declared = {parameter.name for parameter in route.model.parameters}
    if not instead and name not in CANONICAL.keys() | declared:
        near = closest(name, route.accepted)
        hint = f"; did you mean {near[0]}?" if near else ""
        return f"{route.model.name} has no such parameter{hint}"
    why = f"{route.model.name} does not take it at {route.host.name}"
    return f"{why}: {instead}" if instead else f"{why}; on_unsupported='drop' leaves it out"
