"""Everything that can go wrong, as one tree.

Every error answers two questions by attribute: ``retryable`` (may the same
request be sent again?) and ``charged`` (was it paid for: no, maybe, yes).
imagekit itself sends a request again only when the answers are *yes* and *no*.

::

    ImagekitError
    ├── UsageError                 nothing was sent; mend the call
    │   ├── InvalidRequest         rules broken: .problems lists every one
    │   ├── UnknownModel           no installed plugin knows the name
    │   ├── UnknownHost
    │   ├── NotServed              the model exists, this host does not offer it
    │   └── AmbiguousHost          several hosts could serve it: say which
    ├── LimitReached               nothing was sent: a limit or a budget of your own
    ├── ConfigurationError         nothing was sent; mend the set-up
    │   ├── InvalidConfiguration   a configuration is wrong: .problems lists everything
    │   └── MissingCredential
    ├── PluginError                a plugin is broken; says whose, keeps a paid .response
    ├── HostError                  the host answered, and the answer is no
    │   ├── AuthenticationError    the key is wrong, expired or frozen
    │   ├── PermissionDenied       the key is good but may not do this
    │   ├── BillingError           no balance, or a quota is used up
    │   ├── RateLimited            .retry_after, when the host says
    │   ├── Moderated              refused for its content
    │   ├── RejectedRequest        a parameter the host does not take
    │   ├── ModelUnavailable       the host does not know the model (any more)
    │   ├── HostUnavailable        overloaded, down, or broken
    │   ├── NoPictures             an answer without a picture
    │   └── UnreadableAnswer       not JSON, truncated, or not in its dialect
    ├── TransportError
    │   ├── NotSent                refused, unresolved, TLS: it never got there
    │   └── OutcomeUnknown         sent, and the answer was lost
    ├── DeadlineExceeded           .pending, when there is a job to resume
    ├── DownloadError              the picture exists; fetching it failed
    ├── SinkError                  .result is safe; storing it failed
    ├── JournalError               a journal can't write; .result is safe, when there is one
    └── RecordError                a record can't be put into a file, or read from it
"""

from __future__ import annotations

from typing import ClassVar, Self, TypedDict, Unpack

from imagekit.values import Charged, Pending, Problem, Response, Result, Trouble

__all__ = [
    "AmbiguousHost",
    "AuthenticationError",
    "BillingError",
    "ConfigurationError",
    "DeadlineExceeded",
    "DownloadError",
    "HostError",
    "HostUnavailable",
    "ImagekitError",
    "InvalidConfiguration",
    "InvalidRequest",
    "JournalError",
    "LimitReached",
    "MissingCredential",
    "ModelUnavailable",
    "Moderated",
    "NoPictures",
    "NotSent",
    "NotServed",
    "OutcomeUnknown",
    "PermissionDenied",
    "PluginError",
    "RateLimited",
    "RecordError",
    "RejectedRequest",
    "SinkError",
    "TransportError",
    "UnknownHost",
    "UnknownModel",
    "UnreadableAnswer",
    "UsageError",
]


class Details(TypedDict, total=False):
    """What errors are told beside their message. Each class says which of these it has, and what
    they mean there."""

    retryable: bool
    charged: Charged
    pending: Pending | None
    others: tuple[ImagekitError, ...]
    attempts: int
    problems: tuple[Problem, ...]
    nearest: tuple[str, ...]
    hosts: tuple[str, ...]
    response: Response | None
    host: str | None
    model: str | None
    status: int | None
    code: str | None
    vendor_message: str | None
    request_id: str | None
    retry_after: float | None
    final: bool
    head: bytes
    url: str | None
    result: Result | None
    limit: str


class ImagekitError(Exception):
    """The root. ``str(error)`` is one human sentence without secrets.

    Constructed as ``SomeError("message", name=value, ...)``; the names become
    attributes. Instances can be pickled.
    """

    retryable: bool = False
    charged: Charged = Charged.NO
    #: The job to resume, when one was accepted before things went wrong.
    pending: Pending | None = None
    #: The errors of the other calls, where one request was several, and none made a picture.
    others: tuple[ImagekitError, ...] = ()
    #: How often the request had been sent, each time but the last being told that it was free.
    attempts: int = 1
    #: Attributes an error may be given, so that a misspelt one is a mistake.
    details: ClassVar[tuple[str, ...]] = ("retryable", "charged", "pending", "others", "attempts")

    def __init__(self, message: str, **details: Unpack[Details]) -> None:
        super().__init__(message)
        self.with_details(**details)

    def with_details(self, message: str | None = None, **details: Unpack[Details]) -> Self:
        """This same error, by whoever knows more of it than who raised it: its traceback, cause
        and notes stay, as they do `with_traceback`."""
        unknown = details.keys() - set(self.details)
        if unknown:
            raise TypeError(f"{type(self).__name__} has no attribute {sorted(unknown)}")
        self.__dict__.update(details)
        if message is not None:
            self.args = (message,)
        return self

    @property
    def message(self) -> str:
        return str(self.args[0])

    @property
    def trouble(self) -> Trouble:
        """It as a value, which can be kept and stored."""
        return Trouble(
            type(self).__name__,
            str(self),
            self.charged,
            self.retryable,
            self.pending,
            getattr(self, "status", None),
        )


# --- nothing was sent ------------------------------------------------------


class UsageError(ImagekitError):
    """The call can't be made as it stands; nothing was sent."""


class InvalidRequest(UsageError):
    """The call breaks rules of its model or host. ``problems`` lists them all."""

    details = (*ImagekitError.details, "problems")
    problems: tuple[Problem, ...] = ()


class UnknownModel(UsageError):
    """No installed plugin declares this model. ``nearest`` are names like it."""

    details = (*ImagekitError.details, "nearest")
    nearest: tuple[str, ...] = ()


class UnknownHost(UsageError):
    """No installed plugin declares this host. ``nearest`` are names like it."""

    details = (*ImagekitError.details, "nearest")
    nearest: tuple[str, ...] = ()


class NotServed(UsageError):
    """The model exists, but not at this host. ``hosts`` serve it."""

    details = (*ImagekitError.details, "hosts")
    hosts: tuple[str, ...] = ()


class AmbiguousHost(UsageError):
    """Several hosts could serve the call, and it costs money to guess."""

    details = (*ImagekitError.details, "hosts")
    hosts: tuple[str, ...] = ()


class LimitReached(ImagekitError):
    """A limit of your own has no room for the call, and nothing was sent. ``limit`` is ``rpm``,
    ``at_once`` or ``budget``; or ``rest``, where the next host is asked as this one rests.
    ``retry_after``: seconds until there may be room, if ever.
    """

    details = (*ImagekitError.details, "limit", "retry_after")
    limit: str = ""
    retry_after: float | None = None


class ConfigurationError(ImagekitError):
    """The set-up is wrong; nothing was sent."""


class InvalidConfiguration(ConfigurationError):
    """A configuration makes no sense. ``problems`` lists everything that is wrong with it;
    it is empty when the file could not even be read as TOML."""

    details = (*ImagekitError.details, "problems")
    problems: tuple[Problem, ...] = ()


class MissingCredential(ConfigurationError):
    """No key for this host; the message says exactly how to give one."""


# --- a plugin is broken ------------------------------------------------------


class PluginError(ImagekitError):
    """A plugin is broken. The message names its distribution, or for a hook that broke in
    a call the module and line. ``response`` is the host's answer when it was the reading
    of it that broke: what was paid for is in there.
    """

    details = (*ImagekitError.details, "response")
    response: Response | None = None


# --- the host answered -----------------------------------------------------


class HostError(ImagekitError):
    """The host answered, and the answer is no.

    Attributes: ``host`` and ``model`` (names); ``status`` (HTTP); ``code``,
    ``vendor_message``, ``request_id`` as the vendor gave them, verbatim;
    ``retry_after`` in seconds, when the host said; ``final``: it is how a job ended, and not
    trouble with asking for it, so there is nothing to resume.

    It may have been charged, unless the host's own words say otherwise: see `ErrorRow`.
    """

    details = (
        *ImagekitError.details,
        "host",
        "model",
        "status",
        "code",
        "vendor_message",
        "request_id",
        "retry_after",
        "final",
    )
    charged = Charged.MAYBE
    host: str | None = None
    model: str | None = None
    status: int | None = None
    code: str | None = None
    vendor_message: str | None = None
    request_id: str | None = None
    retry_after: float | None = None
    final: bool = False


class AuthenticationError(HostError):
    """The key is wrong, expired or frozen."""


class PermissionDenied(HostError):
    """The key is good but may not do this."""


class BillingError(HostError):
    """No balance, or a quota is used up. Sending again will not help."""


class RateLimited(HostError):
    """Too many requests. ``retry_after`` is in seconds when the host said."""


class Moderated(HostError):
    """Refused for its content, whatever form the host gives that refusal."""


class RejectedRequest(HostError):
    """The host does not take the request as it stands."""


class ModelUnavailable(HostError):
    """The host does not know the model, or no longer, or not with this key."""


class HostUnavailable(HostError):
    """Overloaded, down, or broken on the host's side."""


class NoPictures(HostError):
    """A well-formed answer without a single picture."""


class UnreadableAnswer(HostError):
    """Not JSON, truncated, or not in the host's dialect. ``head`` is its start."""

    details = (*HostError.details, "head")
    head: bytes = b""


# --- the network -----------------------------------------------------------


class TransportError(ImagekitError):
    """The conversation itself failed. ``url`` carries no query string."""

    details = (*ImagekitError.details, "url")
    url: str | None = None


class NotSent(TransportError):
    """The request certainly did not reach the host, or not whole: nothing was charged."""

    retryable = True


class OutcomeUnknown(TransportError):
    """The request was sent and its answer lost. It may have been charged.

    imagekit never sends it again on its own.
    """

    charged = Charged.MAYBE


class DeadlineExceeded(ImagekitError):
    """The caller's deadline passed. ``pending`` can be resumed, when there is one."""

    charged = Charged.MAYBE


# --- after the picture was made --------------------------------------------


class DownloadError(ImagekitError):
    """The picture was made (and paid for); fetching it failed. ``status`` is what the link
    answered, if anything."""

    details = (*ImagekitError.details, "url", "status")
    charged = Charged.YES
    url: str | None = None
    status: int | None = None


class SinkError(ImagekitError):
    """A sink failed. The pictures are safe in ``result``."""

    details = (*ImagekitError.details, "result")
    charged = Charged.YES
    result: Result | None = None


class JournalError(ImagekitError):
    """A journal could not be written. When ``charged`` is no, nothing was sent, for that
    reason; else the call went on all the same, and its pictures are safe in ``result``.
    """

    details = (*ImagekitError.details, "result")
    charged = Charged.YES
    result: Result | None = None


class RecordError(ImagekitError):
    """A record of provenance can't be put into a picture's file, or not be read from it."""
