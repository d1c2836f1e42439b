"""One request out, signed; one answer in, read: that exists here, once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from attrs import field

from imagekit.basics.classes import evolve, frozen
from imagekit.basics.urls import without_query
from imagekit.errors import ImagekitError, NotSent, OutcomeUnknown
from imagekit.plan.call import Call
from imagekit.plan.routes.route import Route
from imagekit.plugins.route_hooks import RouteHooks
from imagekit.send.deadline import Deadline
from imagekit.send.links import make_reachable
from imagekit.send.numbering import renumbered
from imagekit.send.partial_answers import broken_off, noted
from imagekit.send.reading import body
from imagekit.send.scrubbing import Scrubber
from imagekit.send.sender import Connection, Sender
from imagekit.settings.hidden import Hidden
from imagekit.values import Charged, Pending, Reply, Request, Response, Result
from imagekit.wires.answers import strange

if TYPE_CHECKING:
    from imagekit.declare.host import Host
    from imagekit.send.observers import Watched

__all__ = ["Arrived", "Exchange"]

#: Takes the pictures of an answer, or of a piece of one that is streamed; then there are more.
Arrived = Callable[[Result, bool], object]


@frozen(eq=False)
class Exchange(Sender):
    """Sends requests and reads what comes back.

    Attributes:
        hooks: the bound hooks of a route.
    """

    hooks: Callable[[Route], RouteHooks] = field(kw_only=True)

    def ask(
        self, call: Call, request: Request, deadline: Deadline, arrived: Arrived
    ) -> Result | Pending:
        """Send and decode, again as often as the retry policy finds certain to be free."""
        watched = self.watched(call.route.name, call.id, call.alias)
        attempt = partial(self._once, call, request, deadline, arrived, watched)
        return self.again(attempt, request.step, request.repeatable, deadline, watched)

    def inquire(self, call: Call, request: Request, deadline: Deadline) -> Response:
        """The answer to a free question that is not about pictures, e.g. what models there are.

        Raises:
            HostError: it was refused, as the wire and the host's table have it.
        """
        watched = self.watched(call.route.name, call.id, call.alias)
        attempt = partial(self._answer, call, request, deadline, watched)
        try:
            return self.again(attempt, request.step, request.repeatable, deadline, watched)
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
        reply = self.send(route.name, scrubber.sending(connection.send), signed, watched)
        read = body.read(reply, tick=deadline.check, request=request)
        response = scrubber.response(read)
        if response.status < 400:
            return response
        self.hooks(route).decode(call, response)  # which raises, in its wire's own words
        raise strange(call, response, "an answer that its wire takes for none")

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
            reply = self.send(route.name, send, signed, watched)
        except OutcomeUnknown as error:
            if deadline.passed:  # the silence was ended by the caller, not by the network
                raise deadline.exceeded() from error
            if told := _where_it_may_be(route.host):
                error.with_details(f"{error}; {told}")
            raise
        if reply.streamed and reply.status < 400:
            return self._gather(call, reply, deadline, scrubber, arrived, watched)
        wire = route.wire
        response = body.read(reply, wire.blobs, wire.links, deadline.check, request=request)
        decoded = self._decoded(call, scrubber.response(response), request.repeatable)
        if isinstance(decoded, Pending):
            return _unsigned(decoded, signed.signed_query)
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
            make_reachable(self, call.route.host, image)
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
                        make_reachable(self, call.route.host, gathered.image)
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
        auth, now = route.host.auth, self.now()
        signature = Hidden(auth.headers(credential, now))
        query = Hidden(auth.query(credential, now))
        headers = {**request.headers, **route.own_headers, **secret, **signature}
        signed = evolve(request, headers=headers, signed_query=query, timeout=deadline.left())
        tokens = (value.rpartition(" ")[2] for value in (*signature.values(), *query.values()))
        own = route.own_headers.values()  # gateways put keys there
        return signed, Scrubber((*credential.secrets(), *secret.values(), *own, *tokens))


def _where_it_may_be(host: Host) -> str:
    """How to look for what was made, where an answer was lost; empty where nobody can."""
    if host.records_at is None:
        return host.records
    return f"`imagekit records list --at {host.name}` has what was made with this key"


def _unsigned(pending: Pending, query: Mapping[str, str]) -> Pending:
    """Without what signs addresses in the one that the host named: many name it as they were
    asked, and it is signed anew whenever it is asked for."""
    if not query:
        return pending
    bare = without_query(pending.request.url, query)
    return evolve(pending, request=evolve(pending.request, url=bare))
