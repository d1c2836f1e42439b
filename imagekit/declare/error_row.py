"""What a refusal of a host means: a row of its error table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import Factory, field

from imagekit.basics.classes import frozen
from imagekit.declare.http_errors import is_status
from imagekit.errors import HostError
from imagekit.values import Charged

if TYPE_CHECKING:
    from imagekit.declare.fact import Fact

__all__ = ["ErrorRow"]


def _unsaid(row: ErrorRow) -> Charged:
    """What a row says of money that says nothing."""
    if row.retryable is True:
        error = getattr(row.error, "__name__", row.error)
        raise ValueError(
            f"an ErrorRow of {error} that is retryable says what was charged: "
            "charged=Charged.NO where the host says that nothing was done, and it is sent again; "
            "charged=Charged.MAYBE where it does not, and that is left to the caller"
        )
    return Charged.MAYBE


@frozen
class ErrorRow:
    """One row of a host's error table. Empty columns match anything; first match wins.

    ``retryable`` and ``charged`` are what this host documents for the case. imagekit
    sends a request again only when they are True and NO; who says that it may be sent again
    says with it whether the first one is paid for. A status alone proves neither: a
    proxy's 503 looks the same, and may come after the picture was made. So both need a
    ``code`` or a ``text`` of the host's own. ``hint`` is for people: what to do about it, where
    the host's own words don't say.

    Raises:
        ValueError: it claims one of them by a status alone; or that it may be sent again, and
            not what was charged, or that it was.
        TypeError: a column has what can't stand there.
    """

    error: type[HostError]
    status: int | None = None
    code: str | None = None
    text: str | None = None
    retryable: bool = False
    charged: Charged = field(default=Factory(_unsaid, takes_self=True))
    fact: Fact | None = None
    hint: str = ""

    def __attrs_post_init__(self) -> None:
        self._check_kinds()
        by_host = (self.text or "").strip() or (self.code and not is_status(self.code))
        if (self.retryable or self.charged is Charged.NO) and not by_host:
            raise ValueError(
                f"an ErrorRow of {self.error.__name__} says by a status alone that a request "
                "is not charged or may be sent again; name the code or the text of the host's "
                "own answer that says so, or leave retryable and charged out"
            )
        if self.retryable and self.charged is Charged.YES:
            raise ValueError(
                f"an ErrorRow of {self.error.__name__} says that a request that was charged may "
                "be sent again, which would buy twice; leave retryable out"
            )

    def _check_kinds(self) -> None:
        """What is wrong here would otherwise come to light when the host refuses something."""
        if not (isinstance(self.error, type) and issubclass(self.error, HostError)):
            raise TypeError(
                f"an ErrorRow is of a HostError such as RateLimited, not {self.error!r}"
            )
        if self.status is not None and type(self.status) is not int:
            raise TypeError(f"the status of an ErrorRow is a number such as 429: {self.status!r}")
        if self.status is not None and not 100 <= self.status <= 599:
            raise ValueError(
                f"{self.status} is no status of HTTP; of a code of the host's own: "
                f'code="{self.status}"'
            )
        if type(self.retryable) is not bool:
            raise TypeError(f"retryable of an ErrorRow is True or False, not {self.retryable!r}")
        for name, value in (("code", self.code), ("text", self.text)):
            if value is not None and not isinstance(value, str):
                raise TypeError(f"the {name} of an ErrorRow is text, also of a number: {value!r}")
        if not isinstance(self.charged, Charged):
            raise TypeError(f"charged is Charged.NO, MAYBE or YES, not {self.charged!r}")

    def matches(self, status: int, codes: tuple[str, ...], message: str) -> bool:
        """``codes`` are all the vendor words of one refusal: its code, its type.

        A row's code matches that code and its sub-codes (``A`` also ``A.b``); its text
        matches anywhere in the message, whatever the case.
        """
        if self.status is not None and self.status != status:
            return False
        if self.text is not None and self.text.lower() not in message.lower():
            return False
        return self.code is None or any(
            code == self.code or code.startswith(self.code + ".") for code in codes
        )
