"""``fal-queue``: a POST gives a ticket; GETs ask how far it is, and then for what it made.

Source: fal's pages of the queue, of the inference API and of errors, read 2026-11-30. The
addresses of status and result are not to be built: they stand in the answer with the ticket, and
lack the last part of the model's id. A job that failed is COMPLETED, too: its result is the
error that the model, or the queue, answered with.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from attrs import evolve

from imagekit import Call, Pending, Refusal, Request, Response, Result, Spell, Wire, hookimpl
from imagekit.wires import (
    Phase,
    as_text,
    body_of,
    error_in,
    images_of,
    is_poll,
    json_body,
    object_of,
    phase_of,
    poll_request,
    refusal_of,
    refuse,
    retry_after,
    strange,
)

#: What the answer with the ticket says once, and later looks need.
JOB = ("request_id", "status_url", "response_url")


class FalQueue(Wire):
    """The wire. What one look has to know of those before is in the `Pending` of the job."""

    def __init__(self) -> None:
        super().__init__(
            name="fal-queue",
            links=frozenset({"url"}),
            paths={"generate": "/{id}", "edit": "/{id}/edit"},
            spells=(Spell("prompt"),),
            answers="imagekit_fal.testing:FalAnswers",
        )

    @hookimpl
    def imagekit_shape_request(self, call: Call) -> Request:
        headers = {"Content-Type": "application/json"}
        return Request("POST", call.url, headers, json_body(body_of(call)))

    @hookimpl
    def imagekit_decode_response(self, call: Call, response: Response) -> Result | Pending:
        document = object_of(call, response)
        pictures, done = document.get("images"), bool(call.state.get("done"))
        # What is at `response_url` has no state: it is the end, or the reason why there is none.
        phase = phase_of(document.get("status", "done" if done else None), bool(pictures))
        wrong = error_in(document) or document.get("error_type") or document.get("detail")
        if response.status >= 400 or (wrong and not pictures):
            said = _said(document, response)
            ended = said.own and (done or phase is Phase.DONE)
            raise refuse(call, response, said, final=ended)
        if phase is Phase.DONE and (done or pictures):
            images, failures = images_of(call, response, pictures)
            return Result(images, failures, raw=document)
        return _next_look(call, response, document, phase is Phase.DONE)


def _next_look(call: Call, response: Response, document: Mapping[str, Any], done: bool) -> Pending:
    """At how far the job is; or, when it is done, at what it made.

    Raises:
        UnreadableAnswer: this look was answered without a word of that, as by a page on the way.
            That may pass: whoever waits looks again, but not for ever.
    """
    if is_poll(response) and "status" not in document:
        raise strange(call, response, "a job without its status")
    job = {**call.state, **{name: document[name] for name in JOB if name in document}}
    url = job.get("response_url" if done else "status_url")
    if not isinstance(url, str):
        raise strange(call, response, "a job without its links")
    return Pending(
        poll_request(url),
        wait=0.1 if done else 1.0,
        longest=None if done else 10.0,
        task=as_text(job.get("request_id")),
        progress=as_text(document.get("status")),
        state={**job, "done": done},
    )


def _said(document: Mapping[str, Any], response: Response) -> Refusal:
    """``{"detail": [{"msg", "type"}, ...]}`` of a model, ``{"detail", "error_type"}`` of the
    queue; anything else as others say it, who may be anybody on the way."""
    usual = refusal_of(document, response.headers)
    detail = document.get("detail")
    first = detail[0] if isinstance(detail, list) and detail else None
    code = as_text(document.get("error_type"))
    if isinstance(first, dict):
        code = as_text(first.get("type")) or code
    if code is None:
        return evolve(usual, own=False)
    wait = retry_after(response.headers)
    return Refusal(usual.message, code=code, request_id=usual.request_id, retry_after=wait)


@hookimpl
def imagekit_wires() -> Iterable[Wire]:
    return [FalQueue()]
