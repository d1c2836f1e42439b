"""Real calls to real hosts, with your own keys. They cost money: about a picture for each test.

``make live HOSTS=gemini,zai`` tries these two hosts, ``make live HOSTS=all`` every one for which
there is a key: in your configuration, your keys file or your environment. What fails here is a
fact that a plugin has wrong, or that nobody had verified.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from imagekit import AuthenticationError, Charged, Client, Credential, Plugins, Retry
from imagekit.declare.auth import exports, ways
from imagekit.declare.family import CANONICAL
from imagekit.plan.routes.route import Route
from imagekit.testing import picture, picture_base64
from imagekit.testing.kit.samples import companions, samples

PROMPT = "a red square on white"
PATIENCE = 600.0
REGISTRY = Plugins.load({}).registry()
HOSTS = {one.name: one for one in REGISTRY.hosts.values() if one.real and not one.self_hosted}
ROUTES = [one for one in REGISTRY.routes if one.host.name in HOSTS]
UNVERIFIED = [
    (one.host.name, one.model.name, parameter)
    for one in ROUTES
    for parameter in sorted(one.unverified & one.accepted.keys())
]
#: Options that are texts and mean more than that.
TEXTS = {
    "callback_url": "https://example.com/called",
    "quality": "2K",
    "scene_image": picture_base64(512, 512),
    "style_image": picture_base64(512, 512),
}


@pytest.mark.parametrize("host", HOSTS)
def test_a_wrong_key_is_told_and_free(mine: Client, host: str) -> None:
    first, *_ = ways(HOSTS[host].auth)
    wrong = Credential(**dict.fromkeys(first.variables, "bad-key-of-nobody"))
    route = next(one for one in ROUTES if one.host.name == host)
    settings = {name: one for name, one in mine.config.hosts.items() if name == host}
    with (
        Client(hosts=settings, credentials={host: wrong}, retry=Retry(attempts=1)) as client,
        pytest.raises(AuthenticationError) as caught,
    ):
        client.generate(PROMPT, model=route.name, **asked(client, route))
    assert caught.value.charged is Charged.NO


@pytest.mark.parametrize(("host", "model"), [(one.host.name, one.model.name) for one in ROUTES])
def test_a_picture_is_what_was_asked_for(mine: Client, host: str, model: str) -> None:
    route = mine.registry.route(host, model)
    given = asked(mine, route)
    result = mine.generate(PROMPT, model=route.name, deadline=PATIENCE, **given)
    for image in result.images:
        assert image.media_type, "its bytes are no known kind of picture"
        assert image.note is None, image.note


@pytest.mark.parametrize(("host", "model", "parameter"), UNVERIFIED)
def test_what_nobody_verified_is_taken(mine: Client, host: str, model: str, parameter: str) -> None:
    route = mine.registry.route(host, model)
    given = asked(mine, route, with_companions(route, parameter))
    assert mine.generate(PROMPT, model=route.name, deadline=PATIENCE, **given).images


# --- what to ask for ------------------------------------------------------------------------


def asked(client: Client, route: Route, more: Mapping[str, Any] = {}) -> dict[str, Any]:
    """The smallest call that can be sent with ``more``; the test is skipped without a key."""
    host = client.registry.host(route.host.name)
    if client.credential_source(host) is None:
        pytest.skip(f"{host.name} needs a key: export {exports(host.auth)}")
    problems: tuple[object, ...] = ()
    for given in smallest(route):
        plan = client.plan(PROMPT, model=route.name, **{**given, **more})
        if plan.request is not None:
            return {**given, **more}
        problems = plan.problems
    pytest.fail(f"no call of {route.name} can be sent: {'; '.join(map(str, problems))}")


def smallest(route: Route) -> Iterator[dict[str, Any]]:
    """Ways to ask for a picture: a small one, if that can be said."""
    needed = {one.name: [picture(512, 512)] for one in route.required}  # pictures, so far
    tier = route.sizes.tiers[0] if route.sizes and route.sizes.tiers else None
    for shape in ({"resolution": tier}, {"size": tier}, {}):
        yield {**shape, **needed}


def with_companions(route: Route, parameter: str) -> dict[str, Any]:
    """A value of a parameter, and of those that it needs, as a caller gives them."""
    found = samples(route, parameter)
    value = found[-1] if parameter == "size" else found[0]  # a tier rather than pixels
    values = {parameter: value, **companions(route, parameter)}
    values |= {name: TEXTS[name] for name in values if name in TEXTS}
    if "image" in values:
        values["image"] = [picture(512, 512)]
    options = {name: values.pop(name) for name in [*values] if name not in CANONICAL}
    return {**values, **({"options": options} if options else {})}
