"""Pictures, told of while they are made: server-sent events, as OpenAI has them."""

from __future__ import annotations

import itertools
import json
import threading
import time
from collections.abc import Generator, Iterator
from contextlib import ExitStack, suppress
from typing import Any

from attrs import define, field
from imagekit_store import Caller
from werkzeug.wrappers import Response

from imagekit import (
    Blob,
    Body,
    Image,
    ImagekitError,
    JournalError,
    Result,
    Usage,
    calling_for,
    events,
)
from imagekit_gateway.answers.made import Drawn, Made, of_image, of_result, unkept
from imagekit_gateway.answers.told import envelope, nothing, usage, with_picture
from imagekit_gateway.gateway.visit import Visit
from imagekit_gateway.refusals import Refused, refusal_of
from imagekit_gateway.requests.words import Wanted

__all__ = ["replayed", "streamed"]

#: Seconds of silence after which a comment says that it goes on. It is also how a client that
#: has gone is noticed.
HEARTBEAT = 15.0


def streamed(visit: Visit, asked: Wanted, caller: Caller) -> Response:
    """Make pictures, and tell of each as it comes.

    Raises:
        ImagekitError: it is refused, and nobody has been told anything.
    """
    gateway, visit.sent = visit.gateway, True
    happening = gateway.client.stream(
        asked.prompt,
        id=visit.id,
        deadline=gateway.settings.deadline,
        heartbeat=HEARTBEAT,
        **asked.arguments,
    )
    telling = _Telling(visit, asked, caller, happening)
    telling.begin()
    response = _response(telling.told())
    response.call_on_close(telling.left)
    return response


def replayed(visit: Visit, asked: Wanted, made: Made) -> Response:
    """Tell of pictures that were made before; there are some."""
    *others, last = made.pictures

    def told() -> Iterator[bytes]:
        for drawn in others:
            yield from _completed(asked, drawn, made.url_of(drawn, visit.link), _UNCOUNTED)
        yield from _completed(asked, last, made.url_of(last, visit.link), _whole(made))

    return _response(told())


def _response(told: Iterator[bytes]) -> Response:
    response = Response(told, mimetype="text/event-stream")
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Accel-Buffering"] = "no"  # which is how nginx is told
    return response


# --- while it happens ----------------------------------------------------------------------------


@define(eq=False)
class _Telling:
    """One request while its events are passed on."""

    visit: Visit
    asked: Wanted
    caller: Caller
    happening: Generator[events.Event]
    _behalf: ExitStack = field(factory=ExitStack, init=False)
    _first: list[events.Event] = field(factory=list, init=False)
    _last: Drawn | None = field(default=None, init=False)  # which waits for the usage
    _told: set[int] = field(factory=set, init=False)
    _partials: int = field(default=0, init=False)
    _is_kept: bool = field(init=False)
    _is_over: bool = field(default=False, init=False)

    @_is_kept.default
    def _as_asked(self) -> bool:
        return self.caller.keep

    def begin(self) -> None:
        """Go on until the request is written down and leaves: before, it may be refused, and
        that is an answer like any other.

        Raises:
            ImagekitError: it is.
        """
        self._behalf.enter_context(self.visit.gateway.store.on_behalf(self.visit.id, self.caller))
        try:
            with calling_for(self.caller.key):  # whatever is made begins with the first event
                for event in self.happening:
                    self._first.append(event)
                    if not isinstance(event, events.Split):
                        break
        except BaseException:
            self._behalf.close()
            raise

    def told(self) -> Iterator[bytes]:
        """All of it."""
        visit = self.visit
        try:
            yield f": {visit.id}\n\n".encode()
            for event in itertools.chain(self._first, self.happening):
                yield from self._one(event)
        except (ImagekitError, Refused) as error:
            yield from self._broken(error)
        self._is_over = True
        self._behalf.close()

    def left(self) -> None:
        """Its client is gone, now or long ago. If that was before the end, the request is carried
        there all the same, and its record has what came of it."""
        if not self._is_over:
            self.visit.gateway.under_way.begin(self.visit.id)
            threading.Thread(target=self._carry_on).start()

    def _carry_on(self) -> None:
        """To the end, which the store is told of, and nobody else."""
        try:
            for _ in self.happening:
                pass
        except ImagekitError:
            pass  # it is in the record
        finally:
            self._behalf.close()
            self.visit.gateway.under_way.end(self.visit.id)

    def _one(self, event: events.Event) -> Iterator[bytes]:
        match event:
            case events.Heartbeat():
                yield b": it goes on\n\n"
            case events.Partial(image=image) if self._partials < self.asked.partial_images:
                told = {"partial_image_index": self._partials, **_measured(of_image(image))}
                self._partials += 1
                yield from _event(f"{self.asked.kind}.partial_image", told, image.blob)
            case events.Picture(image=image) if not self._by_link:
                yield from self._came(image)
            case events.PartFinished(result=result) if self._by_link:
                for image in result.images:
                    yield from self._came(image)
            case events.Finished(result=result):
                made = of_result(result, self.asked, id=self.visit.id, kept=self.caller.keep)
                yield from self._end(result, made)

    @property
    def _by_link(self) -> bool:
        """Whether pictures are told of by links, which lead to them once their call is over: then
        they are in the store."""
        return self.asked.format == "url" and self.caller.keep

    def _came(self, image: Image) -> Iterator[bytes]:
        """The one before this, which may be the last: that has what there is to say of all."""
        if not image.is_here or image.index in self._told:
            return
        self._told.add(image.index)
        if self._last is not None:
            yield from self._completed(self._last, _UNCOUNTED)
        drawn = of_image(image)
        self._last = None if drawn.error else drawn

    def _end(self, result: Result, made: Made) -> Iterator[bytes]:
        """The last picture, with what there is to say of all."""
        self._is_kept = made.kept
        for image in result.images:
            yield from self._came(image)
        self.visit.about |= {"host": made.host, "charged": str(made.charged)}
        if not made.pictures or self._last is None:
            raise nothing(made)
        yield from self._completed(self._last, _whole(made))

    def _completed(self, drawn: Drawn, told: dict[str, Any]) -> Iterator[bytes]:
        link = self.visit.link(self.visit.id, drawn.place) if self._is_kept else None
        return _completed(self.asked, drawn, link, told)

    def _broken(self, error: ImagekitError | Refused) -> Iterator[bytes]:
        """What came all the same: pictures that the store does not take are given to the client
        at least. Else the body that a plain answer would have."""
        if isinstance(error, JournalError) and error.result is not None:
            with suppress(Refused):
                yield from self._end(error.result, unkept(error.result, self.asked, self.visit.id))
                return
        refused = error if isinstance(error, Refused) else refusal_of(error, self.visit.id)
        self.visit.about["charged"] = str(refused.charged)
        text = json.dumps({"type": "error", **refused.body(self.visit.id)})
        yield f"event: error\ndata: {text}\n\n".encode()


# --- one event -----------------------------------------------------------------------------------

#: What is said of a picture that others follow: of all together it is said with the last.
_UNCOUNTED = {"usage": usage(Usage(), 0)}


def _whole(made: Made) -> dict[str, Any]:
    about = envelope(made)
    return {name: about[name] for name in ("usage", "metadata", "model")}


def _completed(
    asked: Wanted, drawn: Drawn, link: str | None, told: dict[str, Any]
) -> Iterator[bytes]:
    """A picture, by its link where that is wanted, or all there is of it."""
    about, kind = {**_measured(drawn), **told}, f"{asked.kind}.completed"
    if drawn.blob is None or (asked.format == "url" and link is not None):
        return _event(kind, {**about, "url": link})
    return _event(kind, about, drawn.blob())


def _measured(drawn: Drawn) -> dict[str, Any]:
    kind = (drawn.media_type or "image/png").removeprefix("image/")
    return {"output_format": kind, "size": drawn.size or "auto"}


def _event(kind: str, told: dict[str, Any], blob: Blob | None = None) -> Iterator[bytes]:
    about = {
        "type": kind,
        "created_at": int(time.time()),
        "background": "auto",
        "quality": "auto",
        **told,
    }
    data = (json.dumps(about).encode(),) if blob is None else with_picture(about, blob)
    yield from Body((f"event: {kind}\ndata: ".encode(), *data, b"\n\n")).chunks()
