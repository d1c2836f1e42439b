"""The cells of a CSV, as the parameters of their model have them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from imagekit import Client, ImagekitError

__all__ = ["Types", "typed", "types_in"]

#: The types of the parameters of a model, by name.
Types = Callable[[str | None], Mapping[str, type]]
SWITCHES = {"true": True, "false": False, "yes": True, "no": False, "1": True, "0": False}
#: What every model may be given.
COMMON: Mapping[str, type] = {"n": int, "seed": int, "native": dict, "references": list}
#: Whether they are texts or lists, the model says.
AS_WRITTEN = ("custom_id", "prompt", "model")


def types_in(client: Client) -> Types:
    """Those that a client knows, each model looked up once."""
    known: dict[str | None, Mapping[str, type]] = {}

    def types(model: str | None) -> Mapping[str, type]:
        if model not in known:
            known[model] = _declared(client, model)
        return known[model]

    return types


def _declared(client: Client, model: str | None) -> Mapping[str, type]:
    try:
        parameters = client.route(model).model.parameters
    except ImagekitError:  # which the plan of the line tells of
        return COMMON
    return {**COMMON, **{one.name: one.type for one in parameters}}


def typed(cells: Mapping[str, str], types: Types, model: str | None) -> dict[str, Any]:
    """What is no such value stays a text, which is refused with all other mistakes."""
    known = types(model)
    return {
        name: cell if name in AS_WRITTEN else _value(cell.strip(), known.get(name, str))
        for name, cell in cells.items()
    }


def _value(cell: str, kind: type) -> Any:
    if kind is bool:
        return SWITCHES.get(cell.lower(), cell)
    if kind is list and not cell.startswith("["):
        return [cell]
    if kind is str:
        return cell
    try:
        return json.loads(cell)
    except (ValueError, RecursionError):
        return cell
