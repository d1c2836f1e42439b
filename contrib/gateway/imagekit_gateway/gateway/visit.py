"""One request to the gateway while it is answered."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from attrs import define, field
from imagekit_store import Key
from werkzeug.wrappers import Request, Response

from imagekit_gateway.gateway.forwarded import scheme_of
from imagekit_gateway.gateway.gateway import Gateway
from imagekit_gateway.refusals import Refused
from imagekit_gateway.rights.rights import Rights

if TYPE_CHECKING:
    from opentelemetry.trace import Span

__all__ = ["Visit", "as_json"]


@define(eq=False)
class Visit:
    """
    Attributes:
        id: of this request; a record that comes of it has it, too.
        key: whose it is, and what that may do; set once it is known.
        caller: for whom it holds a thread, see `Shares`: the name of the key, and of whoever comes
            with a link nothing.
        sent: whether a host may have been asked, so that it may have cost something.
        about: what the audit log says of it.
        span: of OpenTelemetry, where there are any.
    """

    gateway: Gateway
    request: Request
    id: str
    key: Key | None = None
    rights: Rights = field(factory=Rights)
    caller: str | None = None
    sent: bool = False
    about: dict[str, Any] = field(factory=dict)
    span: Span | None = None

    @property
    def owner(self) -> str:
        """The name of the key, by which its records are kept."""
        assert self.key is not None
        return self.key.name

    @property
    def base(self) -> str:
        """Where the client reaches this gateway: some fetch links from there alone."""
        settings, request = self.gateway.settings, self.request
        host = request.host or settings.listen
        scheme = scheme_of(request, settings.proxies)
        return settings.public_url or f"{scheme}://{host}{request.script_root}"

    def record(self, id: str) -> str:
        """Where it finds a record, on the server that it has asked."""
        return f"{urlsplit(self.base).path}/v1/images/{id}"

    def link(self, id: str, place: int) -> str:
        """Where it gets a picture."""
        return self.base + self.gateway.links.path(id, place)

    def word(self, name: str, default: str, *known: str) -> str:
        """One of the words that a field of the query may have.

        Raises:
            Refused: it has another.
        """
        given = self.request.args.get(name, default)
        if given not in known:
            why = f"{name} is {' or '.join(known)}, not {given!r:.40}"
            raise Refused(400, "invalid_value", why)
        return given

    def number(self, name: str, default: int, least: int, most: int) -> int:
        """A number of the query.

        Raises:
            Refused: it is none, or not within these.
        """
        given = self.request.args.get(name)
        if given is None:
            return default
        digits = given.isascii() and given.isdigit() and len(given) < 10
        if not digits or not least <= int(given) <= most:
            why = f"{name} is a number from {least} to {most}, not {given!r:.40}"
            raise Refused(400, "invalid_value", why)
        return int(given)


def as_json(document: Any, status: int = 200, **headers: str) -> Response:
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(json.dumps(document), status, told, mimetype="application/json")
