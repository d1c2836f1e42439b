"""What a configuration may decide that was only found in the current directory.

Somebody else may have written it: it came with a repository, or an archive. So it may say what
is asked for, by whose name, of whom: models, installed hosts at their own addresses, and plain
parameters. It may not say where a request, a key, a header or a file goes, nor where prompts and
pictures are kept; for that its user has to trust it (`imagekit.settings.trust`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from imagekit.basics.classes import evolve
from imagekit.settings.config import TABLES, Alias, Config, HostSettings
from imagekit.values.plain.places import Place, dotted

__all__ = ["is_only_words", "listed", "reduced", "withheld"]

#: Defaults that are files of the user's, or whatever a host makes of them.
_NEVER = ("image", "mask", "native")
#: Those whose parts a host or a family names, among them addresses that pictures are sent to.
_BY_VALUE = ("options", "sequential_image_generation_options")
#: A text that is neither a path nor an address.
_WORD = re.compile(r"[\w :-]*", re.ASCII)


def reduced(config: Config, why: str, own: Config) -> Config:
    """What remains of a configuration that is not trusted; ``withheld`` has what does not.

    A host that it has settings of keeps its name, so that a call to it can be refused rather
    than go elsewhere than was meant. Of its store nothing remains: calls are made, and written down
    in the user's own store, if there is one. Nor does anything of its gateway remain, nor is a log
    written where it says.

    Args:
        own: the user's own configuration, whose hosts, limits and budgets stay: what was found may
            be stricter, and never more lavish.
    """
    return evolve(
        config,
        hosts=_hosts(config.hosts, own.hosts),
        models={name: _reduced(alias) for name, alias in config.models.items()},
        budget=own.budget or config.budget,
        unknown_price=own.unknown_price,
        log=None,
        store=own.store,
        gateway={},
        found=why,
        withheld=tuple(withheld(config)),
    )


def _hosts(
    found: Mapping[str, HostSettings], own: Mapping[str, HostSettings]
) -> dict[str, HostSettings]:
    """The user's own, or a key for a gateway of theirs would go to the host itself, by a file that
    says nothing; and those that are named there, of which nothing counts but the user's limits."""
    hosts = dict(own)
    for name, settings in found.items():
        mine = own.get(name, HostSettings())
        hosts[name] = HostSettings(
            kind=settings.kind, rpm=mine.rpm, at_once=mine.at_once, budget=mine.budget
        )
    return hosts


def withheld(config: Config) -> Iterator[Place]:
    """The places of a configuration that count only once it is trusted."""
    for name in config.hosts:
        yield "hosts", name
    if config.log is not None:
        yield ("log",)
    if config.unknown_price is not None:
        yield ("unknown_price",)
    yield from ((table,) for table in TABLES if config.table(table))
    for name, alias in config.models.items():
        for place in _unsafe(alias.defaults):
            yield "models", name, "defaults", *place


def _reduced(alias: Alias) -> Alias:
    unsafe = {place[0] for place in _unsafe(alias.defaults)}
    return evolve(alias, defaults={k: v for k, v in alias.defaults.items() if k not in unsafe})


def _unsafe(defaults: Mapping[str, Any]) -> Iterator[Place]:
    for name, value in defaults.items():
        if name in _NEVER or (name in _BY_VALUE and not isinstance(value, Mapping)):
            yield (name,)
        elif name in _BY_VALUE:
            yield from (
                (name, str(inner)) for inner, part in value.items() if not is_only_words(part)
            )


def is_only_words(value: Any) -> bool:
    """Whether a value can be neither a path nor an address, whatever is made of it."""
    if isinstance(value, Mapping):
        return all(map(is_only_words, value.values()))
    if isinstance(value, list | tuple):
        return all(map(is_only_words, value))
    return not isinstance(value, str) or bool(_WORD.fullmatch(value))


def listed(places: tuple[Place, ...]) -> str:
    """The places in one line, each once."""
    return ", ".join(dict.fromkeys(map(dotted, places)))
