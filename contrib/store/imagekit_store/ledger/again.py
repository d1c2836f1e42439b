"""A call that is sent once more, here or elsewhere."""

from __future__ import annotations

from attrs import frozen

from imagekit import Charged, ImagekitError, may_fail_over

__all__ = ["Again"]


@frozen
class Again:
    """What becomes of a call that is sent again when it was certainly free.

    Attributes:
        wait: seconds until it is sent to the same host, where that may help.
        elsewhere: the host that is asked next where an alias says so, and what it calls the model.
    """

    wait: float
    elsewhere: tuple[str, str] | None = None

    def after(self, error: ImagekitError) -> tuple[float, tuple[str, str] | None] | None:
        """In how many seconds it is sent again, and to which other host; None: never."""
        if self.elsewhere is not None and may_fail_over(error):
            return 0.0, self.elsewhere
        is_free = error.charged is Charged.NO and error.retryable
        return (self.wait, None) if is_free else None
