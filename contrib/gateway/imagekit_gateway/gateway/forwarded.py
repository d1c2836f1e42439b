"""Who asks, and how, where proxies of one's own stand before the gateway.

What they say in ``X-Forwarded-For`` and ``X-Forwarded-Proto`` counts when it comes from them, and
only then: a stranger writes there what they like.
"""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from werkzeug.wrappers import Request

__all__ = ["Network", "address_of", "scheme_of"]

Network = IPv4Network | IPv6Network
#: Proxies one behind the other.
MOST_HOPS = 20


def address_of(request: Request, proxies: Sequence[Network]) -> str | None:
    """The address of whoever asks: that of the first, from here, who is no proxy of ours."""
    nearest = request.remote_addr
    hops = request.headers.get("X-Forwarded-For", "").split(",")
    for hop in reversed(hops[-MOST_HOPS:]):
        further = _address(hop)
        if further is None or not _is_ours(nearest, proxies):
            break
        nearest = str(further)
    return nearest


def scheme_of(request: Request, proxies: Sequence[Network]) -> str:
    """``https`` where a proxy of ours was asked so."""
    said = request.headers.get("X-Forwarded-Proto", "").lower()
    if said in ("http", "https") and _is_ours(request.remote_addr, proxies):
        return said
    return request.scheme


def _is_ours(text: str | None, proxies: Sequence[Network]) -> bool:
    address = _address(text or "")
    return address is not None and any(address in network for network in proxies)


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text.strip())
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address  # of a socket for both kinds
