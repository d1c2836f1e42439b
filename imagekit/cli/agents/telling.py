"""Results and errors as a language model is told of them: short, without pictures, and with what is
to be done next."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from imagekit.basics.classes import frozen
from imagekit.errors import ImagekitError, LimitReached, SinkError
from imagekit.values import Charged, Failure, Image, Result

__all__ = ["Made", "next_step", "plain", "refusal", "said"]

#: What this process has noted, and goes on or is here, is brought by a command.
RESUMED = "`imagekit resume` brings its user what has come of it."
#: Of what has ended nobody here hears any more.
ENDED = "Nothing more of it comes here: what has come of it, the host's own records and bill say."
_ADDRESS = re.compile(r"https?://[^\s'\"),;]+")
#: Hosts' own words may be of any length, and models pay for what they read.
LONGEST = 2000
#: Controls and formats (escapes, bidirectional marks), surrogates, and what has no meaning.
_UNSHOWN = {"Cc", "Cf", "Cs", "Co", "Cn"}


@frozen
class Made:
    """Pictures that are saved. ``str(made)`` is what a model is told.

    Attributes:
        saved: by where they are.
        trouble: why others are not, though they may be paid for.
        sandbox: nobody has paid, and nothing was made but a drawing.
    """

    result: Result
    saved: Mapping[Path, Image]
    trouble: ImagekitError | None = None
    sandbox: bool = False

    @property
    def paths(self) -> tuple[Path, ...]:
        """Of the pictures that are saved."""
        return tuple(self.saved)

    def __str__(self) -> str:
        result = self.result
        lines = [
            *(_picture(path, image) for path, image in self.saved.items()),
            *map(_not_made, result.failures),
            f"Made by {result.model} at {result.host}. Cost: {result.cost}.",
            *(["The sandbox drew it: a stand-in, and no picture of a model."] * self.sandbox),
            *(f"Note: {said(note)}" for note in result.notes),
            *([refusal(self.trouble)] if self.trouble else []),
        ]
        return plain("\n".join(lines))


def _picture(path: Path, image: Image) -> str:
    size = "{}x{}".format(*image.pixels) if image.pixels else "of unknown size"
    return f"Saved {path} ({size}, {image.media_type})"


def _not_made(failure: Failure) -> str:
    return f"Picture {failure.index + 1} was not made: {said(failure.message)}"


def refusal(error: ImagekitError) -> str:
    """What is wrong, whether it was paid for, and what to do next."""
    whereabouts = RESUMED if _stays_open(error) else ENDED
    return plain(f"{said(error)}\nCharged: {error.charged}. {next_step(error, whereabouts)}")


def _stays_open(error: ImagekitError) -> bool:
    """Whether a journal keeps one of the calls for whoever goes on with it: its job is not done, or
    its pictures are here and could not be saved."""
    every = (error, *error.others)
    return any(one.pending is not None or isinstance(one, SinkError) for one in every)


def said(words: ImagekitError | str) -> str:
    """An error, or what a host says, without where hosts are: that is no model's to know."""
    told = _ADDRESS.sub("the host", str(words))
    server = urlsplit(getattr(words, "url", None) or "").hostname  # as certificates are told of
    return told.replace(server, "the host") if server else told


def next_step(error: ImagekitError, whereabouts: str) -> str:
    """What a model is to do about an error.

    Args:
        whereabouts: a sentence on where its user finds what has come of it, if it is paid for.
    """
    if error.pending is not None:
        return f"Its job goes on: never repeat the call. {whereabouts}"
    if error.charged is Charged.MAYBE:
        return f"Never repeat the call, which may be paid for twice; tell the user. {whereabouts}"
    if error.charged is Charged.YES:
        return f"It is paid for: don't repeat the call. {whereabouts}"
    if getattr(error, "limit", "") == "budget":
        return "Don't repeat the call: the user decides about the budget."
    after = getattr(error, "retry_after", None)
    if error.retryable or (isinstance(error, LimitReached) and after):
        when = f" after {after:.0f} seconds" if after else ""
        return f"The same call may be repeated once{when}."
    return "The same call would fail again: change what is wrong, or tell the user."


def plain(text: str) -> str:
    """The same without whatever would steer a terminal, in a length that can be read."""
    short = text if len(text) <= LONGEST else f"{text[:LONGEST]}..."
    return "".join(one if _is_shown(one) else "\N{REPLACEMENT CHARACTER}" for one in short)


def _is_shown(character: str) -> bool:
    return character in "\n\t" or unicodedata.category(character) not in _UNSHOWN
