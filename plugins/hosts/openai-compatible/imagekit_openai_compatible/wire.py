"""``openai-edits``: ``POST /images/generations``, and ``/images/edits`` when there are pictures.

Two forms of the latter are documented: ``multipart/form-data``, which every server reads, and
JSON with ``images: [{image_url}]``, where links can stand beside data URLs. Which one a host
gets says the carriage of its ``image``.

Source: OpenAI's OpenAPI description, v2.3.0, 2026-08-21.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from imagekit import Body, Call, Carriage, Reference, Request, hookimpl
from imagekit.wires import OpenAIImages, carried, form_body, json_body

__all__ = ["OpenAIEdits"]


class OpenAIEdits(OpenAIImages):
    """The wire. Answers, events and refusals are those of ``openai-images``."""

    def __init__(self) -> None:
        super().__init__("openai-edits", edit="/images/edits")

    @hookimpl
    def imagekit_shape_request(self, call: Call) -> Request:
        fields = {**call.fields, **call.native}
        operation, kind = "generate", "application/json"
        if not any(_pictures(call)):
            body = json_body(fields)
        elif call.route.spells["image"].carriage is Carriage.FORM:
            operation, (body, kind) = "edit", _form(call, fields)
        else:
            operation, body = "edit", json_body({**fields, **_objects(call)})
        headers = {"Content-Type": kind, "Accept": "application/json"}
        return Request("POST", call.route.url(operation), headers, body)


def _pictures(call: Call) -> Iterator[tuple[str, Reference]]:
    """The parameter and the picture, of each."""
    yield from (("image", one) for one in call.references)
    if "mask" in call.values:
        yield "mask", call.values["mask"]


def _form(call: Call, fields: dict[str, Any]) -> tuple[Body, str]:
    spells = call.route.spells
    links: dict[str, list[str]] = {}
    files = []
    for name, picture in _pictures(call):
        if picture.url is None:
            files.append((spells[name].field, picture))
        else:
            links.setdefault(spells[name].links, []).append(picture.url)
    return form_body({**fields, **links}, files)


def _objects(call: Call) -> dict[str, Any]:
    """``images`` and ``mask`` as JSON has them."""
    found: dict[str, Any] = {}
    for name, picture in _pictures(call):
        spelled = call.route.spells[name]
        one = {"image_url": carried(picture, spelled.carriage)}
        if name == "mask":
            found[spelled.field] = one
        else:
            found.setdefault(spelled.field, []).append(one)
    return found
