"""Calls whose caller was cancelled while they were under way: what became of them, said aloud."""

from __future__ import annotations

import logging

from imagekit.basics.classes import frozen
from imagekit.errors import ImagekitError
from imagekit.values import Charged, Receipt, Result

__all__ = ["Abandoned", "log_end"]

log = logging.getLogger("imagekit")


@frozen(eq=False)
class Abandoned:
    """What became of a call whose caller was cancelled when it was already under way.

    Attributes:
        model: as it was asked for.
        result: what it gave, when it finished; sinks have got it, too.
        error: why it did not. ``charged`` says whether it was paid for, as far as anybody
            knows; ``pending`` is the job to resume, when one was accepted.
    """

    model: str
    result: Result | None = None
    error: BaseException | None = None


def log_end(abandoned: Abandoned) -> None:
    result, error = abandoned.result, abandoned.error
    if result is not None:
        log.warning(
            "the cancelled call of %s:%s has finished: %d made, %d failed; request id %s; %s",
            *(result.host, result.model, len(result.images), len(result.failures)),
            *(result.request_id, _told(result.receipt)),
        )
        return
    charged = error.charged if isinstance(error, ImagekitError) else Charged.MAYBE
    level = logging.INFO if charged is Charged.NO else logging.WARNING
    log.log(
        level,
        "the cancelled call of %s has failed; charged: %s; %s: %s",
        *(abandoned.model, charged, type(error).__name__, error),
    )


def _told(receipt: Receipt) -> str:
    """The receipt without the values, which are nobody's business in a log."""
    lines = ", ".join(f"{line.parameter} {line.action}" for line in receipt.lines)
    return f"receipt: {lines}"
