"""What the exit codes mean. They are part of the interface; scripts rely on them."""

from __future__ import annotations

from imagekit import errors

__all__ = ["BROKEN_PIPE", "INTERRUPTED", "MEANINGS", "PARTIAL", "code_of"]

OK, INTERNAL, USAGE, CONFIGURATION, REFUSED, MODERATED, NETWORK, UNKNOWN, PARTIAL = range(9)
NO_RECORD = 9
INTERRUPTED = 130
BROKEN_PIPE = 141

MEANINGS = {
    OK: "everything that was asked for",
    INTERNAL: "a bug in imagekit or a plugin",
    USAGE: "the request or the command is wrong; nothing was sent",
    CONFIGURATION: "a key or another piece of set-up is missing or wrong; nothing was sent",
    REFUSED: "the host answered no, or nothing usable",
    MODERATED: "the host refused the content",
    NETWORK: "the host could not be reached, or not in time; nothing was charged",
    UNKNOWN: "the answer was lost or the deadline passed; it may have been charged",
    PARTIAL: "some pictures are here, others failed or could not be saved",
    NO_RECORD: "the file carries no record, or none that can be read",
    INTERRUPTED: "Ctrl-C",
    BROKEN_PIPE: "nobody reads the output any more",
}

_CODES: tuple[tuple[type[errors.ImagekitError], int], ...] = (
    (errors.PluginError, INTERNAL),
    (errors.UsageError, USAGE),
    (errors.ConfigurationError, CONFIGURATION),
    (errors.Moderated, MODERATED),
    (errors.HostError, REFUSED),
    (errors.OutcomeUnknown, UNKNOWN),
    (errors.DeadlineExceeded, UNKNOWN),
    (errors.TransportError, NETWORK),
    (errors.DownloadError, PARTIAL),
    (errors.SinkError, PARTIAL),
    (errors.RecordError, NO_RECORD),
)


def code_of(error: errors.ImagekitError) -> int:
    """The exit code an error ends the program with."""
    if isinstance(error, errors.DeadlineExceeded) and error.charged is errors.Charged.NO:
        return NETWORK
    return next((code for kind, code in _CODES if isinstance(error, kind)), INTERNAL)
