"""What each tool does."""

from __future__ import annotations

from typing import Any

from mcp.types import CallToolResult

from imagekit import Client, ImagekitError, Result, route_record
from imagekit_mcp.answers import answer, made, planned
from imagekit_mcp.calls import Told
from imagekit_mcp.opening import Studio

__all__ = ["asked", "list_models", "plan", "told"]


def asked(studio: Studio, arguments: dict[str, Any]) -> Told:
    """The call that was asked for, its references read.

    Raises:
        UsageError: one is not to be read.
    """
    given = dict(arguments)
    given.pop("preview", None)
    if "image" in given:
        images = given["image"]
        named = [images] if isinstance(images, str) else images
        given["image"] = [studio.roots.reference(one) for one in named]
    if "mask" in given:
        given["mask"] = studio.roots.reference(given["mask"])
    return Told(given.pop("prompt"), given.pop("model", None), given)


def told(
    studio: Studio, result: Result, previews: bool, trouble: ImagekitError | None = None
) -> CallToolResult:
    """What has come of it."""
    drawn = not studio.client.registry.hosts[result.host].real
    return made(result, studio.gallery.saved(result), drawn, previews, trouble)


def plan(studio: Studio, arguments: dict[str, Any]) -> CallToolResult:
    call = asked(studio, arguments)
    found = studio.client.plan(call.prompt, model=call.model, **call.parameters)
    return planned(found)


def list_models(studio: Studio, model: str | None) -> CallToolResult:
    """Those that can be asked for with the keys that are here; or all that is known of one."""
    client = studio.client
    if model is None:
        return answer({"models": _aliases(client) + _models(client)})
    record = route_record(client.registry, client.route(model))
    hosts = [{name: one[name] for name in _OF_HOST} for one in record["hosts"]]
    kept = {name: record[name] for name in _OF_MODEL}
    return answer({"models": [{**kept, "hosts": hosts}]})


_OF_MODEL = ("model", "title", "aliases", "sizes", "references", "rules")
#: Where a host is, and who says so, is nothing that a caller needs.
_OF_HOST = ("host", "sizes", "references", "rules", "unverified", "price", "schema")


def _aliases(client: Client) -> list[dict[str, Any]]:
    default = client.config.default_model
    return [
        {"model": name, "alias": True, "default": name == default} for name in client.config.models
    ]


def _models(client: Client) -> list[dict[str, Any]]:
    """Each model and the hosts that can be asked for it."""
    found: dict[str, dict[str, Any]] = {}
    for route in client.registry.routes:
        if route.host.auth.variables and not client.credential_source(route.host):
            continue
        name = route.model.name
        entry = found.setdefault(name, {"model": name, "title": route.model.title, "ask_as": []})
        entry["ask_as"].append(route.name)
    return list(found.values())
