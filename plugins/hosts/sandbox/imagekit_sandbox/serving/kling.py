"""Kling's tasks, as its maker and a gateway serve them: made by a POST, asked for by GETs.

From https://kling.ai/document-api (omni-image, image generations, multi-image to image) in
copies read 2026-11-21, and the capability map of 2026-05-19. A task is being processed when it
is first asked for, and has succeeded the second time. It is billed when it is accepted; the
pages don't say when it is. They don't say how many pixels a picture has, either.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from attrs import define, frozen

from imagekit_sandbox.serving.dialect import Operation, Order
from imagekit_sandbox.serving.kling_orders import combined, generated, omni, own_id, watermarked
from imagekit_sandbox.serving.messages import Answer, Asked, Refusal, Why, json_answer
from imagekit_sandbox.serving.visit import Visit

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
    """Accepted, and drawn; ``asked`` counts how often it was asked for."""

    id: str
    external: str
    at: int
    result: Mapping[str, Any]
    units: int
    watermark: bool
    asked: int = 0


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
    for one in served:
        path, make = f"{prefix}/{one.name}", partial(submit, one)
        found += [
            Operation("generate", "POST", path, make, _model),
            Operation("poll", "GET", f"{path}/{{id}}", query),
            Operation("list", "GET", path, list_tasks),
        ]
    return tuple(found)


def _model(asked: Asked) -> str | None:
    try:
        model = asked.json_object().get("model_name")
    except Refusal:  # the operation itself says so
        return None
    return model if isinstance(model, str) else None


# --- what can be asked for --------------------------------------------------------------------


def submit(endpoint: Endpoint, visit: Visit) -> Answer:
    body = visit.asked.json_object()
    if visit.model not in endpoint.models:
        raise Refusal(Why.NO_SUCH_MODEL, f"model_name {visit.model!r} is not supported")
    order = endpoint.order({**body, "model_name": visit.model})
    external, marked = own_id(body), watermarked(body)
    if external and _find(visit, external):
        raise Refusal(Why.INVALID, "external_task_id is not unique")
    made = [one for one in visit.make(order) if one]
    entries = [_entry(visit.link(one), at, marked) for at, one in enumerate(made)]
    task = Task(
        id=secrets.token_urlsafe(16),
        external=external,
        at=int(visit.asked.at * 1000),
        result=_result(body.get("result_type", "single"), entries),
        units=len(made) * (16 if body.get("resolution") == "4k" else 8),
        watermark=marked,
    )
    visit.records[task.id] = task
    return _said(_shown(task, "submitted"))


def query(visit: Visit) -> Answer:
    """One task, by its id or the caller's own."""
    task = _find(visit, visit.values["id"])
    if task is None:
        raise Refusal(Why.NOT_FOUND, "task not found")
    task.asked += 1
    return _said(_seen(task))


def list_tasks(visit: Visit) -> Answer:
    """All tasks, the newest first, a page at a time."""
    page, size = (
        _page_number(visit, name, usual, most)
        for name, usual, most in (("pageNum", 1, 1000), ("pageSize", 30, 500))
    )
    tasks = list(visit.records.values())[::-1]
    return _said([_seen(task) for task in tasks[(page - 1) * size : page * size]])


def _page_number(visit: Visit, name: str, usual: int, most: int) -> int:
    given = visit.asked.query.get(name, str(usual))
    if not given.isdecimal() or not 1 <= int(given) <= most:
        raise Refusal(Why.INVALID, f"{name} must be from 1 to {most}")
    return int(given)


def _find(visit: Visit, id: str) -> Task | None:
    tasks: Iterable[Task] = visit.records.values()
    return next((task for task in tasks if id in (task.id, task.external)), None)


# --- how it is said ---------------------------------------------------------------------------


def _said(data: Any) -> Answer:
    request_id = secrets.token_urlsafe(16)
    return json_answer({"code": 0, "message": "SUCCEED", "request_id": request_id, "data": data})


def _seen(task: Task) -> dict[str, Any]:
    """A task as whoever asks for it sees it."""
    if task.asked < 2:
        return {**_shown(task, "processing"), "task_result": {}}
    return {
        **_shown(task, "succeed"),
        "task_status_msg": "",
        "task_result": task.result,
        "watermark_info": {"enabled": task.watermark},
        "final_unit_deduction": str(task.units),
    }


def _shown(task: Task, status: str) -> dict[str, Any]:
    return {
        "task_id": task.id,
        "task_status": status,
        "task_info": {"external_task_id": task.external},
        "created_at": task.at,
        "updated_at": task.at,
    }


def _entry(url: str, index: int, marked: bool) -> dict[str, Any]:
    return {"index": index, "url": url, **({"watermark_url": url} if marked else {})}


def _result(kind: str, entries: list[dict[str, Any]]) -> dict[str, Any]:
    series = kind == "series"
    found = {"images": [] if series else entries, "series_images": entries if series else []}
    return {"result_type": kind, **found}
