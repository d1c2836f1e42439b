"""Finding the configuration file and reading it: TOML into a `Config`, with every mistake.

Imported only by those who read one: cattrs, tomllib and platformdirs cost time.
"""

from __future__ import annotations

import logging
import os
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import cattrs

from imagekit.basics.classes import evolve, frozen
from imagekit.errors import ConfigurationError, InvalidConfiguration
from imagekit.settings.config import TABLES, Config, HostSettings
from imagekit.settings.conversion import settings_from
from imagekit.settings.hidden import Hidden
from imagekit.settings.private_files import directory
from imagekit.settings.secret_reference import SecretReference
from imagekit.settings.trust import Trust
from imagekit.settings.untrusted import listed, reduced
from imagekit.values import Problem
from imagekit.values.plain.places import Place, dotted
from imagekit.values.plain.strict import mistakes

__all__ = [
    "Candidate",
    "candidates",
    "content_of",
    "find",
    "find_trusted",
    "parse",
    "read",
    "references",
]

log = logging.getLogger("imagekit")

VARIABLE = "IMAGEKIT_CONFIG"
ENVIRONMENT = Hidden(os.environ)


@frozen
class Candidate:
    """A file that may be the configuration.

    Attributes:
        why: what makes it one, for people.
        named: somebody named it, so it must be there.
        own: it is the user's own choice, not just what lies in the current directory.
    """

    path: Path
    why: str
    named: bool = False
    own: bool = True


def candidates(
    path: str | os.PathLike[str] | None = None, environment: Mapping[str, str] = ENVIRONMENT
) -> list[Candidate]:
    """Where a configuration may be, the one that wins first."""
    given = None if path is None else Candidate(Path(path).expanduser(), "--config", named=True)
    named = [given] if given else []
    if environment.get(VARIABLE):
        there = Path(environment[VARIABLE]).expanduser()
        named.append(Candidate(there, f"${VARIABLE}", named=True))
    return [
        *named,
        Candidate(Path("imagekit.toml"), "the current directory", own=False),
        Candidate(directory() / "config.toml", "your own directory"),
    ]


def find(
    path: str | os.PathLike[str] | None = None, environment: Mapping[str, str] = ENVIRONMENT
) -> Candidate | None:
    """The first candidate that was named or exists."""
    every = candidates(path, environment)
    return next((file for file in every if file.named or file.path.exists()), None)


def find_trusted(
    path: str | os.PathLike[str] | None = None, environment: Mapping[str, str] = ENVIRONMENT
) -> Candidate | None:
    """The one that says where hosts are: of one that was only found and is not trusted, nothing
    counts of that, but what the user's own says."""
    file = find(path, environment)
    if file is None or file.own or Trust().holds(file.path, content_of(file.path)):
        return file
    *_, own = candidates(path, environment)
    return own if own.path.exists() else None


def read(
    path: str | os.PathLike[str] | None = None, environment: Mapping[str, str] = ENVIRONMENT
) -> Config:
    """The configuration that is found; an empty one when there is no file.

    Raises:
        ConfigurationError: the file can't be read, or is not TOML. Whatever else is
            wrong with it is in ``problems``.
    """
    file = find(path, environment)
    if file is None:
        return Config()
    content = content_of(file.path)
    config = parse(file.path, content)
    trust = Trust()
    if file.own or trust.holds(file.path, content):
        return config
    changed = trust.knows(file.path)
    why = "has changed since you trusted it" if changed else "was only found in this directory"
    return _told(reduced(config, why, _own(environment)))


def _own(environment: Mapping[str, str]) -> Config:
    """The one in the user's own directory, whose limits stay whatever was found elsewhere."""
    *_, own = candidates(None, environment)
    return parse(own.path) if own.path.exists() else Config()


def _told(config: Config) -> Config:
    """A configuration that is not trusted, after saying what of it does not count."""
    if config.withheld:
        log.warning(
            "%s %s, so what it says in %s does not count; look at it, then run: "
            "imagekit config trust",
            config.path,
            config.found,
            listed(config.withheld),
        )
    return config


def parse(path: str | os.PathLike[str], content: bytes | None = None) -> Config:
    """The configuration in this file, as far as it makes sense; the rest is ``problems``.

    Args:
        content: what is in the file, for callers who have read it already.
    """
    path = Path(path)
    data = _toml(path, content_of(path) if content is None else content)
    problems: list[Problem] = []
    if data.get("store") == {}:  # to be without it and to mean it are two things
        problems.append(Problem("store", 'says nothing; it takes at least: url = "..."'))
    if data.get("log") == "":
        problems.append(Problem("log", "names no file"))
    while True:
        try:
            config = settings_from(data, Config)
            break
        except cattrs.BaseValidationError as error:
            wrong = list(mistakes(error))
        for place, why in wrong:
            problems.append(Problem(dotted(place), why))
            _leave_out(data, place)
    hosts = {name: _anchored(settings, path.parent) for name, settings in config.hosts.items()}
    tables: dict[str, Any] = {
        table: {name: _beside(path.parent, one) for name, one in config.table(table).items()}
        for table in TABLES
    }
    if config.log is not None:
        config = evolve(config, log=str(path.parent / Path(config.log).expanduser()))
    return evolve(config, hosts=hosts, **tables, path=path, problems=tuple(problems))


def content_of(path: Path) -> bytes:
    """What is in a file, read once: it may be another the next time.

    Raises:
        ConfigurationError: it can't be read.
    """
    if path.exists() and not path.is_file():
        raise ConfigurationError(f"the configuration {path} is not a regular file")
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigurationError(
            f"the configuration {path} can't be read: {error.strerror}"
        ) from None


def _toml(path: Path, content: bytes) -> dict[str, Any]:
    try:
        data = tomllib.loads(content.decode("utf-8-sig"))
        repr(data)  # in hexadecimal it reads numbers that Python does not write
        return data
    except tomllib.TOMLDecodeError as error:
        raise InvalidConfiguration(f"{path} is not TOML: {error}") from None
    except RecursionError:
        raise InvalidConfiguration(f"{path} is nested too deeply") from None
    except UnicodeDecodeError as error:
        raise InvalidConfiguration(f"{path} is not UTF-8 text (byte {error.start})") from None
    except ValueError:  # Python's limit on the digits of a number
        raise InvalidConfiguration(f"{path} has a number that is far too long") from None


def _leave_out(data: dict[str, Any], place: Place) -> None:
    """Take what is wrong out of the data, so that the rest can be looked at; of a list with
    a wrong item, the list."""
    key, *rest = place
    inner = data.get(str(key))
    if rest and isinstance(rest[0], str) and isinstance(inner, dict):
        _leave_out(inner, tuple(rest))
    else:
        data.pop(str(key), None)


def references(settings: HostSettings) -> Iterator[tuple[Place, SecretReference]]:
    """Every secret a host's settings refer to, and where."""
    if isinstance(settings.credential, SecretReference):
        yield ("credential",), settings.credential
    elif settings.credential:
        for name, reference in settings.credential.items():
            yield ("credential", name), reference
    for name, value in settings.headers.items():
        if isinstance(value, SecretReference):
            yield ("headers", name), value


def _anchored(settings: HostSettings, folder: Path) -> HostSettings:
    """The same settings; files of secrets are looked for beside the configuration."""
    credential: Any = settings.credential
    if isinstance(credential, Mapping):
        credential = {name: _beside(folder, value) for name, value in credential.items()}
    headers = {name: _beside(folder, value) for name, value in settings.headers.items()}
    return evolve(settings, credential=_beside(folder, credential), headers=headers)


def _beside(folder: Path, value: Any) -> Any:
    """A value; a secret in a file is looked for in that folder."""
    if not isinstance(value, SecretReference) or not value.file:
        return value
    return evolve(value, file=str(folder / Path(value.file).expanduser()))
