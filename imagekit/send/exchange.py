"""One request out, one answer in: signing, retries and downloads exist here, once."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from attrs import define, evolve, field, frozen

from imagekit.basics.blob import Blob
from imagekit.basics.urls import bare_url
from imagekit.declare.auth import Credential
from imagekit.declare.host import Host
from imagekit.errors import (
    DeadlineExceeded,
    DownloadError,
    ImagekitError,
    NotSent,
    OutcomeUnknown,
    UsageError,
)
from imagekit.plan.call import Call
from imagekit.plan.routes.route import Route
from imagekit.plugins.route_hooks import RouteHooks
from imagekit.send.deadline import Deadline
from imagekit.send.numbering import renumbered
from imagekit.send.partial_answers import broken_off, noted
from imagekit.send.reading import body
from imagekit.send.retry import Retry
from imagekit.send.scrubbing import Scrubber
from imagekit.send.transport import Send
from imagekit.settings.hidden import Hidden
from imagekit.values import Charged, Image, Pending, Reply, Request, Response, Result
from imagekit.wires.answers import strange

if TYPE_CHECKING:
    from imagekit.send.observers import Observers, Watched

__all__ = ["Connection", "Exchange"]

#: Seconds that a link may answer like one that is not there yet, at any host; and what a
#: content delivery network says of one.
FRESH_LINKS = 6.0
NOT_YET = (403, 404, 425)

log = logging.getLogger("imagekit")

T = TypeVar("T")
#: Takes the pictures of an answer, or of a piece of one that is streamed; then there are more.
Arrived = Callable[[Result, bool], object]


@frozen(eq=False)
class Connection:
    """How requests of one host leave: the folded transport, how they are signed, the user's
    own headers that are secret as well, and whether the host is on this machine, so that its
    links may be, too."""

    send: Send
    credential: Callable[[], Credential]
    headers: Callable[[], Mapping[str, str]] = dict
    local: bool = False


@define(frozen=True, eq=False)
class Exchange:
    """Sends requests and reads what comes back. Shared by all threads of a client.

    Attributes:
        hooks: the bound hooks of a route.
        connect: the connection to a host.
        retry: when a request is sent again.
        observers: as the hook of that name describes.
        monotonic, now, sleep: the clocks, handed in so that tests need not wait; None really
            waits.
    """

    hooks: Callable[[Route], RouteHooks]
    connect: Callable[[Host], Connection]
    retry: Retry = field(factory=Retry)
    observers: Observers | None = None
    monotonic: Callable[[], float] = time.monotonic
    now: Callable[[], float] = time.time
    sleep: Callable[[float], object] | None = None

    def deadline(self, seconds: float | None, stop: threading.Event | None = None) -> Deadline:
        """That of one call, ``seconds`` from now."""
        if seconds is not None and not _is_time(seconds):
            raise UsageError(f"deadline is a number of seconds, not {seconds!r}")
        at = None if seconds is None else self.monotonic() + seconds
        return Deadline(at, self.monotonic, stop)

    def watched(self, route: str, call: str) -> Watched | None:
        """What tells the observers of one call; None where nobody watches."""
        return self.observers.of(route, call) if self.observers else None

    def ask(
        self, call: Call, request: Request, deadline: Deadline, arrived: Arrived
    ) -> Result | Pending:
        """Send and decode, again as often as the retry policy finds certain to be free."""
        watched = self.watched(call.route.name, call.id)
        return self._again(
            watched,
            request.step,
            request.repeatable,
            deadline,
            lambda: self._once(call, request, deadline, arrived, watched),
        )

    def inquire(self, call: Call, request: Request, deadline: Deadline) -> Response:
        """The answer to a free question that is not about pictures, e.g. what models there are.

        Raises:
            HostError: it was refused, as the wire and the host's table have it.
        """
        watched = self.watched(call.route.name, call.id)
        attempt = partial(self._answer, call, request, deadline, watched)
        try:
            return self._again(watched, request.step, request.repeatable, deadline, attempt)
        except ImagekitError as error:
            error.with_details(charged=Charged.NO)
            raise

    def _answer(
        self, call: Call, request: Request, deadline: Deadline, watched: Watched | None
    ) -> Response:
        route = call.route
        route.keep_at_home(request.url)
        connection = self.connect(route.host)
        signed, scrubber = self._signed(route, connection, request, deadline)
        reply = self._send(route.name, scrubber.sending(connection.send), signed, watched)
        read = body.read(reply, tick=deadline.check, request=request)
        response = scrubber.response(read)
        if response.status < 400:
            return response
        self.hooks(route).decode(call, response)  # which raises, in its wire's own words
        raise strange(call, response, "an answer that its wire takes for none")

    def _again(
        self,
        watched: Watched | None,
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
                error.with_details(attempts=number)
                wait = self.retry.wait(number, error, repeatable)
                if wait is None or not deadline.allows(wait):
                    raise
                log.info("sending again in %.1f s (%s): %s", wait, step, type(error).__name__)
                if watched:
                    watched.retrying(step, wait, error)
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

    def _once(
        self,
        call: Call,
        request: Request,
        deadline: Deadline,
        arrived: Arrived,
        watched: Watched | None,
    ) -> Result | Pending:
        """One request out, one answer in."""
        route = call.route
        if not deadline.allows(0.0):
            raise deadline.exceeded(sent=False)
        route.keep_at_home(request.url)  # before there is a key that could go anywhere else
        connection = self.connect(route.host)
        signed, scrubber = self._signed(route, connection, request, deadline)
        if deadline.stopped and not request.repeatable:
            raise NotSent("the call was stopped before anything was sent", retryable=False)
        try:
            send = scrubber.sending(connection.send)
            reply = self._send(route.name, send, signed, watched)
        except OutcomeUnknown as error:
            if deadline.passed:  # the silence was ended by the caller, not by the network
                raise deadline.exceeded() from error
            if route.host.records:
                error.with_details(f"{error}; {route.host.records}")
            raise
        if reply.streamed and reply.status < 400:
            return self._gather(call, reply, deadline, scrubber, arrived, watched)
        wire = route.wire
        response = body.read(reply, wire.blobs, wire.links, deadline.check, request=request)
        decoded = self._decoded(call, scrubber.response(response), request.repeatable)
        if isinstance(decoded, Pending):
            return decoded
        return self._told(call, decoded, arrived, watched)

    def _decoded(self, call: Call, response: Response, repeatable: bool) -> Result | Pending:
        """What an answer means. Of one that broke off what is whole is kept, since it is paid
        for; the answer to a look at a job is asked for once more instead.
        """
        hooks = self.hooks(call.route)
        if response.salvaged is None or repeatable or response.status >= 300:
            decoded = hooks.decode(call, response)
            return decoded if isinstance(decoded, Pending) else noted(decoded, response)
        try:
            mended = evolve(response, document=response.salvaged, defect=None)
            decoded = hooks.decode(call, mended)
        except ImagekitError:  # nothing in it that was whole: it is what it is
            return hooks.decode(call, response)
        return decoded if isinstance(decoded, Pending) else broken_off(decoded, response)

    def _told(
        self, call: Call, result: Result, arrived: Arrived, watched: Watched | None
    ) -> Result:
        """Number what came among all of the request, and hand it on."""
        if call.places:
            result = renumbered(call, result)
        for image in result.images:
            self._make_reachable(call.route.host, image)
        arrived(result, False)
        if watched:
            for failure in result.failures:
                watched.failure(failure)
        return result

    def _gather(
        self,
        call: Call,
        reply: Reply,
        deadline: Deadline,
        scrubber: Scrubber,
        arrived: Arrived,
        watched: Watched | None,
    ) -> Result:
        """A streamed answer, handed on as it comes, gathered into a result."""
        from imagekit.events import Picture
        from imagekit.send.reading.sse import server_events
        from imagekit.send.stream_result import Gathering  # for the few hosts that stream

        gathering = Gathering(call)
        hooks = self.hooks(call.route)
        try:
            for event in server_events(reply, call.route.wire, deadline.check):
                told = scrubber.event(event)
                for meaning in gathering.meanings(told, partial(hooks.decode_event, call)):
                    gathered = gathering.add(meaning)
                    if isinstance(gathered, Picture):
                        self._make_reachable(call.route.host, gathered.image)
                        arrived(gathering.piece(gathered.image), True)
                    elif watched:
                        watched.tell(gathered)
        except ImagekitError as error:  # of a plugin as well: what has come is paid for
            gathering.broken = error
        result = gathering.result(reply.headers)
        arrived(result, False)
        return result

    def _signed(
        self, route: Route, connection: Connection, request: Request, deadline: Deadline
    ) -> tuple[Request, Scrubber]:
        """The request as it leaves, and what takes its secrets out of the answer."""
        credential, secret = connection.credential(), connection.headers()
        signature = Hidden(route.host.auth.headers(credential, self.now()))
        signed = Request(
            request.method,
            request.url,
            {**request.headers, **route.own_headers, **secret, **signature},
            request.body,
            request.step,
            request.repeatable,
            deadline.left(),
        )
        tokens = (value.rpartition(" ")[2] for value in signature.values())
        return signed, Scrubber((*credential.secrets(), *secret.values(), *tokens))

    def _send(self, route: str, send: Send, request: Request, watched: Watched | None) -> Reply:
        if watched:
            watched.sending(request)
        begun = self.monotonic()
        reply = send(request)
        seconds = self.monotonic() - begun
        if log.isEnabledFor(logging.INFO):
            id = reply.headers.get("x-request-id")
            about = (route, request.step, reply.status, seconds, f", request id {id}" * bool(id))
            log.info("%s: %s: HTTP %d after %.2f s%s", *about)
        if watched:
            watched.received(request, reply, seconds)
        return reply

    def _make_reachable(self, host: Host, image: Image) -> None:
        image.host = host.name
        if not image.is_here:
            image.comes_by(Way(partial(self.download, host)))

    def download(
        self,
        host: Host,
        url: str,
        within: Deadline | None = None,
        watched: Watched | None = None,
    ) -> Blob:
        """The bytes behind a link of an answer, by the rules of `imagekit.send.download`.

        Without the deadline of a call, a download has a time of its own: the picture is paid
        for, and may be fetched long after. A link that is new may take a while to be everywhere.
        """
        waited, pause = 0.0, 0.5
        patience = max(FRESH_LINKS, host.fresh_links)
        deadline = self._of_download(within)
        while True:
            try:
                attempt = partial(self._fetched, host, url, deadline, watched)
                return self._again(watched, "download", True, deadline, attempt)
            except DownloadError as error:
                late = waited + pause > patience or not deadline.allows(pause)
                if error.status not in NOT_YET or late:
                    raise
            self.wait(pause)
            waited, pause = waited + pause, min(2.0, pause * 2)

    def _of_download(self, within: Deadline | None) -> Deadline:
        from imagekit.send.download import MOST_SECONDS

        left = within.left() if within else None
        return self.deadline(MOST_SECONDS if left is None else min(left, MOST_SECONDS))

    def _fetched(self, host: Host, url: str, deadline: Deadline, watched: Watched | None) -> Blob:
        from imagekit.send.download import fetch

        connection = self.connect(host)

        def send(request: Request) -> Reply:
            return self._send(host.name, connection.send, request, watched)

        try:
            deadline.check()
            local, left = connection.local, deadline.left()
            return fetch(send, url, local=local, timeout=left, tick=deadline.check)
        except DeadlineExceeded as error:
            shown = bare_url(url)
            message = f"{shown} was not fetched in time; the picture is there, and paid for"
            raise DownloadError(message, url=shown, retryable=True) from error


@define(eq=False)
class Way:
    """How a picture that was left alone is fetched when it is first used. In another process
    there is no client that could: pickled, it only says so.
    """

    _download: Callable[[str], Blob] | None

    def __call__(self, url: str) -> Blob:
        if self._download is None:
            link = bare_url(url)
            message = f"the picture at {link} is not here yet; Client.fetch(image) fetches it"
            raise DownloadError(message, url=link)
        return self._download(url)

    def __reduce__(self) -> tuple[type[Way], tuple[None]]:
        return Way, (None,)


def _is_time(seconds: object) -> bool:
    return isinstance(seconds, int | float) and not isinstance(seconds, bool) and seconds == seconds
