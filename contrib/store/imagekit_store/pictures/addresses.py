"""Where pictures are to be kept, as people write it."""

from __future__ import annotations

import os
import re
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from imagekit import ConfigurationError
from imagekit_store.pictures.folder import Folder
from imagekit_store.pictures.pictures import Pictures
from imagekit_store.pictures.place import Place

__all__ = ["pictures_at"]

_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_REGION = re.compile(r"[a-z0-9-]{1,64}")
_CREDENTIALS = "the credentials are AWS_ACCESS_KEY_ID and its like, in the environment"


def pictures_at(where: str | os.PathLike[str]) -> Pictures:
    """The pictures in a folder or a bucket. Nothing is touched before one is kept.

    Args:
        where: the path of a folder, ``file:///path``, or
            ``s3://bucket/prefix?endpoint=https://...&region=...``.

    Raises:
        ConfigurationError: it is none of them, or what it takes is not installed.
    """
    return Pictures(_place(where))


def _place(where: str | os.PathLike[str]) -> Place:
    text = os.fspath(where)
    scheme, there, _ = text.partition("://")
    if isinstance(where, os.PathLike) or not there:
        return Folder(_path(text))
    match scheme.lower():
        case "file":
            return Folder(_path_of_url(text))
        case "s3":
            return _bucket(text)
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
        raise ConfigurationError("a folder on another machine has no URL: say file:///path")
    path = unquote(parts.path)
    return _path(path[1:] if re.match(r"/[A-Za-z]:/", path) and os.name == "nt" else path)


def _bucket(url: str) -> Place:
    from imagekit_store.pictures.bucket import Bucket

    parts = urlsplit(url)
    if "@" in parts.netloc:
        raise ConfigurationError(f"a bucket's address holds no key: {_CREDENTIALS}")
    if not _BUCKET.fullmatch(parts.netloc):
        raise ConfigurationError(
            f"s3://{parts.netloc} names no bucket: 3 to 63 of a-z, 0-9, - and ."
        )
    said = dict(parse_qsl(parts.query, keep_blank_values=True))
    if unknown := sorted(said.keys() - {"endpoint", "region"}):
        raise ConfigurationError(
            f"s3://{parts.netloc} says {', '.join(unknown)}; "
            f"an address says endpoint and region, and {_CREDENTIALS}"
        )
    return Bucket(
        parts.netloc,
        _prefix(parts.path),
        _endpoint(said.get("endpoint")),
        _region(said.get("region")),
    )


def _prefix(path: str) -> str:
    prefix = unquote(path).strip("/")
    if any(part in ("", ".", "..") for part in prefix.split("/")) and prefix:
        raise ConfigurationError(
            f"{prefix!r} is no prefix in a bucket: a part of it is empty or dots"
        )
    return prefix


def _endpoint(url: str | None) -> str | None:
    if url is None:
        return None
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
        raise ConfigurationError(f"the endpoint of a bucket is https://HOST, and {_CREDENTIALS}")
    return url.rstrip("/")


def _region(name: str | None) -> str | None:
    if name is not None and not _REGION.fullmatch(name):
        raise ConfigurationError(f"{name[:80]!r} is no region: such as eu-central-1")
    return name
