"""What has come of a streamed answer, gathered into one result."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from attrs import field

from imagekit import events
from imagekit.basics.classes import define, evolve
from imagekit.declare.family import is_group
from imagekit.errors import HostError, ImagekitError, PluginError, UnreadableAnswer
from imagekit.plan.call import Call
from imagekit.send.numbering import Numbering
from imagekit.send.reading import body
from imagekit.values import UNNUMBERED, Failure, Image, Response, Result, ServerEvent
from imagekit.wires.answers import no_pictures

__all__ = ["Gathering"]

_MOST_OVERLOOKED = 8  # events that could not be read, whose errors are kept


@define
class Gathering:
    """What has come of a stream so far. Pictures that are here are never given up.

    Attributes:
        overlooked: the errors of the first events that could not be read.
        odd: how many could not.
    """

    call: Call
    images: list[Image] = field(factory=list)
    failures: list[Failure] = field(factory=list)
    completed: events.Completed | None = None
    broken: ImagekitError | None = None
    overlooked: list[ImagekitError] = field(factory=list)
    odd: int = 0
    _numbering: Numbering = field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        self._numbering = Numbering(self.call)

    def meanings(
        self, event: ServerEvent, decode: Callable[[ServerEvent], Iterable[events.Event]]
    ) -> list[events.Event]:
        """What one event means. One that can't be read is passed over: it costs no more than
        itself, and what follows is paid for as well.
        """
        try:
            return [*decode(event)]
        except (HostError, PluginError) as error:
            unreadable = isinstance(error, UnreadableAnswer) and event.defect != "truncated"
            if unreadable:
                self._overlook(error)
            else:
                self.broken = self.broken or error
            return []

    def _overlook(self, error: ImagekitError) -> None:
        """Without its frames, whose locals are the event."""
        self.odd += 1
        if len(self.overlooked) < _MOST_OVERLOOKED:
            self.overlooked.append(error.with_traceback(None))

    def add(self, event: events.Event) -> events.Event:
        """Take what an event means; gives it with its picture numbered."""
        if isinstance(event, events.Picture):
            if len(self.images) == body.MOST_BLOBS:
                raise UnreadableAnswer(f"more than {body.MOST_BLOBS} pictures in one answer")
            index = self._numbering.take(event.image.index)
            event = evolve(event, image=evolve(event.image, index=index))
            self.images.append(event.image)
        elif isinstance(event, events.PictureFailed):
            if len(self.failures) == body.MOST_BLOBS:
                raise UnreadableAnswer(f"more than {body.MOST_BLOBS} failures in one answer")
            index = self._numbering.take(event.failure.index)
            event = evolve(event, failure=evolve(event.failure, index=index))
            self.failures.append(event.failure)
        elif isinstance(event, events.Completed):
            self.completed = event
        return event

    def piece(self, image: Image) -> Result:
        """One picture of the answer, by itself, while the rest is still to come."""
        route, receipt = self.call.route, self.call.receipt
        return Result((image,), model=route.model.name, host=route.host.name, receipt=receipt)

    def result(self, headers: Mapping[str, Any]) -> Result:
        """Everything that came.

        Raises:
            ImagekitError: nothing did.
        """
        call = self.call
        notes = list(call.notes)
        trouble = self.broken or next(iter(self.overlooked), None)
        if trouble and not self.images:
            raise trouble
        if not self.images and self.failures:
            raise no_pictures(call, Response(200, headers), self.failures)
        if not self.images:
            raise UnreadableAnswer(
                f"{call.route.host.name} streamed no picture",
                host=call.route.host.name,
                model=call.route.model.name,
            )
        notes += [f"passed over: {error}" for error in self.overlooked]
        if self.odd > len(self.overlooked):
            notes.append(f"passed over: {self.odd - len(self.overlooked)} more events")
        if self.broken:
            notes.append(f"the stream broke off; what had come is kept: {self.broken}")
        elif self.completed is None:
            notes.append("the stream ended without saying that it was complete")
        if self.completed is None and self._may_lack_some():
            self.failures.append(self._rest())
        tail = self.completed or events.Completed(call.route.name, "generate")
        return Result(
            images=tuple(self.images),
            failures=tuple(self.failures),
            model=call.route.model.name,
            host=call.route.host.name,
            served_model=tail.served_model,
            created=tail.created,
            usage=tail.usage,
            cost=tail.cost,
            request_id=headers.get("x-request-id"),
            receipt=call.receipt,
            notes=tuple(notes),
        )

    def _may_lack_some(self) -> bool:
        """Whether it is a group, of which the model decides how many it has, short of its limit."""
        values = self.call.values
        if not is_group(values):
            return False
        options = values.get("sequential_image_generation_options", {})
        most: float = options.get("max_images", math.inf)
        return len(self.images) + len(self.failures) < most

    def _rest(self) -> Failure:
        """What a group had besides the pictures that came: nobody knows how many, so it is one
        failure after them all. Without it, half a group would pass for the whole of one.
        """
        message = "the stream ended before the group did; whatever more was made is lost"
        trouble = self.broken.trouble if self.broken else None
        return Failure(self._numbering.take(UNNUMBERED), None, message, error=trouble)
