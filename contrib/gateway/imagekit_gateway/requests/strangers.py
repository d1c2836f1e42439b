"""Pictures that strangers name: links, data URLs and files, and never a path of this machine."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from attrs import evolve

from imagekit import Image, Reference, is_public_host, read_reference, reference_of

__all__ = ["is_link", "taken"]

#: Characters that no address has as they are, and that some take for others.
_READ_OTHERWISE = frozenset(' \\"<>^`{|}')


def taken(given: Any, private: bool) -> Reference:
    """The reference that a stranger means. What is wrong with it, it says itself, so that a call
    tells that with all its other problems.

    A host is given the link, and fetches it. One that runs on this machine, or beside it, would
    fetch what no stranger may see.

    Args:
        private: whether links may lead to addresses that are not public.
    """
    if isinstance(given, str):
        reference = reference_of(given)
        if reference.url is None or private or is_link(reference.url):
            return reference
        return Reference(f"{reference.name:.80}", defect="is at no public address")
    if isinstance(given, Image):
        return evolve(read_reference(given), name="data URL")
    if isinstance(given, Reference):
        return given
    return Reference(f"{given!r:.40}", defect="is no link, data URL or file of a form")


def is_link(url: str, home: str = "") -> bool:
    """Whether a text is a link that everybody reads alike, and that leads to a public address, or
    to where a host is.

    Args:
        home: the address of that host.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return False
    plain = url.isascii() and url.isprintable() and not set(url) & _READ_OTHERWISE
    if parts.scheme not in ("http", "https") or not host or not plain:
        return False
    own = urlsplit(home)
    is_at_home = (parts.scheme, host, port) == (own.scheme, own.hostname, own.port)
    return is_at_home or is_public_host(host)
