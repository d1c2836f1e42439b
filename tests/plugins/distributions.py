"""Fake distributions, installed for the time of a test."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from imagekit import (
    Plugins,
)

#: What a healthy plugin module says. Every broken one below is a small change of it.
HOST = """
    from imagekit import Host, NoAuth, hookimpl

    @hookimpl
    def imagekit_hosts():
        return [Host("{name}", "{name}", "https://{name}.invalid", NoAuth())]
"""

Install = Callable[..., str]


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


def factory(hook: str) -> str:
    return f"from imagekit import hookimpl\n@hookimpl\ndef {hook}():\n    return [1 / 0]\n"
