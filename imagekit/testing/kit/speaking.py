"""The wires that a plugin speaks, each with a route on which it is tried and its own words."""

from __future__ import annotations

import base64 as codec
import json
from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from typing import Any

import pytest

from imagekit.basics.classes import frozen
from imagekit.declare.wire import Wire
from imagekit.plan.routes.route import Route
from imagekit.testing.answers import Answers, Job, Said
from imagekit.testing.loopback import Answer, Script, Seen

__all__ = ["Spoken", "answer_of", "as_answer", "spoken_on"]

#: What suites may be given: one for every wire, or by its name; none where wires name their own.
Given = Answers | Mapping[str, Answers] | None


@frozen(eq=False)
class Spoken:
    """A wire that a plugin speaks, and a route on which it is tried."""

    route: Route
    given: Given

    def __str__(self) -> str:
        return self.route.wire.name

    @property
    def answers(self) -> Answers:
        """How its host says yes, not yet and no: as the suite has it, or as the wire itself."""
        wire = self.route.wire
        if isinstance(self.given, Answers):
            return self.given
        own = (self.given or {}).get(wire.name) or _published(wire)
        assert own is not None, (
            f"nobody says how {wire.name} answers: name its `answers` on the wire, or give this "
            "suite `answers`; see docs/conformance.md, Answers"
        )
        return own

    def pictures(
        self, *base64: str, last: Callable[[Answer], Answer] = lambda answer: answer
    ) -> list[Script]:
        """What is said until these pictures are there, the ``last`` of it perhaps changed."""
        document = self.answers.pictures(*base64)
        if document is not None:
            return [last(as_answer(document))]
        *before, final = self.job("done", *base64, running=False)
        return [*before, lambda seen: last(final(seen))]

    def job(
        self, end: str, *base64: str, running: bool = True, server: str = ""
    ) -> list[Callable[[Seen], Answer]]:
        """The answers of a job, to its ``end``: ``done`` or ``failed``. Addresses in them are
        those of the ``server``, or of whom is asked."""
        told = self.answers.job("http://127.0.0.1", *base64)
        if told is None:
            pytest.skip("its answers know of no jobs")

        def step(pick: Callable[[Job], Said]) -> Callable[[Seen], Answer]:
            def answer(seen: Seen) -> Answer:
                now = self.answers.job(server or seen.server, *base64)
                assert now is not None, "its answers know of a job at one address, and not another"
                return as_answer(pick(now))

            return answer

        looks = [
            step(lambda job, at=at: getattr(job, end)[at])  # type: ignore[misc]
            for at in range(len(getattr(told, end)))
        ]
        begun = step(lambda job: job.submitted), step(lambda job: job.running)
        return [*begun[: 2 if running else 1], *looks]


def spoken_on(routes: Iterable[Route], given: Given) -> list[Spoken]:
    """One of each wire that these routes are on: the first."""
    first = {route.wire.name: route for route in reversed(list(routes))}
    return [Spoken(first[name], given) for name in sorted(first)]


def _published(wire: Wire) -> Answers | None:
    """What a wire names as its answers, imported and made."""
    if not wire.answers:
        return None
    module, _, name = wire.answers.partition(":")
    try:
        made = getattr(import_module(module), name)()
    except (ImportError, AttributeError) as error:
        raise AssertionError(f"the answers of {wire.name} are {wire.answers}: {error}") from error
    assert isinstance(made, Answers), f"{wire.answers} is no imagekit.testing.Answers"
    return made


def as_answer(said: Said) -> Answer:
    return said if isinstance(said, Answer) else Answer(json=said)


def answer_of(said: Mapping[str, Any]) -> Script:
    """An answer on file: ``status``, ``headers``, and ``json``, ``text`` or ``base64``;
    ``cut`` breaks the connection after so many bytes. ``{server}`` is where it was asked for."""
    unknown = said.keys() - {"status", "headers", "json", "text", "base64", "cut"}
    assert not unknown, f"an answer says {', '.join(unknown)}, which means nothing"

    def answer(seen: Seen) -> Answer:
        told = json.loads(json.dumps(said).replace("{server}", seen.server))
        return Answer(
            status=told.get("status", 200),
            json=told.get("json"),
            body=told.get("text", "").encode() or codec.b64decode(told.get("base64", "")),
            headers=told.get("headers", {}),
            cut=told.get("cut"),
        )

    return answer
