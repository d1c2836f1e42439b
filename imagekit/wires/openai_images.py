"""``openai-images``: ``POST /images/generations``, JSON in and JSON out.

Spoken by PowerTokens, Token360 and most gateways. The request is a flat JSON object;
the answer is ``{created, data: [{url | b64_json, size, error, ...}], usage, ...}``.
Sources: the hosts' own pages (see their plugins) and the OpenAPI description of the
Images API, v2.3.0, 2026-08-21.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from imagekit.declare.spell import Spell
from imagekit.declare.wire import Wire
from imagekit.hookspecs import hookimpl
from imagekit.plan.call import Call
from imagekit.values import Request, Response, Result, ServerEvent
from imagekit.wires.answers import object_of
from imagekit.wires.bodies import body_of, json_body
from imagekit.wires.openai_answers import refused, result_of, says_error

if TYPE_CHECKING:
    from imagekit.events import Event

__all__ = ["OpenAIImages"]


class OpenAIImages(Wire):
    """The wire. One that differs in a detail is a subclass with a name of its own."""

    def __init__(self, name: str = "openai-images", **paths: str) -> None:
        super().__init__(
            name=name,
            blobs=frozenset({"b64_json"}),
            links=frozenset({"url"}),
            paths={"generate": "/images/generations", **paths},
            spells=(Spell("model"), Spell("prompt")),
            answers="imagekit.testing:OpenAIAnswers",
        )

    @hookimpl
    def imagekit_shape_request(self, call: Call) -> Request:
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        return Request(
            method="POST",
            url=call.url,
            headers=headers,
            body=json_body(body_of(call)),
        )

    @hookimpl
    def imagekit_decode_response(self, call: Call, response: Response) -> Result:
        document = object_of(call, response)
        if response.status >= 400 or says_error(document):
            raise refused(call, response, document)
        return result_of(call, response, document)

    @hookimpl
    def imagekit_decode_event(self, call: Call, event: ServerEvent) -> Iterable[Event]:
        from imagekit.wires.openai_events import meanings  # for the few hosts that stream

        return meanings(call, event)
