"""Plugins: found by entry point, kept apart when broken, composed per route."""

from __future__ import annotations

import importlib
import itertools
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent
from types import SimpleNamespace
from typing import Any

import pytest

import imagekit
from imagekit import (
    ANY_MODEL,
    Action,
    Charged,
    Client,
    ConfigurationError,
    Credential,
    Family,
    Host,
    HostSettings,
    InvalidRequest,
    Model,
    NoAuth,
    Offer,
    Parameter,
    PluginError,
    Plugins,
    Problem,
    Request,
    Result,
    SinkError,
    UnknownModel,
    Wire,
    hookimpl,
    spell,
)
from imagekit.plugins import Plugin
from imagekit.registry import Dangling
from imagekit.testing import Answer, Loopback

ANSWER = Answer(json={"created": 7, "data": [{"url": "https://pictures.invalid/1.png"}]})
STREAM = Answer(body=b"data: {}\n\n", headers={"Content-Type": "text/event-stream"})

# --- fake distributions -------------------------------------------------------------------

#: What a healthy plugin module says. Every broken one below is a small change of it.
HOST = """
    from imagekit import Host, NoAuth, hookimpl

    @hookimpl
    def imagekit_hosts():
        return [Host("{name}", "{name}", "https://{name}.invalid", NoAuth())]
"""

Install = Callable[..., str]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """``install("lily", source)`` makes a distribution with an entry point ``lily``."""
    numbers = itertools.count()
    modules: list[str] = []
    monkeypatch.syspath_prepend(tmp_path)

    def install(name: str, source: str = HOST, version: str = "1.0") -> str:
        module = f"fake_{tmp_path.name}_{name}_{next(numbers)}".replace("-", "_")
        modules.append(module)
        (tmp_path / f"{module}.py").write_text(dedent(source).replace("{name}", name))
        info = tmp_path / f"dist_{name}-{version}.dist-info"
        info.mkdir()
        metadata = f"Metadata-Version: 2.1\nName: dist-{name}\nVersion: {version}\n"
        (info / "METADATA").write_text(metadata)
        (info / "entry_points.txt").write_text(f"[imagekit]\n{name} = {module}\n")
        importlib.invalidate_caches()
        return module

    yield install
    for module in modules:
        sys.modules.pop(module, None)


def load(*names: str, **rest: Any) -> Plugins:
    """The plugins of these names, and their registration hooks called."""
    plugins = Plugins.load({"IMAGEKIT_PLUGINS": ",".join(names)}, **rest)
    plugins.registry()
    return plugins


def states(plugins: Plugins) -> dict[str, str]:
    return {plugin.name: plugin.state for plugin in plugins.installed}


def error_of(plugins: Plugins, name: str) -> str:
    (plugin,) = (plugin for plugin in plugins.installed if plugin.name == name)
    assert plugin.state == "failed"
    return plugin.error


def test_an_entry_point_is_found_and_known_by_distribution_and_version(install: Install) -> None:
    install("lily", version="3.2")
    plugins = load("lily")
    (lily,) = (plugin for plugin in plugins.installed if plugin.name == "lily")
    assert lily.label == "lily (dist-lily 3.2)"
    assert (lily.state, lily.hooks, lily.error) == ("loaded", ("imagekit_hosts",), "")
    assert list(plugins.registry().hosts) == ["lily"]


BROKEN = {
    "import error": ("import no_such_module_anywhere", "ModuleNotFoundError: No module named"),
    "syntax error": ("def :", "SyntaxError: invalid syntax"),
    "exit at import": ("raise SystemExit(3)", "SystemExit: 3"),
    "misspelt hook": (
        HOST.replace("imagekit_hosts", "imagekit_hots"),
        "PluginError: there is no hook imagekit_hots; did you mean imagekit_hosts?",
    ),
    "argument that the hook has not": (
        HOST.replace("imagekit_hosts()", "imagekit_hosts(client)"),
        "{'client'} are declared in the hookimpl but can not be found in the hookspec",
    ),
    "argument with a default": (
        HOST + "\n    @hookimpl\n    def imagekit_prepare_call(call=None): ...\n",
        "PluginError: imagekit_prepare_call would never be passed call: it has a default",
    ),
    "one thing instead of several": (
        HOST.replace("[Host", "(Host").replace("NoAuth())]", "NoAuth()))"),
        "TypeError: 'Host' object is not iterable",
    ),
    "nothing returned": (HOST.replace("return [", "["), "TypeError: 'NoneType' object"),
    "things of another type": (
        HOST.replace("return [Host", 'return ["lily"] or [Host'),
        "TypeError: imagekit_hosts gave 'lily', which is no Host",
    ),
    "raises at registration": (
        HOST.replace("return [", "1 / 0; return ["),
        "ZeroDivisionError: division by zero",
    ),
    "exit at registration": (
        HOST.replace("return [", "raise SystemExit(4); return ["),
        "SystemExit: 4",
    ),
    "misspelt hook of an object": (
        HOST.replace("return [Host", "return [Lily")
        + """
    class Lily(Host):
        @hookimpl
        def imagekit_shape_reqest(self, call): ...
""",
        "there is no hook imagekit_shape_reqest; did you mean imagekit_shape_request?",
    ),
    "object without a hash": (
        HOST.replace("return [Host", "return [Lily")
        + """
    class Lily(Host):
        __hash__ = None
""",
        "TypeError: imagekit_hosts gave a Lily without a hash; use eq=False",
    ),
    "offer for no host in particular": (
        """
    from imagekit import Offer, hookimpl

    @hookimpl
    def imagekit_offers():
        return [Offer("lily-1", "lily-1", "openai-images")]
""",
        "TypeError: imagekit_offers gave an offer of lily-1 that names no host",
    ),
}


@pytest.mark.parametrize(("source", "error"), BROKEN.values(), ids=BROKEN)
def test_a_broken_plugin_is_reported_and_changes_nothing_for_others(
    install: Install, source: str, error: str
) -> None:
    install("broken", source, version="0.9")
    install("aster")
    install("lily")
    plugins = load("aster", "broken", "lily")
    assert error in error_of(plugins, "broken")
    assert [p.label for p in plugins.installed if p.state == "failed"] == [
        "broken (dist-broken 0.9)"
    ]
    assert list(plugins.registry().hosts) == ["aster", "lily"]


@pytest.mark.parametrize(("source", "error"), BROKEN.values(), ids=BROKEN)
def test_strict_makes_a_broken_plugin_fatal(install: Install, source: str, error: str) -> None:
    install("broken", source, version="0.9")
    with pytest.raises(PluginError, match=r"broken \(dist-broken 0.9\) is broken") as caught:
        load("broken", strict=True)
    assert error in caught.value.message


def test_a_plugin_that_fails_half_way_leaves_nothing_behind(install: Install) -> None:
    """It had given a wire before its hosts failed; that wire has no owner any more."""
    half = """
        from imagekit import Wire, hookimpl

        @hookimpl
        def imagekit_wires():
            return [Wire("half")]
    """
    install("half", half + BROKEN["raises at registration"][0].replace("\n    ", "\n        "))
    plugins = load("half")
    assert "division by zero" in error_of(plugins, "half")
    assert list(plugins.registry().wires) == ["openai-images"]


# --- two plugins, one name ----------------------------------------------------------------

RIVALS = {
    "model": ("imagekit_families", 'Family("{name}", "", (Model("lotus", ""),))', "model 'lotus'"),
    "alias": (
        "imagekit_families",
        'Family("{name}", "", (Model("{name}-1", "", aliases=("lotus",)),))',
        "model 'lotus'",
    ),
    "family": ("imagekit_families", 'Family("lotus", "", ())', "family 'lotus'"),
    "host": ("imagekit_hosts", 'Host("lotus", "", "https://h.invalid", NoAuth())', "host 'lotus'"),
    "wire": ("imagekit_wires", 'Wire("lotus")', "wire 'lotus'"),
    "offer": (
        "imagekit_offers",
        'Offer("lotus", "l", "openai-images", host="pond")',
        "offer of 'lotus' at pond",
    ),
}


def giving(hook: str, *things: str) -> str:
    head = "from imagekit import Family, Host, Model, NoAuth, Offer, Wire, hookimpl"
    return f"{head}\n@hookimpl\ndef {hook}():\n    return [{', '.join(things)}]\n"


@pytest.mark.parametrize(("hook", "thing", "claimed"), RIVALS.values(), ids=RIVALS)
def test_two_plugins_that_claim_one_name_are_both_left_out(
    install: Install, hook: str, thing: str, claimed: str
) -> None:
    install("left", giving(hook, thing))
    install("right", giving(hook, thing), version="2.0")
    install("bystander")
    plugins = load("left", "right", "bystander")
    both = f"the {claimed} is declared by left (dist-left 1.0) and right (dist-right 2.0)"
    assert both in error_of(plugins, "left")
    assert both in error_of(plugins, "right")
    registry = plugins.registry()
    assert (list(registry.models), list(registry.hosts)) == ([], ["bystander"])
    assert (list(registry.wires), registry.dangling) == (["openai-images"], ())


def test_one_plugin_that_claims_a_name_twice_is_left_out(install: Install) -> None:
    install("twice", giving("imagekit_wires", 'Wire("lotus")', 'Wire("lotus")'))
    assert "'lotus' is declared by twice (dist-twice 1.0) twice" in error_of(load("twice"), "twice")


def test_what_core_declares_stays_core_s(install: Install) -> None:
    """A plugin can take part, but not take core's own wire away from everybody."""
    install("usurper", giving("imagekit_wires", 'Wire("openai-images")'))
    plugins = load("usurper")
    assert "usurper 1.0) and imagekit (imagekit core)" in error_of(plugins, "usurper")
    assert type(plugins.registry().wires["openai-images"]) is not Wire
    assert plugins.manager.has_plugin("imagekit")


def test_two_distributions_with_one_plugin_name(install: Install, tmp_path: Path) -> None:
    """The second is refused by name; the first is not disturbed."""
    module = install("lily")
    info = tmp_path / "dist_other-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: dist-other\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[imagekit]\nlily = {module}\n")
    plugins = load("lily")
    found = [(p.label, p.state, p.error) for p in plugins.installed if p.name == "lily"]
    assert sorted(found) == [
        (
            "lily (dist-lily 1.0)",
            "failed",
            "PluginError: another plugin is named lily, too",
        ),
        ("lily (dist-other 1.0)", "loaded", ""),
    ]
    assert list(plugins.registry().hosts) == ["lily"]


# --- offers -------------------------------------------------------------------------------


def test_offers_that_lead_nowhere_are_listed_not_fatal(install: Install) -> None:
    install(
        "pond",
        giving(
            "imagekit_hosts",
            'Host("pond", "", "https://pond.invalid", NoAuth(), '
            'offers=(Offer("frog-1", "f", "openai-images"), Offer("frog-2", "f", "croak")))',
        ),
    )
    install("stray", giving("imagekit_offers", 'Offer("frog-3", "f", "croak", host="swamp")'))
    plugins = load("pond", "stray")
    registry = plugins.registry()
    assert states(plugins)["pond"] == states(plugins)["stray"] == "loaded"
    assert registry.routes == ()
    assert registry.dangling == (
        Dangling("swamp", "frog-3", "the host 'swamp'"),
        Dangling("pond", "frog-1", "a plugin that declares the model 'frog-1'"),
        Dangling("pond", "frog-2", "the wire 'croak'"),
    )


# --- which plugins are loaded -------------------------------------------------------------


def test_the_allow_list_and_the_block_list_name_plugins(install: Install) -> None:
    modules = {name: install(name) for name in ("aster", "lily", "rose")}
    environment = {"IMAGEKIT_PLUGINS": "aster, lily", "IMAGEKIT_PLUGINS_BLOCKED": "lily ,other"}
    plugins = Plugins.load(environment)
    assert {name: states(plugins)[name] for name in modules} == {
        "aster": "loaded",
        "lily": "blocked",
        "rose": "blocked",
    }
    assert [name for name, module in modules.items() if module in sys.modules] == ["aster"]


def test_the_block_list_alone_leaves_the_rest(install: Install) -> None:
    install("aster")
    install("lily")
    plugins = Plugins.load({"IMAGEKIT_PLUGINS_BLOCKED": "lily"})
    assert (states(plugins)["aster"], states(plugins)["lily"]) == ("loaded", "blocked")


def test_an_empty_allow_list_allows_no_plugin(install: Install) -> None:
    install("lily")
    plugins = Plugins.load({"IMAGEKIT_PLUGINS": ""})
    assert set(states(plugins).values()) == {"blocked"}
    assert list(plugins.registry().hosts) == []


def test_plugins_are_listed_by_name_whatever_the_order_of_installation(install: Install) -> None:
    for name in ("tulip", "aster", "rose"):
        install(name)
    listed = [plugin.name for plugin in load("aster", "rose", "tulip").installed]
    assert [name for name in listed if name in {"tulip", "aster", "rose"}] == [
        "aster",
        "rose",
        "tulip",
    ]


# --- toy objects: the pond ----------------------------------------------------------------


class Policy:
    """A plugin made of functions: ``Policy("b", imagekit_prepare_call=lambda call: ...)``."""

    def __init__(self, name: str, **hooks: Callable[..., Any]) -> None:
        self.__name__ = name
        for hook, function in hooks.items():
            setattr(self, hook, hookimpl(function))


def frogs(*names: str) -> Family:
    parameters = (Parameter("prompt", str), Parameter("seed", int))
    return Family("frogs", "Frogs", tuple(Model(name, "", parameters=parameters) for name in names))


def pond(name: str = "pond", *models: str, kind: type[Host] = Host) -> Host:
    offers = tuple(
        Offer(model, f"{name}/{model}", "openai-images", spells=spell("seed user"))
        for model in models or ("frog-1",)
    )
    return kind(name, name, "https://pond.invalid/v1", NoAuth(), offers)


def world(*things: Family | Host | Wire | Offer) -> Policy:
    """A plugin that declares these objects."""
    return Policy(
        "world",
        imagekit_families=lambda: [thing for thing in things if isinstance(thing, Family)],
        imagekit_hosts=lambda: [thing for thing in things if isinstance(thing, Host)],
        imagekit_wires=lambda: [thing for thing in things if isinstance(thing, Wire)],
        imagekit_offers=lambda: [thing for thing in things if isinstance(thing, Offer)],
    )


def client_of(*plugins: object, url: str | None = None) -> Client:
    found = Plugins.of(*plugins)
    hosts = {name: HostSettings(base_url=url) for name in found.registry().hosts}
    return Client(plugins=found, environment={}, hosts=hosts)


# --- order --------------------------------------------------------------------------------

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
        client.generate("a frog", model="pond:frog-1")
        client.generate("a frog", model="pond:frog-1")
        client.generate("a frog", model="other:frog-1")
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


# --- routes -------------------------------------------------------------------------------


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


# --- policies and the receipt -------------------------------------------------------------


def rewriting(name: str, **changes: Any) -> Policy:
    return Policy(name, imagekit_prepare_call=lambda call: call.change(**changes))


def test_what_a_policy_changes_is_on_the_receipt_with_its_name() -> None:
    policy = rewriting("tidy", prompt="a tidy frog", seed=5, native={"mood": "calm"})
    with client_of(policy, world(frogs("frog-1"), pond())) as client:
        given: dict[str, Any] = {"user": "u-1", "native": {"mood": "wild"}}
        plan = client.plan("a frog", model="pond:frog-1", **given)
    assert {line.parameter: (line.value, line.by) for line in plan.receipt.lines} == {
        "model": ("frog-1", "caller"),
        "prompt": ("a tidy frog", "policy:tidy"),
        "user": ("u-1", "caller"),
        "seed": (5, "policy:tidy"),
        "native.mood": ("calm", "policy:tidy"),
    }
    assert b'"seed":5' in plan.request.body


def test_what_a_policy_takes_away_is_on_the_receipt_with_its_name() -> None:
    policy = rewriting("strip", seed=None, native=None)
    with client_of(policy, world(frogs("frog-1"), pond())) as client:
        plan = client.plan("a frog", model="pond:frog-1", seed=5, native={"mood": "wild"})
    for name, value in {"seed": 5, "native.mood": "wild"}.items():
        line = plan.receipt[name]
        assert (line.value, line.action, line.by) == (value, Action.DROPPED, "policy:strip")
    assert b"seed" not in plan.request.body


def test_a_host_s_own_rewriting_is_on_the_receipt_as_the_host_s() -> None:
    class Stamping(Host):
        @hookimpl
        def imagekit_prepare_call(self, call: Any) -> Any:
            return call.change(user="everybody")

    with client_of(world(frogs("frog-1"), pond(kind=Stamping))) as client:
        assert client.plan("x", model="pond:frog-1").receipt["user"].by == "policy:host pond"


def test_a_policy_s_mistake_is_the_call_s_problem_before_anything_is_sent() -> None:
    policy = rewriting("odd", seed="five")
    things = (policy, world(frogs("frog-1"), pond()))
    with (
        Loopback(ANSWER) as server,
        client_of(*things, url=server.url) as client,
        pytest.raises(InvalidRequest, match="'five' is not a whole number"),
    ):
        client.generate("x", model="pond:frog-1")
    assert server.seen == []


def test_a_policy_may_stop_the_call_with_an_error_of_ours() -> None:
    def stop(call: Any) -> None:
        raise imagekit.UsageError("not on Sundays")

    policy = Policy("sabbath", imagekit_prepare_call=stop)
    with (
        client_of(policy, world(frogs("frog-1"), pond())) as client,
        pytest.raises(imagekit.UsageError, match=r"^not on Sundays$"),
    ):
        client.plan("x", model="pond:frog-1")


# --- broken per-call hooks ----------------------------------------------------------------


def raising() -> Any:
    raise KeyError("oops")


PER_CALL = {
    "prepare raises": ("imagekit_prepare_call", raising, "raised KeyError: 'oops' (in "),
    "prepare gives text": ("imagekit_prepare_call", lambda: "x", "gave 'x', not a Call"),
    "validate raises": ("imagekit_validate_request", raising, "raised KeyError: 'oops' (in "),
    "validate gives text": ("imagekit_validate_request", lambda: ["x"], "gave 'x', not a Problem"),
    "validate gives no list": ("imagekit_validate_request", lambda: 3, "raised TypeError: 'int'"),
    "shape raises": ("imagekit_shape_request", raising, "raised KeyError: 'oops' (in "),
    "shape gives text": ("imagekit_shape_request", lambda: "x", "gave 'x', not a Request"),
    "decode raises": ("imagekit_decode_response", raising, "raised KeyError: 'oops' (in "),
    "decode gives text": ("imagekit_decode_response", lambda: "x", "gave 'x'"),
    "event raises": ("imagekit_decode_event", raising, "raised KeyError: 'oops' (in "),
    "event gives text": ("imagekit_decode_event", lambda: ["x"], "gave 'x', not a Event"),
}


@pytest.mark.parametrize(("hook", "function", "what"), PER_CALL.values(), ids=PER_CALL)
def test_a_broken_per_call_hook_is_an_error_that_names_hook_and_route(
    hook: str, function: Callable[..., Any], what: str
) -> None:
    """Whatever it does wrong; and only when it read the answer may the call be paid for."""
    kind = type("Broken", (Host,), {hook: staticmethod(hookimpl(lambda: function()))})
    things = world(frogs("frog-1"), pond(kind=kind))
    with (
        Loopback(STREAM if hook == "imagekit_decode_event" else ANSWER) as server,
        client_of(things, url=server.url) as client,
        pytest.raises(PluginError) as caught,
    ):
        client.generate("x", model="pond:frog-1")
    assert f"a plugin on pond:frog-1 is broken: {hook} {what}" in caught.value.message
    decoding = hook.startswith("imagekit_decode")
    assert caught.value.charged is (Charged.MAYBE if decoding else Charged.NO)
    assert not isinstance(caught.value, ConfigurationError), "that would say nothing was sent"
    assert len(server.seen) == decoding
    if hook == "imagekit_decode_response":  # what was paid for stays in reach
        assert caught.value.response.document["data"]


def test_a_hook_that_finds_nothing_may_return_none() -> None:
    policy = Policy("quiet", imagekit_validate_request=lambda call: None)
    with client_of(policy, world(frogs("frog-1"), pond())) as client:
        assert client.plan("x", model="pond:frog-1").problems == ()


# --- observers, sinks and commands --------------------------------------------------------


def test_observers_and_sinks_of_plugins_get_what_they_are_for() -> None:
    seen: list[Any] = []
    policy = Policy(
        "watch",
        imagekit_observers=lambda: [lambda event: seen.append(type(event).__name__)],
        imagekit_sinks=lambda: [seen.append],
    )
    things = (policy, world(frogs("frog-1"), pond()))
    with Loopback(ANSWER) as server, client_of(*things, url=server.url) as client:
        result = client.generate("x", model="pond:frog-1")
    assert seen == ["Sending", "Received", "Picture", result, "Finished"]


def test_a_sink_that_fails_is_loud_and_gives_the_result() -> None:
    def full(result: Result) -> None:
        raise OSError("disk full")

    policy = Policy("archive", imagekit_sinks=lambda: [full])
    things = (policy, world(frogs("frog-1"), pond()))
    with (
        Loopback(ANSWER) as server,
        client_of(*things, url=server.url) as client,
        pytest.raises(SinkError, match="disk full") as caught,
    ):
        client.generate("x", model="pond:frog-1")
    assert caught.value.result.image.url == "https://pictures.invalid/1.png"


def factory(hook: str) -> str:
    return f"from imagekit import hookimpl\n@hookimpl\ndef {hook}():\n    return [1 / 0]\n"


@pytest.mark.parametrize("hook", ["imagekit_observers", "imagekit_commands"])
def test_a_plugin_that_can_not_make_its_observers_or_commands_is_left_out(
    install: Install, hook: str
) -> None:
    install("broken", factory(hook))
    plugins = load("broken")
    assert plugins.gather(hook) == []
    assert "division by zero" in error_of(plugins, "broken")


def test_a_plugin_that_breaks_late_takes_what_it_brought_along(install: Install) -> None:
    install("broken", HOST + factory("imagekit_observers"))
    with Client(environment={"IMAGEKIT_PLUGINS": "broken"}) as client:
        assert client.registry.hosts == {}


def test_a_plugin_that_can_not_make_its_sinks_is_fatal(install: Install) -> None:
    """Somebody counts on it to keep every picture: going on without it would lose them."""
    install("archive", factory("imagekit_sinks"))
    with pytest.raises(PluginError, match=r"archive \(dist-archive 1.0\) is broken"):
        Client(environment={"IMAGEKIT_PLUGINS": "archive"})


# --- nothing is global --------------------------------------------------------------------


def test_two_clients_may_share_one_set_of_plugins() -> None:
    asked: list[str] = []

    def families() -> list[Family]:
        asked.append("once")
        return [frogs("frog-1")]

    plugins = Plugins.of(Policy("frogs", imagekit_families=families), world(pond()))
    with (
        Loopback(ANSWER) as first,
        Loopback(ANSWER) as second,
        Client(plugins=plugins, environment={}, hosts={"pond": HostSettings(first.url)}) as one,
        Client(plugins=plugins, environment={}, hosts={"pond": HostSettings(second.url)}) as two,
    ):
        one.generate("x", model="pond:frog-1")
        two.generate("y", model="pond:frog-1")
    assert [len(server.seen) for server in (first, second)] == [1, 1]
    assert asked == ["once"]


def test_clients_of_different_plugins_know_nothing_of_one_another() -> None:
    """Even when both were given the very same host object."""
    host = pond()
    with client_of(world(frogs("frog-1"), host)) as one, client_of(world(host)) as two:
        assert one.route("pond:frog-1").host is host
        with pytest.raises(UnknownModel):
            two.route("pond:frog-1")


def test_importing_imagekit_makes_no_plugin_manager() -> None:
    import pluggy

    modules = [module for name, module in sys.modules.items() if name.split(".")[0] == "imagekit"]
    values = [value for module in modules for value in vars(module).values()]
    assert not [v for v in values if isinstance(v, Plugins | pluggy.PluginManager | Client)]


def test_any_object_with_hooks_can_be_a_plugin() -> None:
    plugin = SimpleNamespace(imagekit_hosts=hookimpl(lambda: [pond()]))
    assert list(Plugins.of(plugin).registry().hosts) == ["pond"]


def test_an_offer_the_host_makes_itself_is_the_hosts() -> None:
    """Nobody can put a host out of service by claiming to speak for it."""
    own = Offer("frog-1", "mine", "openai-images")
    host = Host("pond", "", "https://h.invalid", NoAuth(), (own,))
    rival = Policy("rival", imagekit_offers=lambda: [Offer("frog-1", "x", "w", host="pond")])
    plugins = Plugins({})
    for thing in (world(frogs("frog-1"), host), rival):
        plugin = Plugin(getattr(thing, "__name__", "world"), "d", "1")
        plugins.installed.append(plugin)
        plugins.add(plugin, lambda thing=thing: thing)  # type: ignore[misc]
    assert plugins.registry().route("pond", "frog-1").remote_id == "mine"
    assert "already made by the host itself" in plugins.installed[1].error


def test_a_name_in_the_allow_list_that_is_not_installed_is_reported() -> None:
    (missing,) = Plugins.load({"IMAGEKIT_PLUGINS": "no-such-plugin"}).installed[-1:]
    assert (missing.name, missing.state) == ("no-such-plugin", "failed")
    assert "not installed" in missing.error


def test_a_wire_may_carry_the_model_in_its_address() -> None:
    class Addressed(Wire):
        @hookimpl
        def imagekit_shape_request(self, call: Any) -> Request:
            return Request("POST", f"{call.route.url()}/{call.route.remote_id}")

    wire = Addressed("addressed", paths={"generate": "/models"}, spells=spell("prompt"))
    host = Host("pond", "", "https://h.invalid", NoAuth(), (Offer("frog-1", "f1", "addressed"),))
    with client_of(world(frogs("frog-1"), wire, host)) as client:
        plan = client.plan("a frog", model="pond:frog-1")
    assert plan.request is not None
    assert plan.request.url == "https://h.invalid/models/f1"
    assert plan.receipt["model"].note == "stands in the address"
