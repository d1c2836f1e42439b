"""What went wrong, as a value: for what is kept, sent elsewhere and stored."""

from __future__ import annotations

from attrs import field

from imagekit.basics.classes import frozen
from imagekit.values.charged import Charged
from imagekit.values.pending import Pending

__all__ = ["Trouble"]


@frozen
class Trouble:
    """What an error said, without the error: that would keep the frames of its thread alive,
    and is not JSON. ``str`` of it is the message.

    Attributes:
        type: the name of the error's class in `imagekit.errors`.
        message: one human sentence without secrets.
        charged, retryable: as of the error.
        pending: the job to resume, when one was accepted before things went wrong.
        status: what was answered, as HTTP has it, if anything.
    """

    type: str
    message: str
    charged: Charged = Charged.NO
    retryable: bool = False
    pending: Pending | None = field(default=None, repr=False)
    status: int | None = None

    def __str__(self) -> str:
        return self.message
