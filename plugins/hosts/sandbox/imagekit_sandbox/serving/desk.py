"""The way of every request: to its upstream, through its faults, into the journal."""

from __future__ import annotations

import threading
import traceback
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from attrs import evolve

from imagekit.errors import ConfigurationError
from imagekit_sandbox.serving import control
from imagekit_sandbox.serving.catalogue import meant
from imagekit_sandbox.serving.dialect import Dialect
from imagekit_sandbox.serving.journal import Journal, Line
from imagekit_sandbox.serving.ledger import Ledger
from imagekit_sandbox.serving.links import PREFIX, Links
from imagekit_sandbox.serving.messages import Answer, Asked, Refusal, Why, json_answer
from imagekit_sandbox.serving.rules import Chooser, Scenario
from imagekit_sandbox.serving.telling import (
    fingerprint,
    secrets_of,
    shortened,
    told_body,
    told_headers,
    told_query,
)
from imagekit_sandbox.serving.visit import Visit

__all__ = ["Desk"]


class Desk:
    """What all upstreams of one server share. Thread-safe."""

    def __init__(
        self, dialects: Iterable[Dialect], scenario: Scenario, now: Callable[[], float]
    ) -> None:
        self.dialects = {dialect.host: dialect for dialect in dialects}
        self.scenario = scenario
        for place, rule in enumerate(scenario.rules):
            if rule.host not in (None, *self.dialects):
                hint = meant(str(rule.host), self.dialects)
                message = f"rules[{place}].host: no host {rule.host!r} here; {hint}"
                raise ConfigurationError(message)
        self.ledger = Ledger()
        self.journal = Journal()
        self.links = Links(scenario.link_lifetime, now)
        self.chooser = Chooser(scenario)
        self._records: dict[tuple[str, str], dict[str, Any]] = {}
        self._names: dict[tuple[str, str], dict[str, str]] = {}
        self._turns: Counter[str] = Counter()
        self._lock = threading.Lock()

    def records(self, host: str, key: str) -> dict[str, Any]:
        with self._lock:
            return self._records.setdefault((host, key), {})

    def names(self, host: str, key: str) -> dict[str, str]:
        with self._lock:
            return self._names.setdefault((host, key), {})

    def turn(self, digest: str) -> int:
        """How often the same has been drawn before."""
        with self._lock:
            self._turns[digest] += 1
            return self._turns[digest] - 1

    def reset(self) -> None:
        """As it was at the start: nothing billed, nothing kept, the same luck again."""
        self.chooser = Chooser(self.scenario)
        self.ledger.clear()
        self.journal.clear()
        self.links.clear()
        with self._lock:
            self._records.clear()
            self._names.clear()
            self._turns.clear()

    def answer(self, asked: Asked) -> Answer:
        """The answer to any request; a mistake in here is one, too."""
        try:
            return self._answer(asked)
        except Exception as error:
            return _mistake(error)

    def _answer(self, asked: Asked) -> Answer:
        if asked.path.startswith(PREFIX) and asked.method == "GET":
            return self.links.fetch(asked.path)
        if asked.path.split("/")[1] == control.SEGMENT:
            return control.answer(self, asked)
        _, host, *rest = asked.path.split("/", 2)
        dialect = self.dialects.get(host)
        if dialect is None:
            known = ", ".join(f"/{name}" for name in self.dialects)
            message = f"sandbox: nothing is at {asked.path}; upstreams are {known}"
            return json_answer({"error": {"message": message}}, 404)
        return self._at(dialect, "/" + "".join(rest), asked)

    def _at(self, dialect: Dialect, path: str, asked: Asked) -> Answer:
        operation, values = dialect.find(asked.method, path)
        visit = Visit(self, dialect, operation, values, asked)
        if operation.name == "generate":
            visit.takes = self.chooser.latency()
        try:
            answer = self._served(visit)
        except Refusal as refusal:
            answer = dialect.envelope(refusal)
        except Exception as error:
            answer = _mistake(error)
        answer = visit.faults.slow(_paced(answer, visit))
        self.journal.add(_line(visit, answer))
        return answer

    def _served(self, visit: Visit) -> Answer:
        visit.sign_in()
        visit.choose_faults()
        early = visit.faults.instead()
        if early:
            return early
        if "error-200" in visit.faults:
            return evolve(visit.dialect.envelope(Refusal(Why.BROKEN)), status=200)
        visit.faults.refuse()
        answer = visit.operation.serve(visit)
        if visit.billed:
            self.ledger.made(visit.asked.number, visit.links, visit.id)
            answer = evolve(answer, billed=True)
        return visit.faults.lose(answer, visit.dialect.envelope)


def _paced(answer: Answer, visit: Visit) -> Answer:
    """What takes time is the pictures: those of a stream come one by one, those of a job later."""
    if visit.operation.job:
        return answer
    if answer.ends:
        return evolve(answer, pace=visit.takes / len(answer.ends))
    return evolve(answer, delay=visit.takes)


def _mistake(error: Exception) -> Answer:
    """Of the sandbox itself, said in words: a cut connection would pass for a failure on demand."""
    traceback.print_exception(error)
    place = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{Path(place.filename).name}, line {place.lineno}"
    message = f"sandbox: a mistake of the sandbox itself: {type(error).__name__} in {where}"
    return json_answer({"error": {"message": message}}, 500)


def _line(visit: Visit, answer: Answer) -> Line:
    asked, key = visit.asked, visit.key
    secrets = secrets_of(asked, key)
    return Line(
        request=asked.number,
        at=asked.at,
        host=visit.dialect.host,
        operation=visit.operation.name,
        method=asked.method,
        path=shortened(asked.path, secrets),
        query=told_query(asked, secrets),
        headers=told_headers(asked, secrets),
        key=fingerprint(key) if key else None,
        body=told_body(asked, secrets),
        ignored=visit.ignored,
        faults=str(visit.faults),
        status=0 if answer.cut == 0 else answer.status,
        pictures=visit.billed,
    )
