"""One call against one answer on a loopback socket, and what came of it, as JSON has it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from attrs import asdict, field

from imagekit.basics.classes import define, evolve, frozen
from imagekit.client.client import Client
from imagekit.declare.auth import Credential
from imagekit.declare.host import Host
from imagekit.errors import HostError, ImagekitError
from imagekit.events import Event, Retrying
from imagekit.plan.call import Call
from imagekit.plan.routes.route import Route
from imagekit.plugins.route_hooks import RouteHooks
from imagekit.settings.config import HostSettings
from imagekit.testing.kit.speaking import Spoken
from imagekit.testing.kit.suite import PROMPT, Suite, planner, plugins_of
from imagekit.testing.loopback import Answer, Loopback, Script, Seen
from imagekit.values import Failure, Image, Pending, Response, Result

__all__ = [
    "SECRET",
    "AnswerChecks",
    "Heard",
    "Outcome",
    "calling",
    "client_at",
    "html",
    "summary",
]

#: The key of every call that is sent: to be found nowhere.
SECRET = "k3y-that-must-not-show"
#: More than any check here has to wait.
MOST_LOOKS = 500


@frozen(eq=False)
class Heard:
    """What went on during a call.

    Attributes:
        decoded: what its wire made of each answer, in their order.
        retried: what was sent again, and why.
    """

    decoded: list[Result | Pending | ImagekitError] = field(factory=list)
    retried: list[Retrying] = field(factory=list)

    def __call__(self, event: Event) -> None:
        if isinstance(event, Retrying):
            self.retried.append(event)

    def over(self, hooks: RouteHooks) -> RouteHooks:
        """These hooks, overheard."""

        def decode(call: Call, response: Response) -> Result | Pending:
            try:
                found: Result | Pending = hooks._decode(call, response)
            except ImagekitError as error:
                self.decoded.append(error)
                raise
            self.decoded.append(found)
            return found

        return evolve(hooks, decode=decode)

    def check_clean(self) -> None:
        """Nothing went wrong on the way: an answer that can't be read is looked past, so that
        it would not show in what comes of it."""
        unread = [one for one in self.decoded if isinstance(one, ImagekitError)]
        assert not unread, f"an answer was not understood, and looked past: {unread[0]!r}"
        assert not self.retried, f"a request was sent again: {self.retried[0].error!r}"


@frozen(eq=False)
class Outcome:
    """``result`` or ``error``; ``seen`` has the requests that arrived."""

    result: Result | None
    error: ImagekitError | None
    seen: list[Seen]
    route: Route
    heard: Heard

    @property
    def good(self) -> Result:
        """The result, which there has to be."""
        assert self.result is not None, f"it becomes {self.error!r}"
        return self.result

    @property
    def sent(self) -> int:
        """How often the request was sent that may cost something. What asks for a job, by its
        id or by the name that was given to it, is another one."""
        return len(self.seen) - self.asked

    @property
    def asked(self) -> int:
        """How often a job was asked for."""
        return len(self.looks)

    @property
    def looks(self) -> list[str]:
        """Where a job was asked for, each time: the paths."""
        made = [(one.method, one.path) for one in self.seen[:1]]
        return [one.path for one in self.seen if (one.method, one.path) not in made]


def client_at(suite: type[Suite], host: Host, url: str, heard: Heard | None = None) -> Client:
    """A client that sends to ``url`` what is meant for the host, and never really waits: its
    clock is that much ahead. ``heard`` is told what goes on."""
    names = host.auth.variables
    client = Client(
        environment={},
        plugins=plugins_of(suite),
        observers=(heard,) if heard else (),
        credentials={host.name: Credential(**dict.fromkeys(names, SECRET))} if names else {},
        hosts={host.name: HostSettings(base_url=url)},
    )
    naps = _Naps()
    client.engine = client.engine.having(sleep=naps.sleep, monotonic=naps.clock)
    if heard:
        hooks = client.engine.exchange.hooks
        client.engine = client.engine.having(hooks=lambda route: heard.over(hooks(route)))
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
def calling(suite: type[Suite], address: str, *script: Script, **given: Any) -> Iterator[Outcome]:
    """Send one call, be answered with these; the answer's own links can be followed inside."""
    with Loopback(*script) as server:
        planned, heard = planner(suite).route(address), Heard()
        with client_at(suite, planned.host, server.url, heard) as client:
            result, error = None, None
            try:
                result = client.generate(PROMPT, model=planned.name, fetch=False, **given)
            except ImagekitError as caught:
                error = caught
            yield Outcome(result, error, server.seen, planned, heard)


class AnswerChecks(Suite):
    """The base of checks on what answers become, over a real socket."""

    @contextmanager
    def _called(self, at: Spoken | Route, *script: Script) -> Iterator[Outcome]:
        route = at.route if isinstance(at, Spoken) else at
        with calling(type(self), route.name, *script) as outcome:
            yield outcome


def html(status: int) -> Answer:
    """A proxy's page instead of an answer."""
    page = b"<html><body><h1>Bad gateway</h1></body></html>"
    return Answer(status, body=page, headers={"Content-Type": "text/html"})


def summary(outcome: Outcome) -> dict[str, Any]:
    """What a reply on file can speak of."""
    asked = {"sent": outcome.sent, "asked": outcome.looks}
    if outcome.error is not None:
        return {**asked, **_of_error(outcome.error)}
    assert outcome.result is not None
    return {**asked, **_of_result(outcome.result)}


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
