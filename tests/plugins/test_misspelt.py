"""A name that nobody else knows: told with what it may have meant, once all plugins are there."""

from __future__ import annotations

import json
from typing import Any

import pytest
from distributions import Install, load
from pond import client_of, frogs, pond, world

from imagekit import (
    Family,
    Host,
    Model,
    NoAuth,
    NotServed,
    Offer,
    Parameter,
    Plugins,
    Spell,
    Unlisted,
    spell,
)
from imagekit.cli.app import run


def offering(**said: Any) -> Plugins:
    """A host with one offer of ``frog-1``, which has ``seed`` and ``steps``."""
    steps = Parameter("steps", int)
    family = Family("frogs", "Frogs", (Model("frog-1", "Frog 1", parameters=(steps,)),))
    offer = Offer(**{"model": "frog-1", "id": "f", "wire": "openai-images", **said})
    return Plugins.of(
        world(family, Host("pond", "Pond", "https://pond.invalid", NoAuth(), (offer,)))
    )


@pytest.mark.parametrize(
    ("said", "doubt"),
    [
        (
            {"spells": spell("sizes")},
            "pond:frog-1 spells 'sizes', and there is no such parameter (did you mean 'size'?)",
        ),
        (
            {"spells": (Spell("step", to="steps"),)},
            "pond:frog-1 spells 'step', and there is no such parameter (did you mean 'steps'?)",
        ),
        (
            {"spells": spell("camera")},
            "pond:frog-1 spells 'camera', and there is no such parameter",
        ),
        (
            {"spells": spell("user"), "name_field": "users"},
            "pond:frog-1 has the name_field 'users', and no spelling of it (did you mean 'user'?)",
        ),
        ({"spells": spell("steps user seed"), "name_field": "user"}, None),
        ({"spells": spell("lens"), "parameters": (Parameter("lens", str),)}, None),
    ],
)
def test_what_an_offer_says_that_means_nothing(said: dict[str, Any], doubt: str | None) -> None:
    assert [*offering(**said).registry().doubts] == ([doubt] if doubt else [])


def test_an_offer_of_every_model_spells_what_some_of_them_have() -> None:
    assert [*offering(model="*", spells=spell("camera")).registry().doubts] == []
    unlisted = offering(model="*", unlisted=Unlisted(), spells=spell("camera")).registry()
    assert [*unlisted.doubts] == ["pond:* spells 'camera', and there is no such parameter"]


@pytest.mark.parametrize(
    ("said", "needs"),
    [
        ({"wire": "openai-image"}, "the wire 'openai-image' (did you mean 'openai-images'?)"),
        (
            {"model": "frg-1"},
            "a plugin that declares the model 'frg-1' (did you mean 'frog-1'?)",
        ),
        ({"model": "newt-7"}, "a plugin that declares the model 'newt-7'"),
        ({"wire": "croak"}, "the wire 'croak'"),
    ],
)
def test_what_an_offer_that_leads_nowhere_may_have_meant(said: dict[str, Any], needs: str) -> None:
    (dangling,) = offering(**said).registry().dangling
    assert dangling.needs == needs


def test_an_offer_may_misspell_its_host() -> None:
    stray = Offer("frog-1", "f", "openai-images", host="pound")
    (dangling,) = Plugins.of(world(frogs("frog-1"), pond(), stray)).registry().dangling
    assert dangling.needs == "the host 'pound' (did you mean 'pond'?)"


@pytest.mark.parametrize("wrong", [{"model": "frg-1"}, {"wire": "openai-image"}])
def test_whoever_asks_for_it_is_told_why_it_is_not_there(wrong: dict[str, Any]) -> None:
    said = {"model": "frog-1", "id": "f", "wire": "openai-images", **wrong}
    lost = Host("lake", "Lake", "https://lake.invalid", NoAuth(), (Offer(**said),))
    with (
        client_of(world(frogs("frog-1"), pond(), lost)) as client,
        pytest.raises(NotServed, match=r"frog-1; pond does\. Its offer of") as no,
    ):
        client.generate("x", model="lake:frog-1")
    assert "did you mean" in str(no.value)


def test_the_command_line_shows_both(
    install: Install, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    install(
        "pond",
        """
        from imagekit import Family, Host, Model, NoAuth, Offer, hookimpl, spell

        @hookimpl
        def imagekit_families():
            return [Family("frogs", "Frogs", (Model("frog-1", "Frog 1"),))]

        @hookimpl
        def imagekit_hosts():
            return [Host("pond", "Pond", "https://pond.invalid", NoAuth(), (
                Offer("frog-1", "f", "openai-images", spell("sizes")),
                Offer("frog-2", "f", "openai-image"),
            ))]
        """,
    )
    assert load("pond").installed
    monkeypatch.setenv("IMAGEKIT_PLUGINS", "pond")
    assert run(["plugins"]) == 0
    told = capsys.readouterr().err
    assert (
        "pond:frog-1 spells 'sizes', and there is no such parameter (did you mean 'size'?)" in told
    )
    assert "pond offers frog-2, which needs the wire 'openai-image' (did you mean 'openai-" in told
    assert run(["plugins", "--json"]) == 0
    (doubt,) = json.loads(capsys.readouterr().out)["doubts"]
    assert doubt.startswith("pond:frog-1 spells 'sizes'")
