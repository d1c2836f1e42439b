"""A field of the wrong type is refused in words, or ignored, by every upstream of the sandbox.

The bodies are those that imagekit sends, each with one field at a time made something else.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
import urllib3
from imagekit_sandbox.serving import Upstreams

from imagekit import Client, Plugins
from imagekit.declare.family import CANONICAL
from imagekit.plan.routes.route import Route
from imagekit.testing.kit.samples import as_taken, companions, samples

STRANGE = (None, True, -7, 1.5, "", "strange", [], [None], [[]], [7], {}, {"strange": 1})
PLUGINS = Plugins.load({})


def addressed() -> Iterator[Route]:
    """A route for each address that the sandbox answers for."""
    with Upstreams() as upstreams:
        known = set(upstreams.hosts)
    routes = [one for one in PLUGINS.registry().routes if one.host.name in known]
    return iter({(one.host.name, one.url()): one for one in routes}.values())


ROUTES = list(addressed())


def body_of(client: Client, route: Route) -> dict[str, Any]:
    """One with as many fields as go together."""
    given = as_taken(route, {})
    for name in route.spells:
        if name not in ("model", "prompt"):
            more = {**given, name: samples(route, name)[0], **companions(route, name)}
            if planned(client, route, more) is not None:
                given = more
    found = planned(client, route, given)
    assert found is not None
    return found


def planned(client: Client, route: Route, given: dict[str, Any]) -> dict[str, Any] | None:
    own = {name: value for name, value in given.items() if name in CANONICAL}
    options = {name: value for name, value in given.items() if name not in CANONICAL}
    request = client.plan("5 herons", model=route.name, options=options, **own).request
    if request is None or request.headers["Content-Type"] != "application/json":
        return None
    return dict(json.loads(request.body.read()))


def mutations(value: Any) -> Iterator[Any]:
    """The value with one thing inside of it at a time made something else; and each of these."""
    yield from STRANGE
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from ({**value, name: other} for other in mutations(inner))
    elif isinstance(value, list) and value:
        yield from ([other, *value[1:]] for other in mutations(value[0]))


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_no_type_is_too_strange(route: Route) -> None:
    with (
        Upstreams() as upstreams,
        Client(config=upstreams.configuration(), plugins=PLUGINS) as client,
    ):
        route = client.registry.route(route.host.name, route.model.name)
        address = route.url()
        pool = urllib3.connection_from_url(address)
        scheme = getattr(route.host.auth, "scheme", "Bearer")
        key = {"Authorization": f"{scheme} mine", "x-goog-api-key": "mine"}
        for body in mutations(body_of(client, route)):
            answer = pool.request(
                "POST", urlsplit(address).path, json=body, headers=key, retries=False
            )
            assert answer.status in (200, 400, 404, 422), (body, answer.data)
