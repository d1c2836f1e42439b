"""OpenTelemetry spans of calls."""

from __future__ import annotations

import threading

from attrs import define, field
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import Span, SpanKind, StatusCode, Tracer, TracerProvider

import imagekit
from imagekit import events
from imagekit_tracing import attributes
from imagekit_tracing.attributes import Attributes
from imagekit_tracing.under_way import MOST, STEPS, UnderWay

__all__ = ["Spans"]

#: That of the conventions from which the names of attributes are.
SCHEMA = "https://opentelemetry.io/schemas/1.37.0"


class Spans:
    """An observer that makes a span of each paid call, and in it one of each of its requests.

    A request that takes several calls has a span around theirs. A span's parent is what is
    current where the call is made. A job that was given back is gone on with in spans of their
    own, one for each look, below the same parent or, in this process, below the first.

    Without an SDK of OpenTelemetry in the program, no span is recorded.

    Args:
        tracer_provider: whose spans they are; None is the program's own, also when it is set later.
        most: how many calls are followed at once. Then the oldest is given up, and its span ends.

    Attributes:
        lost: how many calls were given up.
    """

    def __init__(self, tracer_provider: TracerProvider | None = None, *, most: int = MOST) -> None:
        version = imagekit.__version__
        self._tracer = trace.get_tracer("imagekit", version, tracer_provider, SCHEMA)
        self._under_way: UnderWay[_Call] = UnderWay(most)
        self._given_back: UnderWay[Span] = UnderWay(most)
        self.lost = 0

    def __call__(self, event: events.Event) -> None:
        """Hear of one event."""
        if not event.call or event.step not in STEPS:
            return
        call = self._under_way.get(event.call) or self._begun(event)
        if call is None:
            return
        call.heard(event)
        if isinstance(event, events.Sending):
            call.sending(self._tracer, event)
        elif isinstance(event, _ENDS):
            self._ended(event, call)

    def _begun(self, event: events.Event) -> _Call | None:
        """The call that begins with this event; None when it is an echo of one that has ended."""
        if not isinstance(event, _BEGINNINGS) or event.step == "download":
            return None
        span = self._tracer.start_span(
            f"{attributes.OPERATION} {event.route.partition(':')[2]}",
            self._parent(event.call),
            SpanKind.INTERNAL if isinstance(event, events.Split) else SpanKind.CLIENT,
            attributes.begun(event),
            start_time=_time(event),
        )
        call = _Call(span)
        lost = self._under_way.add(event.call, call)
        if lost is not None:
            self.lost += 1
            lost.end(_time(event), {"imagekit.lost": True})
        return call

    def _parent(self, id: str) -> Context | None:
        """The span of the request that this is a call of; or, where no span is current, the one in
        which its job was made. None is the current one."""
        request = self._under_way.get(id.partition("-")[0])
        if request is not None:
            return trace.set_span_in_context(request.span)
        first = self._given_back.get(id)
        if first is None or trace.get_current_span().get_span_context().is_valid:
            return None
        return trace.set_span_in_context(first)

    def _ended(self, event: events.Event, call: _Call) -> None:
        self._under_way.end(event.call)
        if isinstance(event, events.GivenBack):
            if self._given_back.get(event.call) is None:
                self._given_back.add(event.call, call.span)
        else:
            self._given_back.end(event.call)
        call.end(_time(event), *_outcome(event))


#: What a call, or a request, may be heard of first: it may fail before anything is sent.
_BEGINNINGS = (events.Split, events.Sending, events.Waiting, events.Failed)
_ENDS = (events.PartFinished, events.Finished, events.GivenBack, events.Failed)


@define(eq=False)
class _Call:
    """A span that has not ended, and those of the requests that are out, by their threads: several
    links are fetched at once."""

    span: Span
    exchanges: dict[int, Span] = field(factory=dict)

    def sending(self, tracer: Tracer, event: events.Sending) -> None:
        self.exchanges[threading.get_ident()] = tracer.start_span(
            event.step,
            trace.set_span_in_context(self.span),
            SpanKind.CLIENT,
            attributes.exchanged(event),
            start_time=_time(event),
        )

    def heard(self, event: events.Event) -> None:
        """End the span of the request that this thread had out. That of a link is out until its
        picture is here, any other until there is an answer."""
        thread = threading.get_ident()
        span = self.exchanges.get(thread)
        if span is None:
            return
        if isinstance(event, events.Received):
            span.set_attribute("http.response.status_code", event.status)
            if event.status >= 400:
                _fail(span, {"error.type": str(event.status)})
            elif event.step == "download":
                return
        elif not isinstance(event, events.Picture):
            _fail(span, attributes.trouble(event))
        del self.exchanges[thread]
        span.end(_time(event))

    def end(self, at: int, outcome: Attributes, failed: bool = False) -> None:
        while self.exchanges:  # such as a link that another thread is still fetching
            self.exchanges.popitem()[1].end(at)
        if failed:
            _fail(self.span, outcome)
        else:
            self.span.set_attributes(outcome)
        self.span.end(at)


def _outcome(event: events.Event) -> tuple[Attributes, bool]:
    """What stands on a span that this event ends, and whether it has failed."""
    if isinstance(event, events.PartFinished | events.Finished):
        return attributes.made(event.result), False
    if isinstance(event, events.GivenBack):
        return attributes.given_back(event.pending), False
    return attributes.trouble(event), True


def _fail(span: Span, why: Attributes) -> None:
    """Without a description: messages are for people, and may hold a host's own words."""
    span.set_attributes(why)
    span.set_status(StatusCode.ERROR)


def _time(event: events.Event) -> int:
    """In nanoseconds."""
    return int(event.at * 1e9)
