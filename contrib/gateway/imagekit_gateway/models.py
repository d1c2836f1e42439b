"""The models that can be asked for, and all that is known of each."""

from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Response

from imagekit import ImagekitError, Route, route_record
from imagekit_gateway.refusals import Refused, refusal_of
from imagekit_gateway.visit import Visit, as_json

__all__ = ["listed", "one"]

#: OpenAI's lists have the time when a model was made, which nobody here knows.
CREATED = 0


def listed(visit: Visit) -> Response:
    """Every name that this key may ask for, and where it leads; with ``capabilities=true``, what
    can be asked for there."""
    whole = visit.word("capabilities", "false", "true", "false") == "true"
    names = visit.gateway.names.all()
    every = [(name, _route(visit, name)) for name in names]
    mine = [(name, route) for name, route in every if route and _may(visit, name, route)]
    return as_json({"object": "list", "data": [_told(visit, *one, whole) for one in mine]})


def one(visit: Visit, name: str) -> Response:
    """One of them, and what can be asked for there."""
    try:
        route = visit.gateway.names.route(name)
    except ImagekitError as error:
        raise refusal_of(error) from None
    if not _may(visit, name, route):
        raise Refused(404, "model_not_found", f"this key may not ask for {name:.80}")
    return as_json(_told(visit, name, route, whole=True))


def _route(visit: Visit, name: str) -> Route | None:
    try:
        return visit.gateway.names.route(name)
    except ImagekitError:
        return None


def _may(visit: Visit, name: str, route: Route) -> bool:
    return visit.rights.may_ask(name, route.model.name, route.name)


def _told(visit: Visit, name: str, route: Route, whole: bool) -> dict[str, Any]:
    """As OpenAI tells of a model; and the capability record: parameters, sizes, the host's schema
    and price, and where each fact is from."""
    about: dict[str, Any] = {"route": route.name, "title": route.model.title}
    if whole:
        about = {**route_record(visit.gateway.client.registry, route), "route": route.name}
    return {
        "id": name,
        "object": "model",
        "created": CREATED,
        "owned_by": route.host.name,
        "imagekit": about,
    }
