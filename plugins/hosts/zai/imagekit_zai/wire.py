"""``zai-images``: one picture a request, as a link; at once, or as a job that is asked for.

Sources: docs.z.ai and docs.bigmodel.cn, image generation, asynchronous image generation and
its result, read 2026-11-21; and one recorded answer of Z.ai (2026-01-15), which has ``id``,
``request_id``, ``usage``, ``timestamp`` and ``model`` beside what the pages document, and no
``content_filter``. So only ``data`` has to be there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from attrs import evolve

from imagekit import (
    Call,
    Charged,
    Cost,
    HostError,
    Moderated,
    NoPictures,
    Pending,
    Refusal,
    Request,
    Response,
    Result,
    Spell,
    Wire,
    hookimpl,
)
from imagekit.wires import (
    Phase,
    about,
    as_text,
    body_of,
    error_in,
    is_poll,
    json_body,
    object_of,
    phase_of,
    poll_request,
    refusal_of,
    refuse,
    result_of,
    strange,
)

__all__ = ["ZaiImages"]

#: What of an answer has a place of its own in a result.
_KNOWN = frozenset({"created", "data", "image_result", "model", "request_id", "task_status"})
#: Whose words or picture a filter was about, by its ``role``.
_FILTERED = {"user": "the prompt", "assistant": "the picture", "history": "the history"}


class ZaiImages(Wire):
    """The wire. An offer that takes ``asynchronous`` makes a job unless told otherwise."""

    def __init__(self) -> None:
        super().__init__(
            name="zai-images",
            blobs=frozenset({"b64_json"}),  # the vendor's own SDK has it, its pages don't
            links=frozenset({"url"}),
            paths={
                "generate": "/images/generations",
                "submit": "/async/images/generations",
                "result": "/async-result",
            },
            spells=(Spell("model"), Spell("prompt")),
            answers="imagekit_zai.testing:ZaiAnswers",
        )

    @hookimpl
    def imagekit_shape_request(self, call: Call) -> Request:
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        return Request(
            method="POST",
            url=call.route.url(call.operation or _usual(call)),
            headers=headers,
            body=json_body(body_of(call)),
        )

    @hookimpl
    def imagekit_decode_response(self, call: Call, response: Response) -> Result | Pending:
        if response.status == 404 and is_poll(response):
            raise _vanished(call, response)
        document = object_of(call, response)
        if response.status >= 400 or _says_error(document):
            raise _refused(call, response, document)
        status = document.get("task_status")
        if is_poll(response) and status is None and not _has_picture(document):
            raise strange(call, response, "a job without its state")
        phase = Phase.DONE if status is None else phase_of(status, _has_picture(document))
        if phase is Phase.FAILED:
            raise _failed(call, response, document)
        if phase is Phase.DONE:
            return _result(call, response, document)
        return _pending(call, response, document, str(status))


def _usual(call: Call) -> str:
    """Where a request goes that does not say."""
    option = call.route.parameters.get("asynchronous")
    return "submit" if option and option.default else "generate"


def _pending(call: Call, response: Response, document: Mapping[str, Any], status: str) -> Pending:
    """The job, to be asked for again: where its id says, or where it was asked for now, since
    the result's page names no id."""
    task = as_text(document.get("id"))
    if is_poll(response) and response.request:
        request = response.request
    elif task:
        request = poll_request(f"{call.route.url('result')}/{quote(task, safe='')}")
    else:
        raise strange(call, response, "a job without an id")
    return Pending(request, wait=2.0, longest=10.0, task=task, progress=status)


def _says_error(document: Mapping[str, Any]) -> bool:
    """HTTP 200 with an error inside, wrapped or flat, and no picture beside it."""
    flat = document.get("code") and (document.get("message") or document.get("msg"))
    return bool(error_in(document) or flat) and not (
        document.get("task_status") or _has_picture(document)
    )


def _result(call: Call, response: Response, document: Mapping[str, Any]) -> Result:
    data = _data(document)
    if _filtered(document) and not _has_picture(document):
        said = Refusal("the filter left no picture", request_id=_request_id(document))
        raise _said_no(call, response, document, said, final=True)
    result = result_of(call, response, {**document, "data": data})
    return evolve(
        result,
        usage=None,  # tokens, price and cost are 0 in it, whatever was paid
        cost=Cost(),
        request_id=_request_id(document) or result.request_id,
        metadata={name: value for name, value in document.items() if name not in _KNOWN},
        raw=document,
    )


def _data(document: Mapping[str, Any]) -> Any:
    """The list of pictures, by its name in a job's answer or in the other one."""
    job, other = document.get("image_result"), document.get("data")
    return other if job is None else job or other or job


def _has_picture(document: Mapping[str, Any]) -> bool:
    data = _data(document)
    items = data if isinstance(data, list) else ()
    return any(isinstance(one, dict) and (one.get("url") or one.get("b64_json")) for one in items)


# --- no picture -----------------------------------------------------------------------------


def _refused(call: Call, response: Response, document: Mapping[str, Any]) -> HostError:
    """``{error: {code: "1113", message}}``; the id and the filter's word stand beside it."""
    return _said_no(call, response, document, refusal_of(document, response.headers))


def _failed(call: Call, response: Response, document: Mapping[str, Any]) -> HostError:
    """A job that failed. No page says where it tells why, nor whether it was charged."""
    said = refusal_of(document, response.headers)
    if said.code or _filtered(document):
        return _said_no(call, response, document, said, final=True)
    return NoPictures(
        f"{call.route.host.name} failed at the job: {said.message}",
        **about(call, response, said.request_id),
        vendor_message=said.message,
        final=True,
    )


def _vanished(call: Call, response: Response) -> HostError:
    document = response.document if isinstance(response.document, dict) else {}
    error = document.get("error")
    error = error if isinstance(error, dict) else {}
    return NoPictures(
        f"{call.route.host.name} does not know the job (any more)",
        **about(call, response, _request_id(document)),
        code=as_text(error.get("code")),
        vendor_message=as_text(error.get("message")),
    )


def _said_no(
    call: Call,
    response: Response,
    document: Mapping[str, Any],
    refusal: Refusal,
    final: bool = False,
) -> HostError:
    """By the host's table. What a filter was about stands in the sentence only, so that the
    vendor's message stays verbatim.
    """
    about = ", ".join(_filtered(document))
    error = refuse(call, response, refusal, Moderated if about else None, final=final)
    if about:
        error.with_details(f"{error} ({about})")
    if is_poll(response):  # the table is about requests; this job had been accepted
        error.with_details(charged=Charged.MAYBE)
    return error


def _filtered(document: Mapping[str, Any]) -> list[str]:
    """What a filter was about, and how severe it found it: 0 is the most severe, 3 the least."""
    found = document.get("content_filter") or document.get("contentFilter")
    return [
        f"{_FILTERED.get(str(one.get('role')), 'it')}: level {one.get('level')}"
        for one in (found if isinstance(found, list) else ())
        if isinstance(one, dict)
    ]


def _request_id(document: Mapping[str, Any]) -> str | None:
    return as_text(document.get("request_id"))
