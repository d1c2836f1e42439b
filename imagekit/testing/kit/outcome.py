"""One call against one answer on a loopback socket, and what came of it, as JSON has it."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from attrs import asdict

from imagekit.basics.classes import define, frozen
from imagekit.client.client import Client
from imagekit.declare.auth import Credential
from imagekit.declare.host import Host
from imagekit.errors import HostError, ImagekitError
from imagekit.plan.routes.route import Route
from imagekit.settings.config import HostSettings
from imagekit.testing.kit.suite import PROMPT, Suite, planner, plugins_of
from imagekit.testing.loopback import Answer, Loopback, Seen
from imagekit.values import Failure, Image, Result
from imagekit.wires import OpenAIImages

__all__ = [
    "SECRET",
    "AnswerChecks",
    "Outcome",
    "answer_of",
    "calling",
    "client_at",
    "html",
    "summary",
]

#: The key of every call that is sent: to be found nowhere.
SECRET = "k3y-that-must-not-show"
#: Why so much fails for somebody who has not read on.
FORGOTTEN = (
    "hint: this suite has no `answers` of its own, so the host spoke openai-images, and its wire "
    "is {wire}; see docs/conformance.md, Answers"
)


#: More than any check here has to wait.
MOST_LOOKS = 500


@frozen(eq=False)
class Outcome:
    """``result`` or ``error``; ``seen`` has the requests that arrived."""

    result: Result | None
    error: ImagekitError | None
    seen: list[Seen]
    route: Route

    @property
    def sent(self) -> int:
        """How often the request was sent that may cost something. What asks for a job, by its
        id or by the name that was given to it, is another one."""
        made = [(one.method, one.path) for one in self.seen[:1]]
        return sum((one.method, one.path) in made for one in self.seen)

    @property
    def asked(self) -> int:
        """How often a job was asked for."""
        return len(self.seen) - self.sent


def client_at(suite: type[Suite], host: Host, url: str) -> Client:
    """A client that sends to ``url`` what is meant for the host, and never really waits: its
    clock is that much ahead."""
    names = host.auth.variables
    client = Client(
        environment={},
        plugins=plugins_of(suite),
        credentials={host.name: Credential(**dict.fromkeys(names, SECRET))} if names else {},
        hosts={host.name: HostSettings(base_url=url)},
    )
    naps = _Naps()
    client.engine = client.engine.having(sleep=naps.sleep, monotonic=naps.clock)
    return client


@define
class _Naps:
    """Waits that take no time. A job that nobody would see the end of is not waited for."""

    count: int = 0
    seconds: float = 0.0

    def sleep(self, seconds: float) -> None:
        self.count, self.seconds = self.count + 1, self.seconds + seconds
        assert self.count <= MOST_LOOKS, (
            f"it was waited for {MOST_LOOKS} times and goes on: what is no job that is still being "
            "done has to be a result or an error, and no Pending"
        )

    def clock(self) -> float:
        return time.monotonic() + self.seconds


@contextmanager
def calling(
    suite: type[Suite], address: str, *answers: Answer | Mapping[str, Any], **given: Any
) -> Iterator[Outcome]:
    """Send one call, be answered with these; the answer's own links can be followed inside."""
    script = [one if isinstance(one, Answer) else answer_of(one) for one in answers]
    with Loopback(*script) as server:
        planned = planner(suite).route(address)
        with client_at(suite, planned.host, server.url) as client:
            result, error = None, None
            try:
                result = client.generate(PROMPT, model=planned.name, fetch=False, **given)
            except ImagekitError as caught:
                error = caught
            yield Outcome(result, error, server.seen, planned)


class AnswerChecks(Suite):
    """The base of checks on what answers become, over a real socket."""

    @contextmanager
    def _called(self, *answers: Answer, route: Route | None = None) -> Iterator[Outcome]:
        route = route or self.routes()[0]
        with calling(type(self), route.name, *answers) as outcome:
            try:
                yield outcome
            except AssertionError as failure:
                if self.answers is Suite.answers and not isinstance(route.wire, OpenAIImages):
                    failure.add_note(FORGOTTEN.format(wire=route.wire.name))
                raise


def html(status: int) -> Answer:
    """A proxy's page instead of an answer."""
    page = b"<html><body><h1>Bad gateway</h1></body></html>"
    return Answer(status, body=page, headers={"Content-Type": "text/html"})


def answer_of(said: Mapping[str, Any]) -> Answer:
    """An answer on file: ``status``, ``headers``, and ``json``, ``text`` or ``base64``;
    ``cut`` breaks the connection after so many bytes."""
    unknown = said.keys() - {"status", "headers", "json", "text", "base64", "cut"}
    assert not unknown, f"an answer says {', '.join(unknown)}, which means nothing"
    body = said.get("text", "").encode() or base64.b64decode(said.get("base64", ""))
    return Answer(
        status=said.get("status", 200),
        json=said.get("json"),
        body=body,
        headers=said.get("headers", {}),
        cut=said.get("cut"),
    )


def summary(outcome: Outcome) -> dict[str, Any]:
    """What a reply on file can speak of."""
    if outcome.error is not None:
        return {"sent": outcome.sent, **_of_error(outcome.error)}
    assert outcome.result is not None
    return {"sent": outcome.sent, **_of_result(outcome.result)}


def _of_error(error: ImagekitError) -> dict[str, Any]:
    found: dict[str, Any] = {
        "error": type(error).__name__,
        "message": error.message,
        "retryable": error.retryable,
        "charged": str(error.charged),
    }
    if isinstance(error, HostError):
        names = ("host", "model", "status", "code", "vendor_message", "request_id", "retry_after")
        found |= {name: getattr(error, name) for name in names}
    return found


def _of_result(result: Result) -> dict[str, Any]:
    found: dict[str, Any] = {
        "images": [_image(image) for image in result.images],
        "failures": [_failure(failure) for failure in result.failures],
        "usage": None if result.usage is None else _known(asdict(result.usage)),
        "cost": str(result.cost),
        "metadata": result.metadata,
        "notes": list(result.notes),
    }
    names = ("model", "host", "served_model", "created", "request_id")
    found |= {name: getattr(result, name) for name in names}
    return dict(json.loads(json.dumps(found)))


def _image(image: Image) -> dict[str, Any]:
    """A picture that came as a link is not fetched."""
    found: dict[str, Any] = {
        "index": image.index,
        "url": image.url,
        "declared_size": image.declared_size,
        "metadata": image.metadata or None,
    }
    if image.url is None:
        found |= {"media_type": image.media_type, "pixels": list(image.pixels or ())}
    return _known(found)


def _failure(failure: Failure) -> dict[str, Any]:
    """An error that a whole call ended with stands among the failures by its name."""
    found = {**asdict(failure, recurse=False), "error": failure.error}
    return _known({**found, "error": type(failure.error).__name__ if failure.error else None})


def _known(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
