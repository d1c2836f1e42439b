"""The way of every request: to its upstream, through its faults, into the journal."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable
from pathlib import Path

from attrs import evolve

from imagekit.errors import ConfigurationError
from imagekit_sandbox.serving import control
from imagekit_sandbox.serving.admission import choose_faults, sign_in
from imagekit_sandbox.serving.books.books import Books
from imagekit_sandbox.serving.books.journal import Line
from imagekit_sandbox.serving.books.links import PREFIX
from imagekit_sandbox.serving.books.redaction import (
    fingerprint,
    redacted_body,
    redacted_headers,
    redacted_query,
    secrets_of,
    shortened,
)
from imagekit_sandbox.serving.faults.catalogue import meant
from imagekit_sandbox.serving.faults.rules import Scenario
from imagekit_sandbox.serving.kit.dialect import Dialect, Operation
from imagekit_sandbox.serving.kit.visit import Visit
from imagekit_sandbox.serving.messages.answers import Answer, json_answer
from imagekit_sandbox.serving.messages.asked import Asked
from imagekit_sandbox.serving.messages.refusals import Refusal, Why

__all__ = ["Desk"]


class Desk:
    """What all upstreams of one server share. Thread-safe."""

    def __init__(
        self, dialects: Iterable[Dialect], scenario: Scenario, now: Callable[[], float]
    ) -> None:
        self.dialects = {dialect.host: dialect for dialect in dialects}
        for place, rule in enumerate(scenario.rules):
            if rule.host not in (None, *self.dialects):
                hint = meant(str(rule.host), self.dialects)
                message = f"rules[{place}].host: no host {rule.host!r} here; {hint}"
                raise ConfigurationError(message)
        self.books = Books(scenario, now)

    def answer(self, asked: Asked) -> Answer:
        """The answer to any request; a mistake in here is one, too."""
        try:
            return self._answer(asked)
        except Exception as error:
            return _mistake(error)

    def _answer(self, asked: Asked) -> Answer:
        if asked.path.startswith(PREFIX) and asked.method == "GET":
            return self.books.links.fetch(asked.path)
        if asked.path.split("/")[1] == control.SEGMENT:
            return control.answer(self.books, self.dialects.values(), asked)
        _, host, *rest = asked.path.split("/", 2)
        dialect = self.dialects.get(host)
        if dialect is None:
            known = ", ".join(f"/{name}" for name in self.dialects)
            message = f"sandbox: nothing is at {asked.path}; upstreams are {known}"
            return json_answer({"error": {"message": message}}, 404)
        return self._at(dialect, "/" + "".join(rest), asked)

    def _at(self, dialect: Dialect, path: str, asked: Asked) -> Answer:
        operation, values = dialect.find(asked.method, path)
        visit = Visit(dialect.host, dialect.prices, self.books, values, asked)
        if operation.name == "generate":
            visit.takes = self.books.chooser.latency()
        try:
            answer = self._served(dialect, operation, visit)
        except Refusal as refusal:
            answer = dialect.envelope(refusal)
        except Exception as error:
            answer = _mistake(error)
        if not operation.job:  # whose pictures come later, when it is asked for them
            answer = _paced(answer, visit.takes)
        answer = visit.faults.slow(answer)
        self.books.journal.add(_line(operation, visit, answer))
        return answer

    def _served(self, dialect: Dialect, operation: Operation, visit: Visit) -> Answer:
        sign_in(dialect, visit)
        choose_faults(operation, visit)
        early = visit.faults.instead()
        if early:
            return early
        if "error-200" in visit.faults:
            return evolve(dialect.envelope(Refusal(Why.BROKEN)), status=200)
        visit.faults.refuse()
        answer = operation.serve(visit)
        if visit.billed:
            self.books.ledger.made(visit.asked.number, visit.links, visit.id)
            answer = evolve(answer, billed=True)
        return visit.faults.lose(answer, dialect.envelope)


def _paced(answer: Answer, takes: float) -> Answer:
    """What takes time is the pictures: those of a stream come one by one."""
    if answer.ends:
        return evolve(answer, pace=takes / len(answer.ends))
    return evolve(answer, delay=takes)


def _mistake(error: Exception) -> Answer:
    """Of the sandbox itself, said in words: a cut connection would pass for a failure on demand."""
    traceback.print_exception(error)
    place = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{Path(place.filename).name}, line {place.lineno}"
    message = f"sandbox: a mistake of the sandbox itself: {type(error).__name__} in {where}"
    return json_answer({"error": {"message": message}}, 500)


def _line(operation: Operation, visit: Visit, answer: Answer) -> Line:
    asked, key = visit.asked, visit.key
    secrets = secrets_of(asked, key)
    return Line(
        request=asked.number,
        at=asked.at,
        host=visit.host,
        operation=operation.name,
        method=asked.method,
        path=shortened(asked.path, secrets),
        query=redacted_query(asked, secrets),
        headers=redacted_headers(asked, secrets),
        key=fingerprint(key) if key else None,
        body=redacted_body(asked, secrets),
        ignored=visit.ignored,
        faults=str(visit.faults),
        status=0 if answer.cut == 0 else answer.status,
        pictures=visit.billed,
    )
