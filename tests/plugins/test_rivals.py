"""Two plugins, one name; and offers that lead nowhere."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from distributions import Install, error_of, load, states

from imagekit import (
    Wire,
)
from imagekit.plan.routes.joining import Dangling

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


def test_two_distributions_with_one_plugin_name(install: Install, tmp_path: Path) -> None:
    """No rule could say who is right, so neither is imported: a list of names that may load
    lets nobody in who takes one of them."""
    module = install("lily")
    info = tmp_path / "dist_other-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: dist-other\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[imagekit]\nlily = {module}\n")
    plugins = load("lily")
    found = [(p.label, p.state, p.error) for p in plugins.installed if p.name == "lily"]
    why = "PluginError: lily is claimed by dist-lily 1.0 and dist-other 1.0"
    assert sorted(found) == [
        ("lily (dist-lily 1.0)", "failed", why),
        ("lily (dist-other 1.0)", "failed", why),
    ]
    assert module not in sys.modules
    assert not plugins.registry().hosts


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
