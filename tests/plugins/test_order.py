"""In which order plugins take part."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from distributions import Install, load
from pond import ANSWER, Policy, client_of, frogs, pond, world

import imagekit
from imagekit import (
    Client,
    Credential,
    Family,
    Host,
    Model,
    NoAuth,
    Offer,
    Parameter,
    Plugins,
    Problem,
    Request,
    Wire,
    hookimpl,
    spell,
)
from imagekit.testing import Loopback

Log = list[str]


def noting(log: Log, name: str) -> Callable[..., Any]:
    return lambda call: log.append(name)


def test_hooks_run_host_family_wire_then_policies_by_name_then_core() -> None:
    log: Log = []

    class LoggingFamily(Family):
        @hookimpl
        def imagekit_validate_request(self, call: Any) -> list[Problem]:
            log.append("family")
            return []

    class LoggingWire(Wire):
        @hookimpl
        def imagekit_validate_request(self, call: Any) -> list[Problem]:
            log.append("wire")
            return []

        @hookimpl
        def imagekit_shape_request(self, call: Any) -> Request:
            return Request("POST", call.route.url())

    class LoggingHost(Host):
        @hookimpl
        def imagekit_validate_request(self, call: Any) -> list[Problem]:
            log.append("host")
            return []

    things = world(
        LoggingFamily("frogs", "", (Model("frog-1", "", parameters=(Wrong.parameter(log),)),)),
        LoggingWire("croak", paths={"generate": "/croak"}, spells=spell("model prompt seed")),
        LoggingHost("pond", "", "https://h.invalid", NoAuth(), (Offer("frog-1", "f", "croak"),)),
    )
    policies = [
        Policy(name, imagekit_validate_request=noting(log, name)) for name in ("a", "b", "z")
    ]
    with client_of(*policies, things) as client:
        client.plan("a frog", model="pond:frog-1", seed=3)
    assert log == ["host", "family", "wire", "a", "b", "z", "core"]


class Wrong(imagekit.Rule):
    """A declared rule that notes when core checks it."""

    def __init__(self, log: Log) -> None:
        self.log = log

    def check(self, name: str, value: Any) -> None:
        self.log.append("core")

    @classmethod
    def parameter(cls, log: Log) -> Parameter:
        return Parameter("seed", int, (cls(log),))


def test_plugins_take_part_in_the_order_of_their_names(install: Install) -> None:
    """Entry points are sorted; what installation or the path says does not matter."""
    source = """
        from imagekit import hookimpl

        @hookimpl
        def imagekit_observers():
            return ["{name}"]
    """
    for name in ("m", "z", "a"):
        install(name, source)
    assert load("a", "m", "z").gather("imagekit_observers") == ["a", "m", "z"]


def test_the_first_policy_s_change_is_what_the_second_sees() -> None:
    def saying(word: str) -> Policy:
        def prepare(call: Any) -> Any:
            return call.change(prompt=f"{call.prompt} {word}")

        return Policy(word, imagekit_prepare_call=prepare)

    with client_of(saying("a"), saying("b"), saying("c"), world(frogs("frog-1"), pond())) as client:
        plan = client.plan("frog", model="pond:frog-1")
    assert plan.receipt["prompt"].value == "frog a b c"


def test_the_first_name_wraps_outermost_and_a_host_s_own_trylast_innermost() -> None:
    log: Log = []

    def wrapping(name: str) -> Callable[..., Any]:
        def wrapper(host: Host) -> Any:
            def around(send: Any) -> Any:
                def wrapped(request: Request) -> Any:
                    log.append(f"{name} {host.name}")
                    return send(request)

                return wrapped

            return around

        return wrapper

    class Puddle(Host):
        @hookimpl(trylast=True)
        def imagekit_transport_wrapper(self, host: Host) -> Any:
            return wrapping("own")(host)

    policies = [Policy(name, imagekit_transport_wrapper=wrapping(name)) for name in ("a", "b")]
    things = world(frogs("frog-1"), pond(kind=Puddle), pond("other"))
    with Loopback(ANSWER) as server, client_of(*policies, things, url=server.url) as client:
        client.generate("a frog", model="pond:frog-1", fetch=False)
        client.generate("a frog", model="pond:frog-1", fetch=False)
        client.generate("a frog", model="other:frog-1", fetch=False)
    wrapped = ["a pond", "b pond", "own pond"]
    assert log == [*wrapped, *wrapped, "a other", "b other"]


def test_credentials_are_asked_for_by_name_and_core_s_environment_comes_last() -> None:
    log: Log = []

    def asking(name: str, key: str | None) -> Policy:
        def find(host: Host) -> Credential | None:
            log.append(name)
            return Credential(api_key=key, source=name) if key else None

        return Policy(name, imagekit_credential=find)

    bearer = imagekit.Bearer(("POND_API_KEY",))
    host = Host("pond", "", "https://h.invalid", bearer, pond().offers)
    environment = {"POND_API_KEY": "k1"}

    def source(*policies: object) -> str | None:
        with Client(plugins=Plugins.of(*policies, world(host)), environment=environment) as client:
            return client.credential_source(client.registry.host("pond"))

    assert source(asking("a", None), asking("b", None)) == "environment (POND_API_KEY)"
    assert source(asking("a", None), asking("b", "k2"), asking("c", "k3")) == "b"
    assert log == ["a", "b", "a", "b"]
