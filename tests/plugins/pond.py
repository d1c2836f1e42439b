"""Toy objects: a pond, its frogs, and policies made of functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from imagekit import (
    Client,
    Family,
    Host,
    HostSettings,
    Model,
    NoAuth,
    Offer,
    Parameter,
    Plugins,
    Wire,
    hookimpl,
    spell,
)
from imagekit.testing import Answer

ANSWER = Answer(json={"created": 7, "data": [{"url": "https://pictures.invalid/1.png"}]})
STREAM = Answer(body=b"data: {}\n\n", headers={"Content-Type": "text/event-stream"})


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
