"""When things go wrong: a scenario, from a file or a program."""

from __future__ import annotations

import json
import tomllib
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from attrs import frozen

from imagekit import from_plain
from imagekit.errors import ConfigurationError, InvalidConfiguration
from imagekit_sandbox.serving.faults.catalogue import meant
from imagekit_sandbox.serving.faults.faults import read_faults
from imagekit_sandbox.serving.faults.latency import read_latency

__all__ = ["Rule", "Scenario", "read_scenario"]

OPERATIONS = ("generate", "poll", "models", "list", "content", "delete", "count")


_TYPES: tuple[tuple[tuple[str, ...], tuple[type, ...], str], ...] = (
    (("fault", "operation"), (str,), "a text"),
    (("host", "model"), (str, type(None)), "a text, or None"),
    (("after",), (int,), "a whole number"),
    (("times",), (int, type(None)), "a whole number, or None"),
    (("probability",), (int, float), "a number"),
)


@frozen
class Rule:
    """Some requests fail. Which: those to which everything here applies.

    Attributes:
        fault: what happens, e.g. ``429:2`` or ``lost``.
        host: the upstream's name; any when not given.
        model: the model's id there; ``*`` stands for any characters.
        operation: generate, poll, models, list, content, delete or count.
        after: the first so many that match are spared.
        times: how many fail at most.
        probability: how likely each is to fail.
    """

    fault: str
    host: str | None = None
    model: str | None = None
    operation: str = "generate"
    after: int = 0
    times: int | None = None
    probability: float = 1.0

    def __attrs_post_init__(self) -> None:
        for names, kinds, wanted in _TYPES:
            for name in names:
                given = getattr(self, name)
                if not isinstance(given, kinds) or isinstance(given, bool):
                    raise ValueError(f"{name} of a rule is {wanted}, not {given!r:.40}")
        read_faults(self.fault)
        if self.operation not in OPERATIONS:
            raise ValueError(
                f"no operation {self.operation!r}; {meant(self.operation, OPERATIONS)}"
            )
        if not 0 <= self.probability <= 1:
            raise ValueError(f"probability is from 0 to 1, not {self.probability:g}")
        if self.after < 0 or (self.times is not None and self.times < 0):
            raise ValueError("after and times are not negative")

    def matches(self, host: str, model: str | None, operation: str) -> bool:
        return (
            self.operation == operation
            and self.host in (None, host)
            and (self.model is None or (model is not None and fnmatchcase(model, self.model)))
        )


@frozen
class Scenario:
    """Everything that a rules file can say.

    Attributes:
        rules: what goes wrong.
        seed: another seed, another run of luck; the same one, the same.
        latency: how long pictures take: ``0.5``, ``uniform:0.1,0.5``, ``lognormal:0.8,0.4``.
        link_lifetime: seconds until links expire.
    """

    rules: tuple[Rule, ...] = ()
    seed: int = 0
    latency: str = "0"
    link_lifetime: float = 86400.0

    def __attrs_post_init__(self) -> None:
        read_latency(self.latency)
        if self.link_lifetime < 0:
            raise ValueError(f"link_lifetime is not negative, as {self.link_lifetime:g} is")


def read_scenario(path: Path) -> Scenario:
    """The scenario in a file: JSON if it is named ``.json``, else TOML.

    Raises:
        ConfigurationError: it can't be read, or makes no sense: with every problem.
    """
    data = _data(path)
    try:
        return from_plain(data, Scenario)
    except InvalidConfiguration as error:
        problems = error.problems
    lines = "".join(f"\n  {problem}" for problem in problems)
    raise InvalidConfiguration(f"{path} can't be used:{lines}", problems=problems)


def _data(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8-sig")
        data = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
    except OSError as error:
        raise ConfigurationError(f"the rules {path} can't be read: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        kind = "JSON" if path.suffix == ".json" else "TOML"
        raise InvalidConfiguration(f"{path} is not {kind}: {error}") from None
    if not isinstance(data, dict):
        raise InvalidConfiguration(f"{path} is not a JSON object")
    return data
