"""One call from validation to result: retries, polling and deadlines exist here, once."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from attrs import define, evolve, field, frozen

from imagekit import payload
from imagekit.blob import Blob
from imagekit.credentials import Credential
from imagekit.deadline import Deadline
from imagekit.errors import (
    DeadlineExceeded,
    DownloadError,
    HostError,
    ImagekitError,
    InvalidRequest,
    NotSent,
    OutcomeUnknown,
    SinkError,
    UnreadableAnswer,
)
from imagekit.hooks import RouteHooks
from imagekit.provenance import portable, provenance_of
from imagekit.references import stored
from imagekit.registry import Route
from imagekit.retry import Retry
from imagekit.spelling import Call
from imagekit.transport import Send
from imagekit.urls import bare_url, is_loopback
from imagekit.values import Pending, Problem, Provenance, Reply, Request, Result

if TYPE_CHECKING:
    from imagekit.observers import Observers

__all__ = ["Connection", "Engine"]

#: How long a job is polled for, in seconds, when the caller sets no deadline: it is given
#: up as pending, and can be resumed.
LONGEST_JOB = 3600.0

T = TypeVar("T")


@frozen(eq=False)
class Connection:
    """How requests of one host leave: the folded transport, how they are signed, and the
    user's own headers that are secret as well."""

    send: Send
    credential: Callable[[], Credential]
    headers: Callable[[], Mapping[str, str]] = dict


@define(frozen=True, eq=False)
class Engine:
    """Runs calls. Shared by all threads of a client; holds no state of a call.

    Attributes:
        hooks: the bound hooks of a route.
        connect: the connection to a route's host.
        retry: when a request is sent again.
        observers, sinks: as the hooks of that name describe.
        monotonic, now, sleep: the clocks, handed in so that tests need not wait.
    """

    hooks: Callable[[Route], RouteHooks]
    connect: Callable[[Route], Connection]
    retry: Retry = field(factory=Retry)
    observers: Observers | None = None
    sinks: tuple[Callable[[Result], object], ...] = ()
    monotonic: Callable[[], float] = time.monotonic
    now: Callable[[], float] = time.time
    sleep: Callable[[float], object] = field(factory=lambda: threading.Event().wait)

    # --- before anything is sent -----------------------------------------------------

    def prepare(self, call: Call) -> tuple[Call, list[Problem]]:
        """The call after every policy, and everything that is wrong with it."""
        hooks = self.hooks(call.route)
        call = hooks.prepare(call)
        problems = [*call.problems, *hooks.validate(call)]
        advice = tuple(str(problem) for problem in problems if problem.advice)
        if advice:
            call = evolve(call, notes=call.notes + advice)
        return call, [problem for problem in problems if not problem.advice]

    def shape(self, call: Call) -> Request:
        return self.hooks(call.route).shape(call)

    # --- the call ------------------------------------------------------------------------

    def run(
        self, call: Call, seconds: float | None = None, stop: threading.Event | None = None
    ) -> Result:
        """Validate, send, wait, decode. Once ``stop`` is set, nothing that may cost is sent;
        the answer to what was sent is still awaited.

        A job that is not done after ``seconds``, or after `LONGEST_JOB` when there are none,
        is left to be resumed.

        Raises:
            InvalidRequest: before anything is sent, with every problem.
            ImagekitError: as the tree says; ``pending`` is set once a job was accepted.
        """
        try:
            result = self.make(call, self.admit(call), seconds, stop)
        except BaseException as error:
            self.failed(call, error)
            raise
        return self.deliver(call, result)

    def admit(self, call: Call) -> Call:
        """The call after every policy, ready to be sent.

        Raises:
            InvalidRequest: with everything that is wrong with it.
        """
        prepared, problems = self.prepare(call)
        if problems:
            raise invalid(call.route, problems)
        return prepared

    def make(
        self,
        asked: Call,
        admitted: Call,
        seconds: float | None = None,
        stop: threading.Event | None = None,
    ) -> Result:
        """Send an admitted call, wait, decode. ``asked`` is the call as it was given."""
        deadline = self._deadline(seconds, stop)
        request = self.shape(admitted)
        provenance = provenance_of(asked, request, self.now())
        outcome = self._exchange(admitted, request, deadline)
        return self._await(admitted, outcome, deadline, provenance)

    def deliver(self, call: Call, result: Result) -> Result:
        """Feed every sink, also after one that failed, whose failure is raised in the end."""
        try:
            failures = [failure for sink in self.sinks if (failure := _fed(sink, result))]
            if failures:
                raise failures[0]
        except BaseException as error:
            self.failed(call, error)
            raise
        if self.observers:
            self.observers.finished(call.route, result)
        return result

    def failed(self, call: Call, error: BaseException, step: str = "generate") -> None:
        """Tell the observers."""
        if self.observers:
            self.observers.failed(call.route, step, error)

    def resume(self, call: Call, pending: Pending, seconds: float | None = None) -> Result:
        """Go on waiting for a job that an earlier call left behind."""
        try:
            result = self._await(call, pending, self._deadline(seconds), pending.provenance)
        except BaseException as error:
            self.failed(call, error, "poll")
            raise
        return self.deliver(call, result)

    def _deadline(self, seconds: float | None, stop: threading.Event | None = None) -> Deadline:
        at = None if seconds is None else self.monotonic() + seconds
        return Deadline(at, self.monotonic, stop)

    def _await(
        self,
        call: Call,
        outcome: Result | Pending,
        deadline: Deadline,
        provenance: Provenance | None,
    ) -> Result:
        while isinstance(outcome, Pending):
            pending = evolve(
                outcome,
                model=call.route.model.name,
                host=call.route.host.name,
                given=stored(call.given),
                on_unsupported=call.on_unsupported,
                authors=call.authors,
                provenance=provenance and portable(provenance),
            )
            deadline.pending = pending
            if deadline.at is None:
                deadline.at = self.monotonic() + LONGEST_JOB
            if self.observers:
                self.observers.waiting(call.route, pending)
            if not deadline.allows(pending.wait):
                raise deadline.exceeded()
            self.sleep(pending.wait)
            try:
                outcome = self._exchange(call, pending.request, deadline)
            except ImagekitError as error:
                _mark_pending(error, pending)
                raise
        return self._finish(call, outcome, provenance)

    def _exchange(self, call: Call, request: Request, deadline: Deadline) -> Result | Pending:
        """Send and decode, again as often as the retry policy finds certain to be free."""
        return self._again(
            call.route,
            request.step,
            request.repeatable,
            deadline,
            lambda: self._once(call, request, deadline),
        )

    def _again(
        self,
        route: Route,
        step: str,
        repeatable: bool,
        deadline: Deadline,
        attempt: Callable[[], T],
    ) -> T:
        number = 1
        while True:
            try:
                return attempt()
            except ImagekitError as error:
                wait = self.retry.wait(number, error, repeatable)
                if wait is None or not deadline.allows(wait):
                    raise
                if self.observers:
                    self.observers.retrying(route, step, wait, error)
                if not self._waited(wait, None if repeatable else deadline.stop):
                    raise
            number += 1

    def _waited(self, seconds: float, stop: threading.Event | None) -> bool:
        """Wait; False when ``stop`` was set before the time was over."""
        if stop is None:
            self.sleep(seconds)
            return True
        return not stop.wait(seconds)

    def _once(self, call: Call, request: Request, deadline: Deadline) -> Result | Pending:
        """One request out, one answer in."""
        route = call.route
        if not deadline.allows(0.0):
            raise deadline.exceeded(sent=False)
        connection = self.connect(route)
        credential, secret = connection.credential(), connection.headers()
        signed = self._signed(route, credential, secret, request, deadline)
        if deadline.stopped and not request.repeatable:
            raise NotSent("the call was stopped before anything was sent", retryable=False)
        try:
            reply = self._send(route, connection.send, signed)
        except OutcomeUnknown as error:
            if deadline.passed:  # the silence was ended by the caller, not by the network
                raise deadline.exceeded() from error
            raise
        secrets = (*credential.secrets(), *secret.values())
        if reply.streamed and reply.status < 400:
            return self._gather(call, reply, deadline, secrets)
        response = payload.read(reply, route.wire.blobs, route.wire.links, deadline.check)
        try:
            return self.hooks(route).decode(call, response)
        except HostError as error:
            _scrub(error, secrets)
            raise

    def _gather(
        self, call: Call, reply: Reply, deadline: Deadline, secrets: tuple[str, ...]
    ) -> Result:
        """A streamed answer, told to the observers as it comes, gathered into a result."""
        from imagekit import streaming  # for the few hosts that stream

        gathering = streaming.Gathering(call)
        hooks = self.hooks(call.route)
        try:
            for event in streaming.read(reply, call.route.wire, deadline.check):
                for meaning in hooks.decode_event(call, event):
                    gathering.add(meaning)
                    if self.observers:
                        self.observers.tell(meaning)
        except ImagekitError as error:  # of a plugin as well: what has come is paid for
            if isinstance(error, HostError):
                _scrub(error, secrets)
            gathering.broken = error
        return gathering.result(reply.headers)

    def _signed(
        self,
        route: Route,
        credential: Credential,
        secret: Mapping[str, str],
        request: Request,
        deadline: Deadline,
    ) -> Request:
        signature = route.host.auth.headers(credential, self.now())
        return Request(
            request.method,
            request.url,
            {**request.headers, **secret, **signature},
            request.body,
            request.step,
            request.repeatable,
            deadline.left(),
        )

    def _send(self, route: Route, send: Send, request: Request) -> Reply:
        if not self.observers:
            return send(request)
        self.observers.sending(route, request)
        begun = self.monotonic()
        reply = send(request)
        self.observers.received(route, request, reply, self.monotonic() - begun)
        return reply

    # --- after it -----------------------------------------------------------------------

    def _finish(self, call: Call, result: Result, provenance: Provenance | None) -> Result:
        """Give pictures their way to be fetched, and measure what is here."""
        notes = list(result.notes)
        for image in result.images:
            if image._blob is None:
                image._fetch = partial(self.download, call.route)
            elif image.note:
                notes.append(image.note)
        asked = call.values.get("n")
        made = len(result.images) + len(result.failures)
        if asked is not None and made != asked:
            notes.append(f"asked for {asked} pictures, the host made {made}")
        return evolve(result, notes=tuple(notes), provenance=provenance)

    def download(self, route: Route, url: str) -> Blob:
        """The bytes behind a link of an answer, by the rules of `imagekit.download`.

        The deadline of the call does not count here: the picture is paid for, and may be
        fetched long after. A download has a time of its own.
        """
        from imagekit.download import MOST_SECONDS, fetch

        deadline = self._deadline(MOST_SECONDS)
        send = partial(self._send, route, self.connect(route).send)
        local = is_loopback(route.url())

        def attempt() -> Blob:
            try:
                return fetch(send, url, local=local, timeout=deadline.left(), tick=deadline.check)
            except DeadlineExceeded as error:
                shown = bare_url(url)
                message = f"the download of {shown} was not done in {MOST_SECONDS:,.0f} s"
                raise DownloadError(message, url=shown, retryable=True) from error

        return self._again(route, "download", True, deadline, attempt)


def invalid(route: Route, problems: Iterable[Problem]) -> InvalidRequest:
    """One error for all the problems of a call."""
    listed = tuple(problems)
    lines = "".join(f"\n  {problem}" for problem in listed)
    return InvalidRequest(f"{route.name} can't take this call:{lines}", problems=listed)


def _scrub(error: HostError, secrets: Iterable[str]) -> None:
    """Some hosts quote the key they refuse: it must not get into anybody's logs."""
    for secret in secrets:
        error.args = tuple(str(part).replace(secret, "***") for part in error.args)
        if error.vendor_message:
            error.vendor_message = error.vendor_message.replace(secret, "***")
        if isinstance(error, UnreadableAnswer):
            error.head = error.head.replace(secret.encode(), b"***")


def _fed(sink: Callable[[Result], object], result: Result) -> SinkError | None:
    try:
        sink(result)
    except Exception as error:
        name = getattr(sink, "__qualname__", repr(sink))
        failure = SinkError(
            f"the pictures were made, but {name} could not store them: {error}", result=result
        )
        failure.__cause__ = error
        return failure
    return None


def _mark_pending(error: ImagekitError, pending: Pending) -> None:
    """An error while a job runs: it can be resumed, and what it costs is the job's.

    What the host says about the job itself (HTTP 200, "failed") is the job's end, and
    the wire has already said what that costs.
    """
    readable = isinstance(error, HostError) and not isinstance(error, UnreadableAnswer)
    if readable and (getattr(error, "status", None) or 0) < 400:
        return
    error.pending = pending
    error.charged = pending.charged
