"""One request out, one answer in: signing, retries and downloads exist here, once."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from attrs import define, field, frozen

from imagekit import payload
from imagekit.blob import Blob
from imagekit.credentials import Credential
from imagekit.deadline import Deadline
from imagekit.errors import (
    DeadlineExceeded,
    DownloadError,
    HostError,
    ImagekitError,
    NotSent,
    OutcomeUnknown,
    UnreadableAnswer,
)
from imagekit.hooks import RouteHooks
from imagekit.numbering import numbered
from imagekit.registry import Route
from imagekit.retry import Retry
from imagekit.spelling import Call
from imagekit.transport import Send
from imagekit.urls import bare_url, is_loopback
from imagekit.values import Image, Pending, Reply, Request, Result

if TYPE_CHECKING:
    from imagekit.observers import Observers

__all__ = ["Connection", "Exchange"]

#: Seconds between looks at a link that is too new to be found.
FRESH_LINK = 2.0

T = TypeVar("T")


@frozen(eq=False)
class Connection:
    """How requests of one host leave: the folded transport, how they are signed, and the
    user's own headers that are secret as well."""

    send: Send
    credential: Callable[[], Credential]
    headers: Callable[[], Mapping[str, str]] = dict


@define(frozen=True, eq=False)
class Exchange:
    """Sends requests and reads what comes back. Shared by all threads of a client.

    Attributes:
        hooks: the bound hooks of a route.
        connect: the connection to a route's host.
        retry: when a request is sent again.
        observers: as the hook of that name describes.
        monotonic, now, sleep: the clocks, handed in so that tests need not wait; None really
            waits.
    """

    hooks: Callable[[Route], RouteHooks]
    connect: Callable[[Route], Connection]
    retry: Retry = field(factory=Retry)
    observers: Observers | None = None
    monotonic: Callable[[], float] = time.monotonic
    now: Callable[[], float] = time.time
    sleep: Callable[[float], object] | None = None

    def deadline(self, seconds: float | None, stop: threading.Event | None = None) -> Deadline:
        """That of one call, ``seconds`` from now."""
        at = None if seconds is None else self.monotonic() + seconds
        return Deadline(at, self.monotonic, stop)

    def ask(self, call: Call, request: Request, deadline: Deadline) -> Result | Pending:
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
                stop = None if repeatable else deadline.stop
                self.wait(wait, stop)
                if stop is not None and stop.is_set():
                    raise
            number += 1

    def wait(self, seconds: float, stop: threading.Event | None = None) -> None:
        """Wait, or until ``stop`` is set."""
        if self.sleep is not None:
            self.sleep(seconds)
        else:
            (stop or threading.Event()).wait(seconds)

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
            if route.host.records:
                error.args = (f"{error}; {route.host.records}",)
            raise
        secrets = (*credential.secrets(), *secret.values())
        if reply.streamed and reply.status < 400:
            return self._gather(call, reply, deadline, secrets)
        wire = route.wire
        response = payload.read(reply, wire.blobs, wire.links, deadline.check, request=request)
        try:
            decoded = self.hooks(route).decode(call, response)
        except HostError as error:
            _scrub(error, secrets)
            raise
        return decoded if isinstance(decoded, Pending) else self._arrived(call, decoded)

    def _arrived(self, call: Call, result: Result) -> Result:
        """Number what came among all of the request, and tell the observers of each picture."""
        if call.places:
            result = numbered(call, result)
        for image in result.images:
            self._make_reachable(call.route, image)
        if self.observers:
            self.observers.arrived(call.route, result)
        return result

    def _gather(
        self, call: Call, reply: Reply, deadline: Deadline, secrets: tuple[str, ...]
    ) -> Result:
        """A streamed answer, told to the observers as it comes, gathered into a result."""
        from imagekit import streaming  # for the few hosts that stream
        from imagekit.events import Picture

        gathering = streaming.Gathering(call)
        hooks = self.hooks(call.route)
        try:
            for event in streaming.read(reply, call.route.wire, deadline.check):
                for meaning in hooks.decode_event(call, event):
                    gathered = gathering.add(meaning)
                    if isinstance(gathered, Picture):
                        self._make_reachable(call.route, gathered.image)
                    if self.observers:
                        self.observers.tell(gathered)
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
            {**request.headers, **route.own_headers, **secret, **signature},
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

    def _make_reachable(self, route: Route, image: Image) -> None:
        if image._blob is None:
            image._fetch = partial(self.download, route)

    def download(self, route: Route, url: str) -> Blob:
        """The bytes behind a link of an answer, by the rules of `imagekit.download`.

        The deadline of the call does not count here: the picture is paid for, and may be
        fetched long after. A download has a time of its own.
        """
        from imagekit.download import MOST_SECONDS, fetch

        deadline = self.deadline(MOST_SECONDS)
        send = partial(self._send, route, self.connect(route).send)
        local = is_loopback(route.url())

        def attempt() -> Blob:
            try:
                return fetch(send, url, local=local, timeout=deadline.left(), tick=deadline.check)
            except DeadlineExceeded as error:
                shown = bare_url(url)
                message = f"the download of {shown} was not done in {MOST_SECONDS:,.0f} s"
                raise DownloadError(message, url=shown, retryable=True) from error

        fresh_until = self.monotonic() + route.host.fresh_links
        while True:
            try:
                return self._again(route, "download", True, deadline, attempt)
            except DownloadError as error:
                if error.status != 404 or self.monotonic() >= fresh_until:
                    raise
            self.wait(FRESH_LINK)  # a new link takes a while to be everywhere


def _scrub(error: HostError, secrets: Iterable[str]) -> None:
    """Some hosts quote the key they refuse: it must not get into anybody's logs."""
    for secret in secrets:
        error.args = tuple(str(part).replace(secret, "***") for part in error.args)
        if error.vendor_message:
            error.vendor_message = error.vendor_message.replace(secret, "***")
        if isinstance(error, UnreadableAnswer):
            error.head = error.head.replace(secret.encode(), b"***")
