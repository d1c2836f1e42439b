"""HTTP messages, before and after the socket."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from attrs import field

from imagekit.basics.classes import frozen
from imagekit.basics.urls import bare_url
from imagekit.values.body import Body

__all__ = ["Headers", "Reply", "Request", "Response", "ServerEvent", "Stream"]


def _as_body(body: bytes | Body | None) -> Body | None:
    if body is None or isinstance(body, Body):
        return body
    return Body((body,))


@frozen
class Request:
    """One HTTP request as a wire shapes it: complete, but not signed.

    Attributes:
        method, url, headers: as sent. The repr names headers only, since a signed request
            carries a secret in one, and leaves out the query, which may be a signature.
        body: as sent, given as `Body` or bytes; None for a GET. Its length needs no header.
        step: ``generate``, ``poll``, ``download``, ``models`` or ``records``: for logs, events
            and wrappers.
        repeatable: True when sending it twice costs and changes nothing.
        timeout: seconds the engine still has, set when it is sent; None is no limit.
        signed_query: the secrets that sign it, set when it is sent, for hosts that want them in
            the query: the transport adds them to the address, so they show in no ``url``.
        lookup: asks for the job that this one makes, by a name that the caller gave it; it is
            sent when the answer is lost. None where there is no such way.
    """

    method: str
    url: str = field(repr=lambda url: repr(bare_url(url)))
    headers: Mapping[str, str] = field(factory=dict, repr=lambda headers: repr([*headers]))
    body: Body | None = field(default=None, converter=_as_body, repr=False)
    step: str = "generate"
    repeatable: bool = False
    timeout: float | None = None
    signed_query: Mapping[str, str] = field(factory=dict, repr=False)
    lookup: Request | None = None


class Headers(dict[str, str]):
    """Those of an answer: their names are in lower case, and found in any."""

    def __init__(self, headers: Iterable[tuple[str, str]] = ()) -> None:
        """Those that stand there twice become one, joined by a comma (RFC 9110, 5.3)."""
        super().__init__()
        for name, value in headers:
            low = name.lower()
            self[low] = f"{self[low]}, {value}" if low in self else value

    def __getitem__(self, name: str) -> str:
        return super().__getitem__(name.lower())

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and super().__contains__(name.lower())

    def get(self, name: str, default: Any = None) -> Any:
        return super().get(name.lower(), default)


class Stream(Protocol):
    """A reply's body while it arrives."""

    def read1(self, amount: int, /) -> bytes: ...

    def close(self) -> None: ...


@frozen(eq=False)
class Reply:
    """What a transport returns: status and headers are here, the body still flows.

    ``headers`` is a case-insensitive mapping. ``status`` is the HTTP status.
    """

    status: int
    headers: Mapping[str, str]
    stream: Stream

    @property
    def streamed(self) -> bool:
        """Whether the body is a run of server-sent events."""
        return self.headers.get("content-type", "").lower().startswith("text/event-stream")


@frozen(eq=False)
class Response:
    """A reply read to its end, as wires see it.

    Attributes:
        status, headers: as received.
        document: the JSON body, with every declared blob field decoded to a `Blob`;
            None when ``defect`` says why there is none.
        head: the first 64 KiB of the raw body when it was not JSON.
        defect: ``empty``, ``not JSON``, ``truncated`` or ``bad base64``; else None.
        request: what it answers, not signed; None where a test made the response.
        salvaged: of a body that broke off, the document of what is whole of it, if anything;
            core has it decoded as if it was the answer, and adds a failure to the result.
        notes: what was made of a text that was not quite as it has to be.
    """

    status: int
    headers: Mapping[str, str]
    document: Any = None
    head: bytes = field(default=b"", repr=False)
    defect: str | None = None
    request: Request | None = field(default=None, repr=False)
    salvaged: Any = field(default=None, repr=False)
    notes: tuple[str, ...] = ()


@frozen(eq=False)
class ServerEvent:
    """One event of a streamed reply. ``name`` is its ``event`` field; ``document`` and
    ``defect`` are as on `Response`.
    """

    name: str
    document: Any = None
    defect: str | None = None
