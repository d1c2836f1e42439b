"""The API in OpenAPI 3.1, made from the table of routes and what stands beside them."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable
from importlib.metadata import version
from typing import Any

from imagekit_gateway import schemas
from imagekit_gateway.route import Route

__all__ = ["described"]

_PLACE = re.compile(r"<(?:path:)?(\w+)>")
_ERRORS = {
    "400": "Something is wrong with the request; error.problems has all of it.",
    "401": "There is no good key.",
    "402": "The budget of the key is used up.",
    "403": "The key may not do this.",
    "404": "There is no such model, or no such record of this key.",
    "413": "The body is too large.",
    "415": "The body is of a kind that is not read.",
    "424": "It was charged, or may have been, and there is no picture: do not send it again.",
    "429": "A limit is reached; nothing was charged.",
    "503": "Nothing was charged, and a host, the store or the set-up is in the way.",
}


def described(routes: Iterable[Route], base: str) -> dict[str, Any]:
    """
    Args:
        base: where the gateway is.
    """
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        path = _PLACE.sub(r"{\1}", route.path)
        paths.setdefault(path, {})[route.method.lower()] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "imagekit gateway",
            "version": version("imagekit-gateway"),
            "description": "OpenAI's images API over every model and host of imagekit.",
        },
        "servers": [{"url": base}],
        "paths": paths,
        "components": {
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
            "schemas": schemas.SCHEMAS,
        },
    }


def _operation(route: Route) -> dict[str, Any]:
    known = schemas.OPERATIONS.get(route.name, {})
    places = [_parameter(name) for name in _PLACE.findall(route.path)]
    operation: dict[str, Any] = {
        "operationId": f"{route.handler.__module__.rpartition('.')[2]}_{route.handler.__name__}",
        "summary": (inspect.getdoc(route.handler) or "").partition("\n\n")[0].replace("\n", " "),
        "parameters": [*places, *known.get("parameters", ())],
        "responses": {**known.get("responses", {"200": {"description": "As it says."}})},
    }
    if "requestBody" in known:
        operation["requestBody"] = known["requestBody"]
    if route.door != "open":
        operation["security"] = [{"key": []}, *([{}] if route.door == "link" else [])]
        errors = schemas.answer("Error")
        operation["responses"] |= {
            status: {"description": why, **errors}
            for status, why in _ERRORS.items()
            if status in known.get("errors", ("401", "404"))
        }
    return operation


def _parameter(name: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
