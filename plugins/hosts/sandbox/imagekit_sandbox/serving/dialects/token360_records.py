"""Token360's records: one for each request that got as far as a model, for its key alone.

``GET /v1/images``, ``GET /v1/images/{id}/content`` in three modes, ``DELETE /v1/images/{id}``.
No page documents ``GET /v1/images/{id}``, so it is not here.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from attrs import frozen

from imagekit_sandbox.serving.books.links import Made
from imagekit_sandbox.serving.kit.dialect import Operation
from imagekit_sandbox.serving.kit.order import Order
from imagekit_sandbox.serving.kit.visit import Visit
from imagekit_sandbox.serving.messages.answers import Answer, json_answer
from imagekit_sandbox.serving.messages.refusals import Refusal, Why

__all__ = ["RECORDS", "keep", "keep_failure"]

LINK_SECONDS = 3600  # as in the page's example


@frozen
class Record:
    """One request: its first picture, or why there is none."""

    id: str
    model: str
    prompt: str
    created_at: int
    made: Made | None
    error: str | None

    @property
    def status(self) -> str:
        return "completed" if self.made else "failed"


def keep(visit: Visit, order: Order, made: Made) -> None:
    """Remember a request that went well."""
    _keep(visit, order, made, None)


def keep_failure(visit: Visit, order: Order, error: str) -> None:
    """Remember one that the model refused."""
    _keep(visit, order, None, error)


def _keep(visit: Visit, order: Order, made: Made | None, error: str | None) -> None:
    id = f"img_{secrets.token_hex(12)}"
    at = int(visit.asked.at)
    visit.id = id
    visit.records[id] = Record(id, order.model, order.prompt, at, made, error)


def list_images(visit: Visit) -> Answer:
    query = visit.asked.query
    records = list(visit.records.values())
    if _word(query, "order", "desc", "asc") == "desc":
        records.reverse()
    limit = query.get("limit", "20")
    if not limit.isdecimal() or not 1 <= int(limit) <= 100:
        raise Refusal(Why.INVALID, "limit must be between 1 and 100", field="limit")
    records = _between(records, query)
    page = records[: int(limit)]
    return json_answer(
        {
            "object": "list",
            "data": [_shown(visit, record) for record in page],
            "has_more": len(records) > len(page),
            "first_id": page[0].id if page else None,
            "last_id": page[-1].id if page else None,
        }
    )


def _between(records: list[Record], query: Mapping[str, str]) -> list[Record]:
    """Those after and before the ids that were named, in the order of the list."""
    ids = [record.id for record in records]
    for name in ("after", "before"):
        if query.get(name, ids[0] if ids else "") not in ids and name in query:
            raise Refusal(Why.INVALID, f"{name} names no image of yours", field=name)
    first = ids.index(query["after"]) + 1 if "after" in query else 0
    last = ids.index(query["before"]) if "before" in query else len(ids)
    return records[first:last]


def _shown(visit: Visit, record: Record) -> dict[str, Any]:
    return {
        "id": record.id,
        "object": "image",
        "status": record.status,
        "model": record.model,
        "prompt": record.prompt,
        "created_at": record.created_at,
        "url": visit.lasting_link(record.made) if record.made else None,
        "error": {"message": record.error} if record.error else None,
    }


def content(visit: Visit) -> Answer:
    record = _found(visit)
    mode = _word(visit.asked.query, "format", "redirect", "url", "binary")
    if record.made is None:
        message = f"Image is not ready yet. Current status: {record.status}"
        raise Refusal(Why.INVALID, message)
    if mode == "binary":
        kind = record.made.media_type
        name = f"{record.id}.{kind.removeprefix('image/')}"
        attached = f'attachment; filename="{name}"'
        headers = {"Content-Type": kind, "Content-Disposition": attached}
        return Answer(200, record.made.content(), headers)
    link = visit.link(record.made)
    if mode == "redirect":
        return Answer(302, headers={"Location": link})
    return json_answer({"url": link, "image_id": record.id, "expires_in": LINK_SECONDS})


def delete(visit: Visit) -> Answer:
    record = _found(visit)
    visit.records.pop(record.id, None)
    return json_answer({"id": record.id, "object": "image", "deleted": True})


def _found(visit: Visit) -> Record:
    record = visit.records.get(visit.values["id"])
    if record is None:
        raise Refusal(Why.NOT_FOUND, "The requested image does not exist")
    return record  # type: ignore[no-any-return]


def _word(query: Mapping[str, str], name: str, *words: str) -> str:
    word = query.get(name, words[0])
    if word not in words:
        raise Refusal(Why.INVALID, f"{name} must be one of {', '.join(words)}", field=name)
    return word


RECORDS = (
    Operation("list", "GET", "/v1/images", list_images),
    Operation("content", "GET", "/v1/images/{id}/content", content),
    Operation("delete", "DELETE", "/v1/images/{id}", delete),
)
