"""What the gateway answers: one table, from which its description is made as well."""

from __future__ import annotations

from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Response

from imagekit_gateway import making, models, records, showing
from imagekit_gateway.openapi import described
from imagekit_gateway.route import Route
from imagekit_gateway.visit import Visit, as_json

__all__ = ["MATCHER", "ROUTES"]


def description(visit: Visit) -> Response:
    """The API, as OpenAPI has it."""
    return as_json(described(ROUTES, visit.base))


ROUTES = (
    Route("POST", "/v1/images/generations", making.generations),
    Route("POST", "/v1/images/edits", making.edits),
    Route("POST", "/v1/images/variations", showing.no_variations),
    Route("GET", "/v1/images", records.listed),
    Route("GET", "/v1/images/<id>", records.one),
    Route("GET", "/v1/images/<id>/content", records.content, "link"),
    Route("DELETE", "/v1/images/<id>", records.delete),
    Route("GET", "/v1/models", models.listed),
    Route("GET", "/v1/models/<path:name>", models.one),
    Route("GET", "/openapi.json", description, "open"),
    Route("GET", "/healthz", showing.alive, "open"),
    Route("GET", "/readyz", showing.ready, "open"),
    Route("GET", "/metrics", showing.metrics, "operator"),
    Route("GET", "/", showing.page, "open"),
)

_MAP = Map(
    [Rule(one.path, methods=[one.method], endpoint=one) for one in ROUTES],
    strict_slashes=False,
    merge_slashes=False,
)
#: Finds the route of a method and a path; wherever the gateway is, they are the same.
MATCHER = _MAP.bind("gateway")
