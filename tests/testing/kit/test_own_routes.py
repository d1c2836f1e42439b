"""Whose routes a suite checks, and on which of them each wire is tried."""

from __future__ import annotations

from collections.abc import Iterable

from imagekit import Bearer, Host, Offer, hookimpl
from imagekit.testing import HostSuite

CHAT = Offer("nano-banana-2", "n-2", "gemini-content", host="reed")


def reed() -> Host:
    """Built anew each time that it is asked for, as some plugins do."""
    offers = tuple(Offer(f"seedream-{version}", "s", "openai-images") for version in ("4.0", "4.5"))
    return Host("reed", "Reed", "https://reed.example", Bearer(("REED_API_KEY",)), offers)


class Hosts:
    """A plugin that declares the host."""

    __name__ = "hosts"

    @hookimpl
    def imagekit_hosts(self) -> Iterable[Host]:
        return [reed()]


class Offers:
    """A plugin of somebody else's, which offers one more model there, on another wire."""

    __name__ = "offers"

    @hookimpl
    def imagekit_offers(self) -> Iterable[Offer]:
        return [CHAT]


def suite(plugin: object, *others: object) -> type[HostSuite]:
    """A suite of the plugin where others are installed, which nobody collects."""

    def helpers(cls: type[HostSuite]) -> tuple[object, ...]:
        return others

    said = {"plugin": plugin, "helpers": classmethod(helpers)}
    return type("Suite", (HostSuite,), said)


def test_what_another_plugin_offers_there_is_no_route_of_ours() -> None:
    alone, beside = suite(Hosts()), suite(Hosts(), Offers())
    names = ["reed:seedream-4.0", "reed:seedream-4.5"]
    assert [route.name for route in alone.routes()] == names
    assert [route.name for route in beside.routes()] == names


def test_what_we_offer_at_a_host_of_another_is_all_of_ours() -> None:
    assert [route.name for route in suite(Offers(), Hosts()).routes()] == ["reed:nano-banana-2"]


def test_each_wire_is_tried_on_one_route_of_ours() -> None:
    class Both(Hosts, Offers):
        __name__ = "both"

    spoken = [(str(one), one.route.name) for one in suite(Both()).spoken_cases()]
    assert spoken == [
        ("gemini-content", "reed:nano-banana-2"),
        ("openai-images", "reed:seedream-4.0"),
    ]
