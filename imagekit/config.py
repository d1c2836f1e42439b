"""What a user may set about a host, without writing a plugin."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import field, frozen

__all__ = ["HostSettings"]


@frozen
class HostSettings:
    """Settings of one host; what is None or empty keeps the plugin's own.

    Attributes:
        base_url: another address for the same API: a proxy, a region, a test server.
        headers: sent with every request to this host.
        remote_ids: canonical model name -> the id to use at this host.
        connect_timeout: seconds to wait for a connection.
        read_timeout: seconds of silence to allow while a picture is being made.
    """

    base_url: str | None = None
    headers: Mapping[str, str] = field(factory=dict, repr=lambda headers: repr([*headers]))
    remote_ids: Mapping[str, str] = field(factory=dict)
    connect_timeout: float = 10.0
    read_timeout: float = 600.0
