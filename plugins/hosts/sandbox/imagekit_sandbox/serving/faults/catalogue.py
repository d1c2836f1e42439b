"""The failures that can be asked for, as data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from attrs import frozen

__all__ = ["CATALOGUE", "WHICH", "Kind", "Number", "meant"]


@frozen
class Number:
    """What a number after the colon means, and what it may be."""

    what: str
    least: int
    most: int
    whole: bool = True

    def read(self, name: str, text: str) -> float:
        """The number that stands after ``name``.

        Raises:
            ValueError: it is none, or none that would do.
        """
        try:
            number = float(text)
        except ValueError:
            number = float("nan")
        if not self.least <= number <= self.most or (self.whole and number % 1):
            limits = f"from {self.least} to {self.most}"
            raise ValueError(f"{name} takes {self.what} {limits}, not {text!r}")
        return number


SECONDS = Number("seconds", 0, 600, whole=False)
STATUS = Number("status", 200, 599)
MOVED = Number("status", 300, 308)
WHICH = Number("which picture", 1, 15)
TIMES = Number("times", 1, 100)


@frozen
class Kind:
    """One failure that can be asked for.

    Attributes:
        doc: what happens then.
        takes: what may stand after the colon, if anything.
        usual: the number when none is given; None: the failure goes without one.
        making: it acts on the pictures, so only where pictures are made.
        only: it acts only on pictures given as ``url`` or as ``b64_json``.
    """

    doc: str
    takes: Number | None = None
    usual: float | None = None
    making: bool = False
    only: str = ""


CATALOGUE: Mapping[str, Kind] = {
    "401": Kind("refused: the key is wrong"),
    "402": Kind("refused: no balance"),
    "403": Kind("refused: not with this key"),
    "404": Kind("refused: no such model"),
    "429": Kind("refused: too many requests, with Retry-After", SECONDS, 1),
    "500": Kind("refused: broken inside"),
    "502": Kind("refused: the upstream's own upstream is away"),
    "503": Kind("refused: overloaded; Retry-After when a number is given", SECONDS),
    "504": Kind("refused: the upstream's own upstream took too long"),
    "html": Kind("an HTML page instead of JSON; not billed", STATUS, 502),
    "redirect": Kind("a redirect to a stranger; not billed", MOVED, 302),
    "error-200": Kind("HTTP 200 with an error inside; not billed"),
    "moderated": Kind("refused for its content; not billed", making=True),
    "moderated-item": Kind("this picture of the group is refused", WHICH, 1, making=True),
    "smaller": Kind("pictures of half the sides, called what was asked", making=True),
    "wrong-type": Kind("a PNG that is called JPEG, or the reverse", making=True),
    "not-a-picture": Kind("an HTML page where the picture should be", making=True),
    "truncated-base64": Kind("this picture's base64 stops short", WHICH, 1, True, "b64_json"),
    "expired": Kind("links that have expired already", making=True, only="url"),
    "broken-link": Kind("the first fetch of each link breaks off", making=True, only="url"),
    "new-link": Kind("each link answers 404 at first, so often", TIMES, 2, True, "url"),
    "job-fails": Kind("accepted, but the job ends without a picture; not billed", making=True),
    "truncated": Kind("billed, then the connection breaks in the middle of the answer"),
    "lost": Kind("billed, then no answer; with a number, that status from a gateway", STATUS),
    "drip": Kind("the answer comes in sixteen pieces, so far apart", SECONDS, 0.1),
    "drip-head": Kind("the status and each header come so far apart", SECONDS, 0.1),
    "delay": Kind("silence before the answer", SECONDS, 1),
}


def meant(name: str, known: Iterable[str]) -> str:
    """A hint for a name that is none of the known ones."""
    near = get_close_matches(name, known, n=1)
    return f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}"
