"""What the gateway answers: one table, from which its description is made as well."""

from __future__ import annotations

from werkzeug.routing import BaseConverter, Map, Rule
from werkzeug.wrappers import Response

from imagekit_gateway.endpoints import (
    costs,
    keys,
    making,
    models,
    page_files,
    planning,
    records,
    settling,
    showing,
)
from imagekit_gateway.gateway.visit import Visit, as_json
from imagekit_gateway.openapi import operations
from imagekit_gateway.openapi.openapi import described
from imagekit_gateway.openapi.route import Route

__all__ = ["MATCHER", "ROUTES"]


def description(visit: Visit) -> Response:
    """The API, as OpenAPI has it."""
    return as_json(described(ROUTES, visit.base))


ROUTES = (
    Route("POST", "/v1/images/generations", making.generations, operations.GENERATE),
    Route("POST", "/v1/images/edits", making.edits, operations.EDIT),
    Route("POST", "/v1/images/plan", planning.plan, operations.PLAN),
    Route("POST", "/v1/images/variations", showing.no_variations, operations.VARY),
    Route("GET", "/v1/images", records.listed, operations.LIST),
    Route("GET", "/v1/images/<id>", records.one, operations.GET),
    Route("GET", "/v1/images/<id>/content", records.content, operations.CONTENT, "link"),
    Route("DELETE", "/v1/images/<id>", records.delete, operations.DELETE),
    Route("POST", "/v1/images/<id>/settle", settling.settle, operations.SETTLE, "operator"),
    Route("GET", "/v1/open", settling.opened, operations.OPEN, "operator"),
    Route("GET", "/v1/costs", costs.spent, operations.COSTS),
    Route("GET", "/v1/key", keys.own, operations.OWN_KEY),
    Route("GET", "/v1/keys", keys.every, operations.KEYS, "operator"),
    Route("POST", "/v1/keys", keys.add, operations.ADD_KEY, "operator"),
    Route("POST", "/v1/keys/<path:name>", keys.change, operations.CHANGE_KEY, "operator"),
    Route("DELETE", "/v1/keys/<path:name>", keys.revoke, operations.REVOKE_KEY, "operator"),
    Route("GET", "/v1/models", models.listed, operations.MODELS),
    Route("GET", "/v1/models/<path:name>", models.one, operations.MODEL),
    Route("GET", "/openapi.json", description, operations.DESCRIPTION, "open"),
    Route("GET", "/healthz", showing.alive, operations.ALIVE, "open"),
    Route("GET", "/readyz", showing.ready, operations.READY, "open"),
    Route("GET", "/metrics", showing.metrics, operations.METRICS, "operator"),
    Route("GET", "/", page_files.page, operations.PAGE, "open"),
    Route("GET", "/page/<name>", page_files.file, operations.PAGE_FILE, "open"),
)


class _Id(BaseConverter):
    """Of a record; none is called as what is done there is."""

    regex = r"(?!(?:generations|edits|plan|variations)\Z)[^/]+"
    part_isolating = True


_MAP = Map(
    [Rule(one.path, methods=[one.method], endpoint=one) for one in ROUTES],
    strict_slashes=False,
    merge_slashes=False,
    converters={"default": _Id},
)
#: Finds the route of a method and a path; wherever the gateway is, they are the same.
MATCHER = _MAP.bind("gateway")
