"""What plugins look at: see the hook `imagekit_checks`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from imagekit import Check, Client
from imagekit.plugins.finding import Plugin
from imagekit.values.check import FAILED, STATES, WARNING

__all__ = ["OfPlugin", "of_plugins"]


class OfPlugin:
    """One plugin that looks at what it needs; see `Asks`."""

    def __init__(self, plugin: Plugin, ask: Callable[[], Iterable[Check] | None]) -> None:
        self.plugin, self._ask = plugin, ask

    def checks(self) -> Iterator[Check]:
        for one in self._ask() or ():
            yield _checked(one)

    def broken(self, error: BaseException) -> Check:
        why = f"{type(error).__name__} while it looked: {error}"
        return Check("plugins", self.plugin.label, FAILED, why, "tell the plugin's author")

    def silent(self, seconds: float) -> Check:
        why = f"it has not looked at everything within {seconds:.0f} s"
        return Check("plugins", self.plugin.label, WARNING, why, "try again")


def of_plugins(client: Client) -> list[OfPlugin]:
    """Those that look at something, by their names."""
    asked = client.plugins.apart("imagekit_checks", config=client.config)
    return [OfPlugin(plugin, ask) for plugin, ask in asked]


def _checked(one: Any) -> Check:
    """
    Raises:
        TypeError: it is no check.
        ValueError: it is one in a state that there is not.
    """
    if not isinstance(one, Check):
        raise TypeError(f"imagekit_checks gives a Check, not {type(one).__name__}")
    if one.state not in STATES:
        raise ValueError(f"a check is {', '.join(STATES)}, not {one.state!r:.40}")
    return one
