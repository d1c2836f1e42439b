"""Which addresses and names are public: those that a link of a stranger may lead to.

Own lists rather than the standard library's `is_global`, whose answers differ between
patch releases of Python. By the registries of IANA for special-purpose addresses (IPv4
and IPv6, 2025-10) and the names that are never public (RFC 6761, 2013-02; RFC 6762 G, 2013-02;
RFC 8375, 2018-05; ICANN on ``internal``, 2024-07).
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

__all__ = ["is_loopback_address", "is_public", "is_public_host", "is_public_name"]

_NOT_PUBLIC_4 = tuple(
    map(
        IPv4Network,
        (
            "0.0.0.0/8",  # this network
            "10.0.0.0/8",  # private
            "100.64.0.0/10",  # shared by a carrier's customers
            "127.0.0.0/8",  # loopback
            "169.254.0.0/16",  # link-local: the metadata service of clouds
            "172.16.0.0/12",  # private
            "192.0.0.0/24",  # of protocols
            "192.0.2.0/24",  # documentation
            "192.88.99.0/24",  # relays of 6to4
            "192.168.0.0/16",  # private
            "198.18.0.0/15",  # benchmarks
            "198.51.100.0/24",  # documentation
            "203.0.113.0/24",  # documentation
            "224.0.0.0/4",  # multicast
            "240.0.0.0/4",  # reserved, and broadcast
        ),
    )
)
_UNICAST_6 = IPv6Network("2000::/3")  # all that has ever been given to anybody
_NOT_PUBLIC_6 = tuple(
    map(
        IPv6Network,
        (
            "2001::/23",  # of protocols: Teredo, ORCHID, benchmarks
            "2001:db8::/32",  # documentation
            "2002::/16",  # 6to4: an IPv4 address, by relays that are gone
            "3fff::/20",  # documentation
        ),
    )
)
_MAPPED = IPv6Network("::ffff:0:0/96")
_TRANSLATED = IPv6Network("64:ff9b::/96")  # IPv4 behind a translator (RFC 6052, 2010-10)
_ISATAP = (0x0000_5EFE, 0x0200_5EFE)  # before an IPv4 address (RFC 5214, 2008-03)

_LOCAL_NAMES = (
    "localhost",
    "local",
    "internal",
    "intranet",
    "private",
    "corp",
    "home",
    "lan",
    "home.arpa",
    "localdomain",
    "svc",  # of a cluster
)


def is_public(address: str) -> bool:
    """Whether an address is one of the public internet."""
    ip = _address(address)
    if isinstance(ip, IPv4Address):
        return not any(ip in network for network in _NOT_PUBLIC_4)
    if ip in _TRANSLATED:
        return is_public(str(_last_four(ip)))
    special = any(ip in network for network in _NOT_PUBLIC_6)
    return ip in _UNICAST_6 and not special and (int(ip) >> 32) & 0xFFFFFFFF not in _ISATAP


def is_loopback_address(address: str) -> bool:
    return _address(address).is_loopback


def is_public_name(host: str) -> bool:
    """Whether a name may be one of the public internet. An address is not judged here; what
    only some would read as one, such as ``0x7f.1``, is no name, and none has a zone."""
    name = host.rstrip(".").lower()
    if "%" in name:
        return False
    try:
        ip_address(name)
        return True
    except ValueError:
        last = name.rpartition(".")[2]
    numeric = last.isdigit() or last.startswith("0x")
    local = name.endswith(tuple(f".{ending}" for ending in _LOCAL_NAMES))
    return "." in name and not numeric and not local


def is_public_host(host: str) -> bool:
    """Whether the host of a link may be one of the public internet: a name, or an address. What
    a name leads to is not asked for."""
    name = host.rstrip(".")
    try:
        return is_public(name)
    except ValueError:
        return is_public_name(name)


def _address(text: str) -> IPv4Address | IPv6Address:
    """As it is written, or the IPv4 address that is written as one of IPv6."""
    ip = ip_address(text.partition("%")[0])
    return _last_four(ip) if isinstance(ip, IPv6Address) and ip in _MAPPED else ip


def _last_four(ip: IPv6Address) -> IPv4Address:
    return IPv4Address(int(ip) & 0xFFFFFFFF)
