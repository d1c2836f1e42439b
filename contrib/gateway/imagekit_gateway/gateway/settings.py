"""``[gateway]`` of a configuration: which keys it has, and what they mean."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator
from ipaddress import ip_network
from typing import Any
from urllib.parse import urlsplit

from attrs import fields_dict, frozen

from imagekit import Config, InvalidConfiguration, Problem
from imagekit_gateway.gateway.forwarded import Network

__all__ = ["Settings", "address", "problems", "settings_of"]


@frozen
class Settings:
    """
    Attributes:
        listen: address and port, such as ``127.0.0.1:8700`` or ``[::1]:8700``.
        public_url: where clients reach it, for links to pictures; the address by which each
            client has asked, when not given.
        proxies: addresses and networks of proxies, whose word counts on who asks, and how.
        threads: how many requests are answered at once.
        workers: how many steps are done at once for requests that nobody waits for.
        deadline: seconds after which a client gets an answer, whatever has come by then.
        drain: seconds that requests have left to end, once the gateway is told to.
        link_seconds: for how long the link to a picture leads to it.
        most_body: bytes of the largest request.
        response_format: ``url`` or ``b64_json``, for whoever names none.
        default_model: for requests that name none.
        cors: origins whose pages may ask; none when empty.
        private_links: whether references may be links to addresses that are not public.
        audit_prompts: whether the audit log has prompts.
    """

    listen: str = "127.0.0.1:8700"
    public_url: str = ""
    proxies: tuple[Network, ...] = ()
    threads: int = 512
    workers: int = 8
    deadline: float = 600.0
    drain: float = 60.0
    link_seconds: float = 3600.0
    most_body: int = 256 << 20
    response_format: str = "url"
    default_model: str = ""
    cors: tuple[str, ...] = ()
    private_links: bool = False
    audit_prompts: bool = False


def address(listen: str) -> tuple[str, int]:
    """Host and port.

    Raises:
        ValueError: it is no address.
    """
    parts = urlsplit(f"//{listen}")
    if not parts.hostname or parts.port is None or parts.path or parts.query or "@" in listen:
        raise ValueError("must be an address and a port, such as 127.0.0.1:8700")
    return parts.hostname, parts.port


# --- what stands in a file -----------------------------------------------------------------------


def _listen(given: Any) -> str:
    address(_text(given))
    return str(given)


def _text(given: Any) -> str:
    if not isinstance(given, str) or not given:
        raise ValueError("must be a text")
    return given


def _base(given: Any) -> str:
    """Where a page or a server is: nothing but that."""
    parts = urlsplit(_text(given))
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("must be an address such as https://images.example.com")
    return str(given).rstrip("/")


def _whole(least: int, most: int) -> Callable[[Any], int]:
    def read(given: Any) -> int:
        if type(given) is not int or not least <= given <= most:
            raise ValueError(f"must be a whole number from {least} to {most:,}")
        return given

    return read


def _seconds(given: Any) -> float:
    if isinstance(given, bool) or not isinstance(given, int | float) or not 0 < given <= 86400:
        raise ValueError("must be a number of seconds, up to 86,400")
    return float(given)


_SIZE = re.compile(r"(\d+) ?(B|KiB|MiB|GiB)", re.IGNORECASE)
_UNITS = {"b": 1, "kib": 1 << 10, "mib": 1 << 20, "gib": 1 << 30}


def _size(given: Any) -> int:
    found = _SIZE.fullmatch(given) if isinstance(given, str) else None
    if found is None or not int(found[1]):
        raise ValueError('must be a size such as "256 MiB"')
    return int(found[1]) * _UNITS[found[2].lower()]


def _format(given: Any) -> str:
    if given not in ("url", "b64_json"):
        raise ValueError("must be url or b64_json")
    return str(given)


def _origins(given: Any) -> tuple[str, ...]:
    if not isinstance(given, tuple):
        raise ValueError('must be a list of origins, such as ["https://app.example.com"]')
    return given if given == ("*",) else tuple(_base(one) for one in given)


def _networks(given: Any) -> tuple[Network, ...]:
    try:
        if isinstance(given, tuple) and all(isinstance(one, str) for one in given):
            return tuple(map(ip_network, given))
    except ValueError:
        pass
    raise ValueError('must be a list of addresses, such as ["127.0.0.1", "10.0.0.0/8"]')


def _flag(given: Any) -> bool:
    if type(given) is not bool:
        raise ValueError("must be true or false")
    return given


_READ: dict[str, Callable[[Any], Any]] = {
    "listen": _listen,
    "public_url": _base,
    "proxies": _networks,
    "threads": _whole(1, 4096),
    "workers": _whole(1, 256),
    "deadline": _seconds,
    "drain": _seconds,
    "link_seconds": _seconds,
    "most_body": _size,
    "response_format": _format,
    "default_model": _text,
    "cors": _origins,
    "private_links": _flag,
    "audit_prompts": _flag,
}
assert _READ.keys() == fields_dict(Settings).keys()


def problems(config: Config) -> Iterator[Problem]:
    """What is wrong with ``config.gateway``."""
    for key, value in config.gateway.items():
        place = f"gateway.{key}"
        if key not in _READ:
            near = difflib.get_close_matches(key, _READ, 1)
            hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(_READ)}"
            yield Problem(place, f"no such key; {hint}")
            continue
        try:
            _READ[key](value)
        except ValueError as error:
            yield Problem(place, str(error))


def settings_of(config: Config) -> Settings:
    """
    Raises:
        InvalidConfiguration: something is wrong with what it says, with all that is.
    """
    if found := tuple(problems(config)):
        told = "".join(f"\n  {problem}" for problem in found)
        raise InvalidConfiguration(f"{config.path} can't be used:{told}", problems=found)
    return Settings(**{key: _READ[key](value) for key, value in config.gateway.items()})
