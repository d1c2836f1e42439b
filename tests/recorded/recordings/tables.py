"""Our tables: what each sample has to become, by our reading of it and of the vendor's pages.

``tables/<folder>.toml``, in three parts. ``[left_out]`` names the samples that are no answer to
an image request, and says what they are instead. ``[answers."name"]`` and
``[requests."name"]`` are described at `Answered` and `Shaped`. What a row does not say is as
the defaults there have it, and is checked all the same.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from attrs import field, fields_dict, frozen

__all__ = ["FOLDERS", "Answered", "Shaped", "Table", "read"]

TABLES = Path(__file__).parents[1] / "tables"
FOLDERS = tuple(sorted(path.stem for path in TABLES.glob("*.toml")))


@frozen(kw_only=True)
class _Row:
    """A call.

    Attributes:
        name: of the sample.
        model: ``host:model``, what is called.
        id: the host's id of the model, where it is not ours (any more).
        given: what else the caller gives.
    """

    name: str
    model: str
    id: str = ""
    given: Mapping[str, Any] = field(factory=dict)

    def __str__(self) -> str:
        return self.name


@frozen(kw_only=True)
class Answered(_Row):
    """An answer, served over a socket to a client, and what has to come of it.

    How it is served:
        status: of HTTP, where the sample does not have it.
        wrapped: the sample is a message alone; it is served as ``{error: {message}}``.
        job: what is answered first, for a sample that answers a question about a job.
        after: the sample that is answered first.
        streamed: it is an event; ``then`` are samples that follow in the same stream.
        asked_by: the sample of the request that it answers: ours has its method and path.
        deadline: of the call, in seconds.

    What comes of it. ``error`` is the class of it, with ``code``, ``retryable``, ``charged``,
    ``retry_after``, and ``job_kept``: it has a job to resume;
    ``looked_up``: how often a job that was perhaps made is asked for by its name. Without one:
        pictures: of each its place; then ``link``, or its kind and its pixels; then the size
            that the host calls it by.
        failures: of each its place, its code and, where it is so, ``moderated``.
        usage, served_model, created: as in a result; of ``created`` whether it is there.
        metadata: fields that have to be there; ``0.seed`` is one of the first picture.
        told: the events of a streamed answer.
        links: where in the sample those of the pictures stand.
        notes: a part of each.
    And in both cases ``request_id``: where in the sample it stands, or true where it is part of
    a text; and ``words``: where the vendor's own stand, which the error has to repeat.
    """

    status: int = 200
    wrapped: bool = False
    job: Mapping[str, Any] | None = None
    after: str = ""
    streamed: bool = False
    then: tuple[str, ...] = ()
    asked_by: str = ""
    deadline: float | None = None

    error: str = ""
    code: str = ""
    retryable: bool = False
    charged: str = "no"
    retry_after: float = 0
    job_kept: bool = False
    looked_up: int = 0
    pictures: tuple[str, ...] = ()
    failures: tuple[str, ...] = ()
    usage: Mapping[str, int] = field(factory=dict)
    served_model: str = ""
    created: bool = False
    metadata: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    links: str = ""
    notes: tuple[str, ...] = ()
    request_id: bool | str = False
    words: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        return (self.name, *self.then, *filter(None, [self.asked_by]))


@frozen(kw_only=True)
class Shaped(_Row):
    """A request, and the call that has to send the same body to the same path.

    Attributes:
        taken: parameter -> where in the sample's body its value stands; so no words of the
            sample have to be repeated here.
        native: fields of that body that are given as native ones.
        without: fields of the sample that ours does not have, on purpose.
        like: the sample whose body ours is instead: another spelling of the same.
        elsewhere: the sample's path is that of a host which is not ours.
        refused: parameters for which our rules refuse the call.
        paid_calls: how many calls are made of it.
    """

    taken: Mapping[str, str]
    native: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    like: str = ""
    elsewhere: bool = False
    refused: tuple[str, ...] = ()
    paid_calls: int = 1


@frozen
class Table:
    """All that is said of the samples of a folder."""

    folder: str
    answers: tuple[Answered, ...]
    requests: tuple[Shaped, ...]
    left_out: Mapping[str, str]

    def names(self) -> Iterator[str]:
        for row in self.answers:
            yield from row.names
        yield from (row.name for row in self.requests)
        yield from self.left_out


def read(folder: str) -> Table:
    found = tomllib.loads((TABLES / f"{folder}.toml").read_text(encoding="utf-8"))
    return Table(
        folder,
        tuple(_rows(Answered, folder, found.get("answers", {}))),
        tuple(_rows(Shaped, folder, found.get("requests", {}))),
        {f"{folder}/{name}": why for name, why in found.get("left_out", {}).items()},
    )


def _rows(kind: Any, folder: str, rows: Mapping[str, Any]) -> Iterator[Any]:
    """Sample names stand in a table without the folder."""
    for name, row in rows.items():
        values = {key: _frozen(value) for key, value in row.items()}
        for key in {"after", "asked_by", "like"} & values.keys():
            values[key] = f"{folder}/{values[key]}"
        if "then" in values:
            values["then"] = tuple(f"{folder}/{one}" for one in values["then"])
        unknown = values.keys() - fields_dict(kind).keys()
        assert not unknown, f"{name} says {', '.join(unknown)}, which means nothing"
        yield kind(name=f"{folder}/{name}", **values)


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
