"""A route asks its own host, family and wire, and the policy plugins."""

from __future__ import annotations

from typing import Any

import pytest
from pond import ANSWER, Policy, client_of, frogs, pond, world

from imagekit import (
    ANY_MODEL,
    Family,
    Host,
    Model,
    NoAuth,
    Offer,
    Parameter,
    Problem,
    Request,
    Wire,
    hookimpl,
    spell,
)
from imagekit.testing import Loopback


def test_a_host_s_hooks_run_on_its_own_routes_only() -> None:
    class Refusing(Host):
        @hookimpl
        def imagekit_validate_request(self, call: Any) -> list[Problem]:
            return [Problem("prompt", f"{self.name} is dry")]

    with client_of(world(frogs("frog-1"), pond("dry", kind=Refusing), pond("wet"))) as client:
        assert [str(p) for p in client.plan("x", model="dry:frog-1").problems] == [
            "prompt: dry is dry"
        ]
        assert client.plan("x", model="wet:frog-1").problems == ()


def test_a_family_s_hooks_run_on_its_own_models_only() -> None:
    class Shy(Family):
        @hookimpl
        def imagekit_validate_request(self, call: Any) -> list[Problem]:
            return [Problem("prompt", "is shy")]

    shy = Shy("toads", "", (Model("toad-1", "", parameters=(Parameter("prompt", str),)),))
    with client_of(world(frogs("frog-1"), shy, pond("pond", "frog-1", "toad-1"))) as client:
        assert len(client.plan("x", model="pond:toad-1").problems) == 1
        assert client.plan("x", model="pond:frog-1").problems == ()


def test_a_wire_s_hooks_run_on_offers_that_speak_it_only() -> None:
    class Croak(Wire):
        @hookimpl
        def imagekit_shape_request(self, call: Any) -> Request:
            return Request("PUT", call.route.url())

    croak = Croak("croak", paths={"generate": "/croak"}, spells=spell("model prompt"))
    offers = (Offer("frog-1", "f", "croak"), Offer("frog-2", "f", "openai-images"))
    host = Host("pond", "", "https://h.invalid", NoAuth(), offers)
    with client_of(world(frogs("frog-1", "frog-2"), croak, host)) as client:
        methods = [
            client.plan("x", model=f"pond:{model}").request.method for model in ("frog-1", "frog-2")
        ]
    assert methods == ["PUT", "POST"]


def test_objects_other_than_the_host_wrap_no_transport() -> None:
    """A family's or wire's own hooks are per call; what wraps sockets is a host or a policy."""

    class Greedy(Family):
        @hookimpl
        def imagekit_transport_wrapper(self, host: Host) -> Any:
            return lambda send: lambda request: pytest.fail("not asked")

    family = Greedy("frogs", "", frogs("frog-1").models)
    with Loopback(ANSWER) as server, client_of(world(family, pond()), url=server.url) as client:
        assert client.generate("x", model="pond:frog-1").host == "pond"


def test_a_third_plugin_can_add_a_route_to_a_host_it_does_not_own() -> None:
    toads = Family("toads", "", (Model("toad-1", "", parameters=(Parameter("prompt", str),)),))
    third = Policy(
        "toads",
        imagekit_families=lambda: [toads],
        imagekit_offers=lambda: [Offer("toad-1", "t1", "openai-images", host="pond")],
    )
    things = (third, world(frogs("frog-1"), pond()))
    with Loopback(ANSWER) as server, client_of(*things, url=server.url) as client:
        client.generate("a toad", model="pond:toad-1")
        client.generate("a frog", model="pond:frog-1")
    assert [seen.json["model"] for seen in server.seen] == ["t1", "pond/frog-1"]


def test_an_offer_can_be_added_to_a_host_with_a_constructor_of_its_own() -> None:
    class Fixed(Host):
        def __init__(self) -> None:
            super().__init__("fixed", "", "https://h.invalid", NoAuth())

    added = Offer("frog-1", "f1", "openai-images", host="fixed")
    with client_of(world(frogs("frog-1"), Fixed(), added)) as client:
        assert client.route("fixed:frog-1").remote_id == "f1"


def test_an_offer_of_one_model_goes_before_an_offer_of_any() -> None:
    offers = (Offer("frog-1", "mine", "openai-images"), Offer(ANY_MODEL, "*", "openai-images"))
    host = Host("pond", "", "https://h.invalid", NoAuth(), offers)
    added = Offer("frog-2", "yours", "openai-images", host="pond")
    with client_of(world(frogs("frog-1", "frog-2", "frog-3"), host, added)) as client:
        ids = [client.route(f"pond:frog-{number}").remote_id for number in (1, 2, 3)]
    assert ids == ["mine", "yours", "frog-3"]
