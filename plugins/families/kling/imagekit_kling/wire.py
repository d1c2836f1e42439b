"""``kling-tasks``: a POST makes a task, GETs ask for it until it has succeeded or failed.

Spoken by Kling's maker and by gateways that pass its API on. Everything comes in one envelope,
``{code, message, request_id, data}``; ``data`` is the task: ``{task_id, task_status,
task_status_msg, task_result: {images | series_images: [{url, watermark_url}]}, ...}``. A task
that failed is HTTP 200 and code 0 as well, and says why in words only.
Sources: https://kling.ai/document-api (omni-image, image generations, multi-image to image),
in copies read 2026-11-21; a recorded pair of answers, passed on by two gateways.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from imagekit import (
    Call,
    Pending,
    Problem,
    Request,
    Response,
    Result,
    Spell,
    Wire,
    hookimpl,
)
from imagekit.wires import as_text, body_of, is_poll, json_body, poll_request, strange
from imagekit_kling.tasks import finished, is_running, task_in

__all__ = ["KlingTasks"]

#: Nobody documents how often to ask. Recorded tasks took 8 to 41 seconds.
FIRST_WAIT, LONGEST_WAIT = 2.0, 10.0
#: Fields of the body that are pictures as well, given as options.
PICTURES = ("scene_image", "style_image")
_LINK_OR_BASE64 = re.compile(r"https?:|[A-Za-z0-9+/\s]+=*\s*\Z")


class KlingTasks(Wire):
    """The wire. How pictures travel, and where a list of them goes, an offer's spelling says."""

    def __init__(self) -> None:
        super().__init__(
            name="kling-tasks",
            links=frozenset({"url"}),
            paths={"generate": "/v1/images/omni-image"},
            spells=(Spell("model", to="model_name"), Spell("prompt"), Spell("n")),
            answers="imagekit_kling.testing:TaskAnswers",
        )

    @hookimpl
    def imagekit_validate_request(self, call: Call) -> Iterable[Problem]:
        named = call.fields.get("external_task_id")
        if call.places and named is not None:
            message = "is the id of one task, and so many pictures are several"
            yield Problem("external_task_id", message, named)
        for name in PICTURES:
            given = str(call.values.get(name, "https:"))
            if given.startswith("data:"):
                yield Problem(name, "is a data URL; only the base64 after its comma is taken here")
            elif not _LINK_OR_BASE64.match(given):
                why = "is neither a link nor base64; of a file, give its bytes as base64"
                yield Problem(name, why, given[:60])

    @hookimpl
    def imagekit_shape_request(self, call: Call) -> Request:
        body = body_of(call)
        own_id = as_text(body.get("external_task_id"))
        return Request(
            method="POST",
            url=call.url,
            headers=_JSON,
            body=json_body(body),
            lookup=_asks_for(call, own_id) if own_id else None,
        )

    @hookimpl
    def imagekit_decode_response(self, call: Call, response: Response) -> Result | Pending:
        task = task_in(call, response)
        if is_running(task):
            return _pending(call, response, task)
        return finished(call, response, task)


_JSON = {"Content-Type": "application/json", "Accept": "application/json"}


def _pending(call: Call, response: Response, task: Mapping[str, Any]) -> Pending:
    id = task.get("task_id")
    asks = response.request
    if asks is None or not is_poll(response):
        if not id:
            raise strange(call, response, "a task without an id")
        asks = _asks_for(call, str(id))
    return Pending(
        request=asks,
        wait=FIRST_WAIT,
        longest=LONGEST_WAIT,
        task=str(id) if id else None,
        progress=str(task["task_status"]),
    )


def _asks_for(call: Call, id: str) -> Request:
    """What asks for a task, by its id or the caller's own: a GET below the address that it was
    made at."""
    return poll_request(f"{call.url}/{quote(id, safe='')}")
