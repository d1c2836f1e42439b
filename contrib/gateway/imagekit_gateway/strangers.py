"""Pictures that strangers name: links, data URLs and files, and never a path of this machine."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from imagekit import Image, Reference, is_public_host, reference_of

__all__ = ["taken"]


def taken(given: Any, private: bool) -> tuple[Any, str]:
    """What `imagekit.Client.generate` is given for a reference; and what is wrong with it.

    A host is given the link, and fetches it. One that runs on this machine, or beside it, would
    fetch what no stranger may see.

    Args:
        private: whether links may lead to addresses that are not public.
    """
    if isinstance(given, str):
        reference = reference_of(given)
        host = urlsplit(reference.url).hostname if reference.url else None
        inside = host is not None and not private and not is_public_host(host)
        return reference, f"{reference.name:.80} is at no public address" if inside else ""
    if isinstance(given, Reference | Image):
        return given, ""
    return None, "is no link, data URL or file of a form"
