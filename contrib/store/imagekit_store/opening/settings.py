"""``[store]`` of a configuration: which keys it has, and what a `Store` is made with of them."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from imagekit import Config, ConfigurationError, Problem, SecretReference

__all__ = ["arguments", "problems"]

#: key -> what it is. Texts may be references to secrets.
KEYS = {"url": "a text", "pictures": "a text", "keep_days": "a number of days"}

_PASSWORD = re.compile(r"://[^:/@]*:[^@]*@")
#: One of the parts of a query that libpq takes for such.
_SECRET = re.compile(r"[?&][^=&]*password=", re.IGNORECASE)
#: An SQLite file that is not named by a whole path.
_FILE = re.compile(r"(sqlite(?:\+\w+)?:///)(?!/)(.+)")


def problems(config: Config) -> Iterator[Problem]:
    """What is wrong with ``config.store``, as far as can be told without opening anything."""
    for key, value in config.store.items():
        place = f"store.{key}"
        if key not in KEYS:
            yield Problem(place, f"no such key; {_meant(key)}")
        elif not _fits(key, value):
            yield Problem(place, f"must be {KEYS[key]}")
        elif isinstance(value, str) and (_PASSWORD.search(value) or _SECRET.search(value)):
            hint = 'say where the whole URL is, such as { env = "STORE_URL" }'
            yield Problem(place, f"a password does not belong here; {hint}")
    if "url" not in config.store:
        yield Problem("store.url", 'is missing; such as "sqlite:////home/me/store.db"')


def _meant(key: str) -> str:
    near = difflib.get_close_matches(key, KEYS, 1)
    return f"did you mean {near[0]}?" if near else f"known are {', '.join(KEYS)}"


def _fits(key: str, value: object) -> bool:
    if key == "keep_days":
        return isinstance(value, int | float) and not isinstance(value, bool) and value > 0
    return isinstance(value, str | SecretReference) and bool(value)


def arguments(config: Config, environment: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """What `Store` takes; files lie beside the configuration, unless a whole path names them.

    Raises:
        ConfigurationError: a secret is not where it is said to be.
    """
    folder = config.path.parent.absolute() if config.path else Path.cwd()
    given = {key: _read(key, value, environment) for key, value in config.store.items()}
    if "url" in given:
        given["url"] = _FILE.sub(lambda found: _whole(folder, *found.groups()), given["url"])
    if "pictures" in given and "://" not in given["pictures"]:
        given["pictures"] = str(folder / Path(given["pictures"]).expanduser())
    return given


def _read(key: str, value: Any, environment: Mapping[str, str]) -> Any:
    if not isinstance(value, SecretReference):
        return value
    try:
        return value.read(environment)
    except ConfigurationError as error:
        raise ConfigurationError(f"store.{key}: {error}") from None


def _whole(folder: Path, scheme: str, path: str) -> str:
    return f"{scheme}{folder / Path(path).expanduser()}"
