"""The API in OpenAPI 3.1, made from the table of routes."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable
from importlib.metadata import version
from typing import Any

from imagekit_gateway.openapi.operations import HEADERS, refusal
from imagekit_gateway.openapi.route import Route
from imagekit_gateway.openapi.schema import text
from imagekit_gateway.openapi.schemas import SCHEMAS

__all__ = ["described"]

_PLACE = re.compile(r"<(?:path:)?(\w+)>")


def described(routes: Iterable[Route], base: str) -> dict[str, Any]:
    """
    Args:
        base: where the gateway is.
    """
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        path = _PLACE.sub(r"{\1}", route.path)
        paths.setdefault(path, {})[route.method.lower()] = _operation(route)
    headers = {name: _header(description) for name, description in HEADERS.items()}
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
            "headers": headers,
            "schemas": SCHEMAS,
        },
    }


def _operation(route: Route) -> dict[str, Any]:
    about = route.about
    places = [_place(name) for name in _PLACE.findall(route.path)]
    refused = {status: refusal(status) for status in about.refused}
    operation: dict[str, Any] = {
        "operationId": about.id,
        "summary": _first_sentence(route.handler),
        "parameters": [*places, *about.parameters],
        "responses": {**about.answers, **refused},
    }
    if about.body:
        content = {kind: {"schema": schema} for kind, schema in about.body.items()}
        operation["requestBody"] = {"required": True, "content": content}
    if route.door != "open":
        operation["security"] = [{"key": []}, *([{}] if route.door == "link" else [])]
    return operation


def _first_sentence(handler: object) -> str:
    """The docstring tells it to whoever reads the code, too."""
    return (inspect.getdoc(handler) or "").partition("\n\n")[0].replace("\n", " ")


def _place(name: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": text()}


def _header(description: str) -> dict[str, Any]:
    return {"description": description, "schema": text()}
