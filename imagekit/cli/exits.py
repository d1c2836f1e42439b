"""What the exit codes mean. They are part of the interface; scripts rely on them."""

from __future__ import annotations

from imagekit import Charged, errors
from imagekit.cli.signals import number_of

__all__ = ["BROKEN_PIPE", "INTERRUPTED", "LOST", "MEANINGS", "PARTIAL", "code_of", "interrupted"]

OK, INTERNAL, USAGE, CONFIGURATION, REFUSED, MODERATED, NETWORK, UNKNOWN, PARTIAL = range(9)
NO_RECORD, LOST, LIMITED = 9, 10, 11
HUNG_UP, INTERRUPTED, BROKEN_PIPE, TERMINATED = 129, 130, 141, 143  # 128 and the signal

MEANINGS = {
    OK: "everything that was asked for",
    INTERNAL: "a bug in imagekit or a plugin",
    USAGE: "the request or the command is wrong; nothing was sent",
    CONFIGURATION: "a key or another piece of set-up is missing or wrong; nothing was charged",
    REFUSED: "the host answered no, or nothing usable; nothing was charged",
    MODERATED: "the host refused the content, which may have been charged",
    NETWORK: "the host could not be reached, or not in time; nothing was charged",
    UNKNOWN: "no picture is here, and it may have been charged",
    PARTIAL: "some pictures are here, others failed or could not be saved",
    NO_RECORD: "the file carries no record, or none that can be read",
    LOST: "no picture is here, though it was charged",
    LIMITED: "a limit or a budget of your own has no room for it; nothing was sent",
    HUNG_UP: "the terminal was closed (SIGHUP)",
    INTERRUPTED: "Ctrl-C",
    BROKEN_PIPE: "nobody reads the output any more",
    TERMINATED: "told to end (SIGTERM)",
}

#: What these end with, whatever they cost: they say it themselves.
_FIRST: tuple[tuple[type[errors.ImagekitError], int], ...] = (
    (errors.UsageError, USAGE),
    (errors.ConfigurationError, CONFIGURATION),
    (errors.Moderated, MODERATED),
)

#: What the others end with when they cost nothing.
_FREE: tuple[tuple[type[errors.ImagekitError], int], ...] = (
    (errors.AuthenticationError, CONFIGURATION),
    (errors.JournalError, CONFIGURATION),
    (errors.LimitReached, LIMITED),
    (errors.HostError, REFUSED),
    (errors.TransportError, NETWORK),
    (errors.DeadlineExceeded, NETWORK),
    (errors.RecordError, NO_RECORD),
)


def code_of(error: errors.ImagekitError) -> int:
    """The exit code an error ends the program with: what it cost counts more than what it
    was, and the dearest of several calls more than the others."""
    charged = {one.charged for one in (error, *error.others)}
    for kind, code in _FIRST:
        if isinstance(error, kind):
            return code
    if Charged.YES in charged:
        return LOST
    if Charged.MAYBE in charged:
        return UNKNOWN
    return next((code for kind, code in _FREE if isinstance(error, kind)), INTERNAL)


def interrupted(stop: BaseException | None) -> int:
    """The exit code of what a signal ended."""
    return INTERRUPTED if stop is None else 128 + number_of(stop)
