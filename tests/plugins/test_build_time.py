"""What plugins bring when a client is made: observers, sinks, commands."""

from __future__ import annotations

from typing import Any

import pytest
from distributions import HOST, Install, error_of, factory, load
from pond import ANSWER, Policy, client_of, frogs, pond, world

from imagekit import (
    Client,
    PluginError,
    Result,
    SinkError,
)
from imagekit.testing import Loopback


def test_observers_and_sinks_of_plugins_get_what_they_are_for() -> None:
    seen: list[Any] = []
    policy = Policy(
        "watch",
        imagekit_observers=lambda: [lambda event: seen.append(type(event).__name__)],
        imagekit_sinks=lambda: [seen.append],
    )
    things = (policy, world(frogs("frog-1"), pond()))
    with Loopback(ANSWER) as server, client_of(*things, url=server.url) as client:
        result = client.generate("x", model="pond:frog-1", fetch=False)
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
        client.generate("x", model="pond:frog-1", fetch=False)
    assert caught.value.result.image.url == "https://pictures.invalid/1.png"


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
