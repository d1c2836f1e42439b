"""Kling's tasks, as its maker and a gateway serve them: made by a POST, asked for by GETs.

From https://kling.ai/document-api (omni-image, image generations, multi-image to image) in
copies read 2026-11-21, and the capability map of 2026-05-19. A task is accepted at once and
done when its time has come; where nothing takes time, it is being processed when it is first
asked for, and has succeeded the second time. It is billed when it is accepted; the pages don't
say when it is. They don't say how many pixels a picture has, either.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from attrs import define, frozen

from imagekit_sandbox.serving.books.links import Made
from imagekit_sandbox.serving.kit.dialect import Operation, model_in_body
from imagekit_sandbox.serving.kit.order import Order
from imagekit_sandbox.serving.kit.visit import Visit
from imagekit_sandbox.serving.makers.kling_orders import (
    combined,
    generated,
    omni,
    own_id,
    watermarked,
)
from imagekit_sandbox.serving.messages.answers import Answer, json_answer
from imagekit_sandbox.serving.messages.refusals import Refusal, Why

__all__ = ["Endpoint", "endpoints", "operations"]


@frozen
class Endpoint:
    """One address at which tasks are made.

    Attributes:
        name: the end of its path.
        models: the ids that it takes.
        order: reads a body.
    """

    name: str
    models: tuple[str, ...]
    order: Callable[[Mapping[str, Any]], Order]


@define
class Task:
    """Accepted, and drawn: done at ``ready``, or when it has been ``asked`` for twice.

    Attributes:
        result: None when it is to fail.
    """

    id: str
    external: str
    at: float
    ready: float | None
    result: Mapping[str, Any] | None
    units: int
    watermark: bool
    asked: int = 0

    def done(self, now: float) -> bool:
        return self.asked > 1 if self.ready is None else now >= self.ready


def endpoints(
    omni_image: Iterable[str], generations: Iterable[str], multi: Iterable[str]
) -> tuple[Endpoint, ...]:
    """The three of them, with the models that a host has at each."""
    return (
        Endpoint("omni-image", tuple(omni_image), omni),
        Endpoint("generations", tuple(generations), generated),
        Endpoint("multi-image2image", tuple(multi), combined),
    )


def operations(prefix: str, served: Iterable[Endpoint]) -> tuple[Operation, ...]:
    """Making, asking and listing, below ``prefix``."""
    found: list[Operation] = []
    model = partial(model_in_body, field="model_name")
    for one in served:
        path, make = f"{prefix}/{one.name}", partial(submit, one)
        found += [
            Operation("generate", "POST", path, make, model, job=True),
            Operation("poll", "GET", f"{path}/{{id}}", query),
            Operation("list", "GET", path, list_tasks),
        ]
    return tuple(found)


# --- what can be asked for --------------------------------------------------------------------


def submit(endpoint: Endpoint, visit: Visit) -> Answer:
    body = visit.asked.json_object()
    if visit.model not in endpoint.models:
        raise Refusal(Why.NO_SUCH_MODEL, f"model_name {visit.model!r} is not supported")
    order = endpoint.order({**body, "model_name": visit.model})
    external, marked, id = own_id(body), watermarked(body), secrets.token_urlsafe(16)
    if external and visit.names.setdefault(external, id) != id:
        raise Refusal(Why.INVALID, "external_task_id is not unique")
    try:
        made = None if visit.fails else [one for one in visit.make(order) if one]
    except Refusal:  # nothing has that name after all
        visit.names.pop(external, None)
        raise
    visit.id, visit.records[id] = id, _task(visit, body, id, marked, made)
    return _said(_shown(visit.records[id], "submitted", visit.asked.at))


def _task(
    visit: Visit, body: Mapping[str, Any], id: str, marked: bool, made: list[Made] | None
) -> Task:
    kind = body.get("result_type", "single")
    entries = [_entry(visit.link(one), at, marked) for at, one in enumerate(made or ())]
    return Task(
        id=id,
        external=own_id(body),
        at=visit.asked.at,
        ready=visit.ready,
        result=None if made is None else _result(kind, entries),
        units=len(entries) * (16 if body.get("resolution") == "4k" else 8),
        watermark=marked,
    )


def query(visit: Visit) -> Answer:
    """One task, by its id or the caller's own."""
    id = visit.values["id"]
    task = visit.records.get(visit.names.get(id, id))
    if task is None:
        raise Refusal(Why.NOT_FOUND, "task not found")
    task.asked += 1
    return _said(_seen(task, visit.asked.at))


def list_tasks(visit: Visit) -> Answer:
    """All tasks, the newest first, a page at a time."""
    page, size = (
        _page_number(visit, name, usual, most)
        for name, usual, most in (("pageNum", 1, 1000), ("pageSize", 30, 500))
    )
    tasks = list(visit.records.values())[::-1]
    return _said([_seen(task, visit.asked.at) for task in tasks[(page - 1) * size : page * size]])


def _page_number(visit: Visit, name: str, usual: int, most: int) -> int:
    given = visit.asked.query.get(name, str(usual))
    if not given.isdecimal() or not 1 <= int(given) <= most:
        raise Refusal(Why.INVALID, f"{name} must be from 1 to {most}")
    return int(given)


# --- how it is said ---------------------------------------------------------------------------


def _said(data: Any) -> Answer:
    request_id = secrets.token_urlsafe(16)
    return json_answer({"code": 0, "message": "SUCCEED", "request_id": request_id, "data": data})


def _seen(task: Task, now: float) -> dict[str, Any]:
    """A task as whoever asks for it sees it."""
    if not task.done(now):
        return {**_shown(task, "processing", now), "task_result": {}}
    if task.result is None:
        failed = {"task_status_msg": "Internal error of the model", "task_result": {}}
        return {**_shown(task, "failed", now), **failed}
    return {
        **_shown(task, "succeed", task.ready or now),
        "task_status_msg": "",
        "task_result": task.result,
        "watermark_info": {"enabled": task.watermark},
        "final_unit_deduction": str(task.units),
    }


def _shown(task: Task, status: str, now: float) -> dict[str, Any]:
    return {
        "task_id": task.id,
        "task_status": status,
        "task_info": {"external_task_id": task.external},
        "created_at": int(task.at * 1000),
        "updated_at": int(now * 1000),
    }


def _entry(url: str, index: int, marked: bool) -> dict[str, Any]:
    return {"index": index, "url": url, **({"watermark_url": url} if marked else {})}


def _result(kind: str, entries: list[dict[str, Any]]) -> dict[str, Any]:
    series = kind == "series"
    found = {"images": [] if series else entries, "series_images": entries if series else []}
    return {"result_type": kind, **found}
