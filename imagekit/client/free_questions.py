"""Free questions to a host that are about no picture: what models it has, what it keeps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from imagekit.basics.classes import frozen
from imagekit.errors import UnreadableAnswer
from imagekit.plan.call import Call, spell_call
from imagekit.plan.routes.route import Route
from imagekit.send.exchange import Exchange
from imagekit.values import Request, Response
from imagekit.wires.answers import document_of, strange

__all__ = ["SECONDS", "Inquiry"]

#: How long an answer is waited for.
SECONDS = 60.0


@frozen(eq=False)
class Inquiry:
    """A host that can be asked. Its key goes to its own address, as that of a call does.

    Attributes:
        exchange: how requests leave and answers come in.
        route: to the host, and to none of its models.
        step: what the questions are about, for logs and events.
    """

    exchange: Exchange
    route: Route
    step: str

    def ask(
        self, path: str, query: Mapping[str, Any] | None = None, method: str = "GET"
    ) -> Response:
        """The answer to a request below the host's base URL.

        Raises:
            MissingCredential: there is no key for it.
            HostError: it was refused.
            TransportError, DeadlineExceeded: it could not be asked, or not in time.
        """
        asked = {name: value for name, value in (query or {}).items() if value is not None}
        url = self.route.base_url + path + (f"?{urlencode(asked)}" if asked else "")
        free = method == "GET"  # what was deleted can't be deleted again
        request = Request(method, url, {"Accept": "application/json"}, None, self.step, free)
        return self.exchange.inquire(self.call, request, self.exchange.deadline(SECONDS))

    def document(self, response: Response) -> Mapping[str, Any]:
        """The JSON object of an answer.

        Raises:
            UnreadableAnswer: there is none.
        """
        found = document_of(self.call, response)
        if not isinstance(found, dict):
            raise self.strange(response, f"a JSON {type(found).__name__}")
        return found

    def strange(self, response: Response, what: str) -> UnreadableAnswer:
        """The error for an answer that is not what the host documents."""
        return strange(self.call, response, what)

    @property
    def call(self) -> Call:
        """The call that errors are about: for nothing."""
        return spell_call(self.route, {})
