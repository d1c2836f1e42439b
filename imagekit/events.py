"""What observers are told while a call runs. Frozen values; one callable gets them all."""

from __future__ import annotations

from collections.abc import Callable

from attrs import frozen

from imagekit.errors import ImagekitError
from imagekit.values import Failure, Image, Pending, Result, Usage

__all__ = [
    "Completed",
    "Event",
    "Failed",
    "Finished",
    "Observer",
    "Picture",
    "PictureFailed",
    "Received",
    "Retrying",
    "Sending",
    "Waiting",
]


@frozen
class Event:
    """``route`` is ``host:model``; ``step`` is generate, poll or download."""

    route: str
    step: str


@frozen
class Sending(Event):
    """A request leaves now. ``url`` carries no query string."""

    method: str
    url: str


@frozen
class Received(Event):
    """Status and headers are here; the body follows."""

    status: int
    seconds: float


@frozen
class Retrying(Event):
    """The same request will be sent again in ``wait`` seconds, because of ``error``."""

    wait: float
    error: ImagekitError


@frozen
class Waiting(Event):
    """The job is not done; it will be asked for again."""

    pending: Pending


@frozen
class Picture(Event):
    """A picture is here. Of a streamed reply it comes before the call is done."""

    image: Image


@frozen
class PictureFailed(Event):
    """A picture of several will not come."""

    failure: Failure


@frozen
class Completed(Event):
    """A streamed reply says it is whole, and what the host counted."""

    usage: Usage | None = None
    served_model: str | None = None
    created: int | None = None


@frozen
class Finished(Event):
    """The call has its result."""

    result: Result


@frozen
class Failed(Event):
    """The call ends with ``error``."""

    error: BaseException


Observer = Callable[[Event], object]
