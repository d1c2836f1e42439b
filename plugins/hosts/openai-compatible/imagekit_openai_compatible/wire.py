"""``openai-edits``: ``POST /images/generations``, and ``/images/edits`` when there are pictures.

Two forms of the latter are documented: ``multipart/form-data``, which every server reads, and
JSON with ``images: [{image_url}]``, where links can stand beside data URLs. Which one a host
gets says how its ``image`` is carried.

Source: OpenAI's OpenAPI description, v2.3.0, 2026-08-21.
"""

from __future__ import annotations

from collections.abc import Iterator

from imagekit import Body, Call, Carriage, Reference, Request, hookimpl
from imagekit.wires import OpenAIImages, body_of, form_body, json_body

__all__ = ["OpenAIEdits"]


class OpenAIEdits(OpenAIImages):
    """The wire. Answers, events and refusals are those of ``openai-images``."""

    def __init__(self) -> None:
        super().__init__("openai-edits", edit="/images/edits")

    @hookimpl
    def imagekit_shape_request(self, call: Call) -> Request:
        if _travels_in_a_form(call):
            body, kind = _form(call)
        else:
            body, kind = json_body(body_of(call)), "application/json"
        headers = {"Content-Type": kind, "Accept": "application/json"}
        return Request("POST", call.url, headers, body)


def _travels_in_a_form(call: Call) -> bool:
    return any(
        call.route.spells[name].carried.carriage is Carriage.FORM for name, _ in _pictures(call)
    )


def _pictures(call: Call) -> Iterator[tuple[str, Reference]]:
    """The parameter and the picture, of each."""
    yield from (("image", one) for one in call.references)
    if "mask" in call.values:
        yield "mask", call.values["mask"]


def _form(call: Call) -> tuple[Body, str]:
    spells = call.route.spells
    links: dict[str, list[str]] = {}
    files = []
    for name, picture in _pictures(call):
        if picture.url is None:
            files.append((spells[name].field, picture))
        else:
            links.setdefault(spells[name].carried.links, []).append(picture.url)
    return form_body({**call.fields, **links}, files)
