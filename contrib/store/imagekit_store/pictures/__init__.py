"""Every picture, kept once under its digest: in a folder, or in a bucket."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import unquote, urlsplit

from imagekit import ConfigurationError
from imagekit_store.pictures.folder import Folder
from imagekit_store.pictures.kept import Kept
from imagekit_store.pictures.pictures import Pictures
from imagekit_store.pictures.place import Gone
from imagekit_store.pictures.sweeping import Needed, Swept, remove, sweep

__all__ = [
    "Folder",
    "Gone",
    "Kept",
    "Needed",
    "Pictures",
    "Swept",
    "pictures_at",
    "remove",
    "sweep",
]


def pictures_at(where: str | os.PathLike[str]) -> Pictures:
    """The pictures in a folder or a bucket. Nothing is touched before one is kept.

    Args:
        where: the path of a folder, ``file:///path``, or
            ``s3://bucket/prefix?endpoint=https://...&region=...``.

    Raises:
        ConfigurationError: it is none of them.
    """
    text = os.fspath(where)
    if isinstance(where, os.PathLike) or "://" not in text:
        return Pictures(Folder(_path(text)))
    scheme = text.partition("://")[0].lower()
    if scheme == "file":
        return Pictures(Folder(_path_of_url(text)))
    raise ConfigurationError(
        f"pictures can't be kept at {scheme}://: say a folder's path, file:///path or s3://bucket"
    )


def _path(text: str) -> Path:
    if not text or "\0" in text:
        raise ConfigurationError("pictures can't be kept: the path of the folder is empty or wrong")
    return Path(text).expanduser()


def _path_of_url(url: str) -> Path:
    parts = urlsplit(url)
    if parts.netloc not in ("", "localhost") or not parts.path:
        raise ConfigurationError(f"{url} is on another machine: say file:///path")
    return _path(unquote(parts.path))
