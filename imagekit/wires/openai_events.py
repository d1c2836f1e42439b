"""``openai-images``, streamed: what the events of a reply mean.

Two dialects share the framing: the Images API's own (``image_generation.completed`` holds
the picture) and ModelArk's for groups (``partial_succeeded`` and ``partial_failed`` hold one
each, ``completed`` the count). Source of the latter: BytePlus ModelArk, streaming response
of image generation, revision 265, read 2026-10-08.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from imagekit.events import Completed, Event, Partial, Picture, PictureFailed
from imagekit.plan.call import Call
from imagekit.values import UNNUMBERED, Image, Response, ServerEvent
from imagekit.wires.answers import as_int, as_text, strange
from imagekit.wires.openai_answers import cost_of, item_of, refused, says_error, usage_of

__all__ = ["meanings"]

#: Fields that say something of the event, and nothing of its picture.
_OF_THE_EVENT = frozenset({"type", "image_index", "model", "created", "created_at", "usage"})


def meanings(call: Call, event: ServerEvent) -> Iterable[Event]:
    """What one event means, by its ``type``."""
    document = event.document
    if event.defect or not isinstance(document, dict):
        defect = event.defect or "no object"
        raise strange(call, Response(200, {}), f"an event that is broken ({defect})")
    kind = str(document.get("type") or event.name)
    if kind.endswith((".partial_succeeded", ".partial_failed")):
        yield _picture(call, document)
    elif kind.endswith(".partial_image"):
        found = _picture(call, document)
        if isinstance(found, Picture):
            yield Partial(found.route, found.step, found.image)
    elif kind.endswith(".completed"):
        if document.get("b64_json") or document.get("url"):
            yield _picture(call, document)
        yield Completed(
            call.route.name,
            "generate",
            usage_of(document.get("usage")),
            as_text(document.get("model")),
            as_int(document.get("created") or document.get("created_at")),
            cost_of(call, document.get("usage")),
        )
    elif "error" in (kind, event.name) or says_error(document):
        raise refused(call, Response(200, {}, document), document)


def _picture(call: Call, document: Mapping[str, Any]) -> Event:
    index = as_int(document.get("image_index"))
    item = {name: value for name, value in document.items() if name not in _OF_THE_EVENT}
    found = item_of(call, UNNUMBERED if index is None else index, item)
    if isinstance(found, Image):
        return Picture(call.route.name, "generate", found)
    return PictureFailed(call.route.name, "generate", found)
