"""What observers are told while a call runs. Frozen values; one callable gets them all."""

from __future__ import annotations

from collections.abc import Callable

from attrs import field

from imagekit.basics.classes import frozen
from imagekit.errors import ImagekitError
from imagekit.values import Cost, Failure, Image, Pending, Result, Usage
from imagekit.values.cost import UNSAID

__all__ = [
    "Completed",
    "Event",
    "Failed",
    "FailedOver",
    "Finished",
    "GivenBack",
    "Heartbeat",
    "Observer",
    "PartFinished",
    "Partial",
    "Picture",
    "PictureFailed",
    "Queued",
    "Received",
    "Retrying",
    "Sending",
    "Split",
    "Waiting",
]


@frozen
class Event:
    """Something happened to a call.

    Attributes:
        route: ``host:model``.
        step: ``generate``, ``poll``, ``download``, ``models`` or ``records``.
        call: the id of the paid call, as on `imagekit.Call`. Of what befalls a request that
            is several calls it is the request's, which theirs begin with.
        alias: the name of the configuration by which it was asked for; empty where it was none,
            and of a job that is gone on with.
        at: when, in Unix seconds.

    Events are equal when the same happened, whenever and to whichever call.
    """

    route: str
    step: str
    call: str = field(default="", kw_only=True, eq=False)
    alias: str = field(default="", kw_only=True, eq=False)
    at: float = field(default=0.0, kw_only=True, eq=False)


@frozen
class Split(Event):
    """The request takes several paid calls, whose ids are ``calls``. None is sent yet."""

    calls: tuple[str, ...]


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
class Queued(Event):
    """The call waits for its turn, since ``limit`` of its host's own settings is reached: ``rpm``
    or ``at_once``. None of it is sent yet."""

    limit: str
    why: str


@frozen
class FailedOver(Event):
    """The call failed, was certainly free, and goes on at another host, ``to``: ``host:model``."""

    to: str
    error: ImagekitError


@frozen
class Waiting(Event):
    """The job is not done; it will be asked for again."""

    pending: Pending


@frozen
class Picture(Event):
    """A picture is here, its link fetched (but not with ``fetch=False``). It comes before the
    call is done where the host streams, or makes several.
    """

    image: Image


@frozen
class Partial(Event):
    """A picture that is not finished, to be looked at while one waits. No sink gets it."""

    image: Image


@frozen
class PictureFailed(Event):
    """A picture of several will not come, or its link could not be fetched."""

    failure: Failure


@frozen
class Completed(Event):
    """A streamed reply says it is whole, what the host counted, and what it says it cost."""

    usage: Usage | None = None
    served_model: str | None = None
    created: int | None = None
    cost: Cost = UNSAID


@frozen
class PartFinished(Event):
    """One call of several has its result: its links are fetched, every sink has it. `Failed` is
    told of one that has none; `Finished` or `Failed` of the request follows the last."""

    result: Result


@frozen
class GivenBack(Event):
    """The call is a job that is not done, and whoever asked has it: `Client.begin` and
    `Client.look` end so. It is gone on with by ``pending``, perhaps in another process."""

    pending: Pending


@frozen
class Finished(Event):
    """The call has its result."""

    result: Result


@frozen
class Failed(Event):
    """The call ends with ``error``: the request, or one call of several that it became."""

    error: BaseException


@frozen
class Heartbeat(Event):
    """Nothing has happened for a while, and the call goes on. Of streams that ask for it."""


Observer = Callable[[Event], object]
