"""What observers are told while a call runs. Frozen values; one callable gets them all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol, runtime_checkable

from attrs import field

from imagekit.basics.classes import frozen
from imagekit.errors import ImagekitError
from imagekit.values import Cost, Failure, Image, Left, Pending, Purchase, Result, Usage
from imagekit.values.cost import UNSAID

__all__ = [
    "Completed",
    "Event",
    "Failed",
    "Finished",
    "GivenBack",
    "Heartbeat",
    "Journal",
    "Observer",
    "PartFinished",
    "Partial",
    "Picture",
    "PictureFailed",
    "Received",
    "Recovers",
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
        at: when, in Unix seconds.

    Events are equal when the same happened, whenever and to whichever call.
    """

    route: str
    step: str
    call: str = field(default="", kw_only=True, eq=False)
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


@runtime_checkable
class Journal(Protocol):
    """Written at each step of a paid call, by whichever thread carries it out.

    Every method may raise whatever it likes, and the caller hears of it. If ``sending``
    raises, nothing is sent; if a later one does, the call goes on, and ends in a
    `JournalError` that carries its result. None may block for long.
    """

    def sending(self, purchase: Purchase) -> object:
        """The request leaves when this returns. Told once, also when it is sent again because
        it was certainly free."""

    def accepted(self, purchase: Purchase, pending: Pending) -> object:
        """The host has made a job of it; ``pending`` asks for that. Told again when the way to
        ask changes, or what the wire notes with it (`Pending.state`)."""

    def answered(self, purchase: Purchase, result: Result, more: bool) -> object:
        """Pictures have come: as links that are not fetched yet, or in the answer itself. Of a
        streamed answer it is told for each as it comes, with ``more``, for there is more of the
        answer to come, and then of the whole."""

    def kept(self, purchase: Purchase, result: Result) -> object:
        """The pictures have been fetched, and every sink has them: the end of a good call. One
        whose link could not be fetched has its ``error``."""

    def left(self, purchase: Purchase, pending: Pending | None) -> object:
        """Nobody waits for it any more, and it has not come to its end: ``pending`` asks for its
        job. None: what is known of it is all that will be; if that is that it was sent, its
        answer is lost. `Client.begin` and `Client.look` leave each job that they give back."""

    def ended(self, purchase: Purchase, error: ImagekitError) -> object:
        """No picture comes of it; ``error.charged`` says whether it was paid for."""


@runtime_checkable
class Recovers(Protocol):
    """What a journal may be besides: one in which others find what was left open, and that can
    bring it to its end. ``imagekit resume`` asks every journal of a plugin that is."""

    def left_open(self) -> Sequence[Left]:
        """The calls that have not come to their end and that nobody carries out now, oldest
        first. Changes nothing."""

    def recover(self, id: str, client: Any, deadline: float | None = None) -> Result | None:
        """Bring a call to its end, as far as that can be done without buying anything.

        Args:
            id: of one of those calls, or of any other: it may have come to its end here while
                another journal still has it open.
            client: an `imagekit.Client`, one of whose journals this is.
            deadline: seconds after which to give up; None waits as long as `Client.resume` does.

        Returns:
            its pictures, which are kept; None when nobody can be asked what became of it.

        Raises:
            LookupError: this journal knows no such call.
            ImagekitError: why there is no picture, or not yet: then with ``pending``.
        """
