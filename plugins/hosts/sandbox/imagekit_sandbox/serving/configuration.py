"""The configuration that points the real host plugins at the sandbox's upstreams.

Its key stands in a file of this package, since a configuration never holds a key itself:
any key is good here, and naming one keeps your real keys at home.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from imagekit import Config, Plugins, from_plain
from imagekit.errors import ConfigurationError

__all__ = ["configuration", "settings", "toml"]

KEY = Path(__file__).with_name("any.key")


def settings(bases: Mapping[str, str], fault: str = "") -> dict[str, Any]:
    """A configuration as plain data, for those of the hosts that are installed.

    Args:
        bases: host -> its base URL.
        fault: what every request is to suffer.

    Raises:
        ConfigurationError: none of them is installed.
    """
    known = Plugins.load().registry().hosts
    one = {"credential": {"file": str(KEY)}, "headers": {"X-Sandbox-Fault": fault}}
    if not fault:
        del one["headers"]
    hosts = {name: {"base_url": url, **one} for name, url in bases.items() if name in known}
    if not hosts:
        wanted = ", ".join(bases)
        raise ConfigurationError(
            f"none of the hosts that the sandbox speaks for is installed: {wanted}"
        )
    return {"hosts": hosts}


def configuration(bases: Mapping[str, str]) -> Config:
    """The same as a value."""
    return from_plain(settings(bases), Config)


def toml(settings: Mapping[str, Any], about: str) -> str:
    """The same as a file."""
    lines = [f"# {about}"]
    for name, host in settings["hosts"].items():
        lines += ["", f"[hosts.{name}]"]
        lines += [f"{key} = {_value(value)}" for key, value in host.items()]
    return "\n".join(lines)


def _value(value: Any) -> str:
    if isinstance(value, str):
        return json.dumps(value)
    return f"{{ {', '.join(f'{key} = {_value(one)}' for key, one in value.items())} }}"
