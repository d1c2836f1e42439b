"""``gemini-content``: ``POST /models/{model}:generateContent``, parts in and parts out.

A request is one turn of a conversation: the prompt, then the reference pictures. What comes
back is a turn as well, of which some parts are pictures: see `imagekit_nano_banana.answers`.

Sources: the vendor's image generation page (https://ai.google.dev/gemini-api/docs/image-generation,
2026-09-05), its page on ways to give files (.../docs/file-input-methods, 2026-11-21), the
python-genai SDK 2.19.0 (2026-08-21), and recorded traffic of 2025 and 2026.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import evolve

from imagekit import Carriage, Request, Result, Spell, Wire, hookimpl
from imagekit.wires import carried, error_in, json_body, object_of
from imagekit_nano_banana.answers import result_of
from imagekit_nano_banana.refusals import refused

if TYPE_CHECKING:
    from imagekit import Call, Reference, Response

__all__ = ["GeminiContent"]


class GeminiContent(Wire):
    """The wire. It makes one picture a call: ``candidateCount`` above 1 is refused there."""

    def __init__(self) -> None:
        super().__init__(
            name="gemini-content",
            blobs=frozenset({"inlineData.data", "inline_data.data"}),
            paths={"generate": "/models/{id}:generateContent"},
            spells=(Spell("prompt", to="contents"),),
            answers="imagekit_nano_banana.testing:GeminiAnswers",
        )

    @hookimpl
    def imagekit_shape_request(self, call: Call) -> Request:
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        return Request(
            method="POST",
            url=call.url,
            headers=headers,
            body=json_body(_body(call)),
        )

    @hookimpl
    def imagekit_decode_response(self, call: Call, response: Response) -> Result:
        if isinstance(response.document, list) and len(response.document) == 1:
            # how refusals of streams come, and at some relays all
            response = evolve(response, document=response.document[0])
        document = object_of(call, response)
        if response.status >= 400 or (error_in(document) and not document.get("candidates")):
            raise refused(call, response, document)
        return result_of(call, response, document)


def _body(call: Call) -> dict[str, Any]:
    parts = [{"text": call.prompt}, *map(_part, call.references)]
    return {**call.fields, "contents": [{"role": "user", "parts": parts}]}


def _part(reference: Reference) -> dict[str, Any]:
    """A link as the URI of a file, which the host fetches; bytes inline."""
    data = carried(reference, Carriage.BASE64)
    if reference.url is not None:
        return {"fileData": {"fileUri": data}}
    return {"inlineData": {"mimeType": reference.media_type, "data": data}}
