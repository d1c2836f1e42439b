"""Plugins are found by entry point, and kept apart when broken."""

from __future__ import annotations

import sys

import pytest
from distributions import HOST, Install, error_of, load, states

from imagekit import (
    PluginError,
    Plugins,
)


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
        "TypeError: imagekit_hosts returned a Host; return a list: [HOST]",
    ),
    "nothing returned": (
        HOST.replace("return [", "["),
        "TypeError: imagekit_hosts returned None; return a list: [...]",
    ),
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
