"""The models that can be asked for, and all that is known of each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from werkzeug.wrappers import Response

from imagekit import ImagekitError, Route, route_record
from imagekit.errors import MissingCredential
from imagekit_gateway.gateway.visit import Visit, as_json
from imagekit_gateway.refusals import Refused, refusal_of
from imagekit_gateway.requests.words import address_for

__all__ = ["listed", "one"]

#: OpenAI's lists have the time when a model was made, which nobody here knows.
CREATED = 0


def listed(visit: Visit) -> Response:
    """Every name that this key may ask for, and where it leads; with ``capabilities=true``, what
    can be asked for there."""
    whole = visit.word("capabilities", "false", "true", "false") == "true"
    mine = [one for one in visit.gateway.names.routes() if _may_ask(visit, *one)]
    return as_json({"object": "list", "data": [_told(visit, *one, whole) for one in mine]})


def one(visit: Visit, name: str) -> Response:
    """One of them, and what can be asked for there."""
    try:
        route = visit.gateway.names.route(name)
    except MissingCredential:
        raise Refused(404, "model_not_found", f"no host of {name:.80} has a key here") from None
    except ImagekitError as error:
        raise refusal_of(error) from None
    if not _may_ask(visit, name, route):
        raise Refused(404, "model_not_found", f"this key may not ask for {name:.80}")
    return as_json(_told(visit, name, route, whole=True))


def _may_ask(visit: Visit, name: str, route: Route) -> bool:
    return address_for(visit.gateway, visit.rights, name, route) is not None


def _without_address(host: Mapping[str, Any]) -> dict[str, Any]:
    """Where the hosts are is the gateway's own affair: some are inside of a network."""
    return {name: value for name, value in host.items() if name != "url"}


def _told(visit: Visit, name: str, route: Route, whole: bool) -> dict[str, Any]:
    """As OpenAI tells of a model; and the capability record: parameters, sizes, the host's schema
    and price, and where each fact is from."""
    about: dict[str, Any] = {"route": route.name, "title": route.model.title}
    if whole:
        record = route_record(visit.gateway.client.registry, route)
        hosts = [_without_address(one) for one in record["hosts"]]
        about = {**record, "route": route.name, "hosts": hosts}
    return {
        "id": name,
        "object": "model",
        "created": CREATED,
        "owned_by": route.host.name,
        "imagekit": about,
    }
