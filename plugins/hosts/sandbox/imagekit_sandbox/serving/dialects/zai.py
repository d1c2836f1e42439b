"""Z.ai and BigModel: GLM-Image and CogView, at once or as a job; links, and numbers as text.

From docs.z.ai and docs.bigmodel.cn (image generation, asynchronous image generation, its
result, error codes), read 2026-11-21. Z.ai answers with what was once recorded of it (no
filter's word, but ids and a usage of zeros), BigModel with what the pages document. A job is
accepted at once and done when its time has come; where nothing takes time, it is in progress
when it is first asked for, and done the second time.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from functools import partial
from typing import Any

from attrs import define, frozen

from imagekit_sandbox.serving.books.links import Made
from imagekit_sandbox.serving.kit.dialect import Dialect, Operation, model_in_body
from imagekit_sandbox.serving.kit.order import Order
from imagekit_sandbox.serving.kit.visit import Visit
from imagekit_sandbox.serving.messages.answers import Answer, json_answer
from imagekit_sandbox.serving.messages.refusals import Refusal, Why

__all__ = ["BIGMODEL", "ZAI"]

FIELDS = ("model", "prompt", "quality", "size", "watermark_enabled", "user_id", "request_id")
_SIZE = re.compile(r"([1-9]\d{0,4})x([1-9]\d{0,4})")
_WRONG = "API call parameters are incorrect: "

#: Why -> status, code, message. What is no refusal of the vendor's own is an internal error.
REFUSALS = {
    Why.INVALID: (400, "1210", "API call parameters are incorrect"),
    Why.UNAUTHORIZED: (401, "1000", "Authentication Failed"),
    Why.NO_BALANCE: (429, "1113", "Insufficient balance or no resource package"),
    Why.FROZEN: (429, "1112", "Your account is locked"),
    Why.FORBIDDEN: (434, "1220", "You do not have permission to access this model"),
    Why.NO_SUCH_MODEL: (400, "1211", "Unknown model, please check the model code"),
    Why.NOT_FOUND: (404, "1222", "The API does not exist"),
    Why.MODERATED: (400, "1301", "The content may be unsafe or sensitive"),
    Why.RATE_LIMITED: (429, "1302", "Too many requests at once for this API"),
    Why.BROKEN: (500, "500", "Internal error"),
    Why.BAD_GATEWAY: (500, "1234", "Network error"),
    Why.OVERLOADED: (429, "1305", "The service is overloaded"),
    Why.TIMED_OUT: (500, "1230", "The call could not be completed"),
}


@frozen
class Model:
    """What one of the models takes; ``besides``: sizes that are listed all the same."""

    default: tuple[int, int]
    least: int
    multiple: int
    most_pixels: int
    besides: tuple[tuple[int, int], ...] = ()
    qualities: tuple[str, ...] = ("hd", "standard")
    jobs: bool = False


def _glm_image(*qualities: str) -> Model:
    listed = ((1728, 960), (960, 1728))
    return Model((1280, 1280), 1024, 32, 1 << 22, listed, qualities, jobs=True)


_COGVIEW = Model((1024, 1024), 512, 16, 1 << 21)


@frozen
class Region:
    """One of the two: its models, and whether it answers as documented or as recorded."""

    models: Mapping[str, Model]
    documented: bool


@define
class Job:
    """Accepted, and drawn: done at ``ready``, or when it has been ``asked`` for twice.

    Attributes:
        link: None when it is to fail.
    """

    model: str
    link: str | None
    ready: float | None
    asked: int = 0

    def done(self, now: float) -> bool:
        return self.asked > 1 if self.ready is None else now >= self.ready


def generate(region: Region, visit: Visit) -> Answer:
    """One picture, at once."""
    order = _order(region, visit)
    return json_answer(_answer(region, visit, order, _drawn(visit, order)))


def submit(region: Region, visit: Visit) -> Answer:
    """One picture, later. It is billed now; the pages don't say when it is."""
    order = _order(region, visit)
    if not region.models[order.model].jobs:
        raise Refusal(Why.INVALID, f"{_WRONG}{order.model} is not available asynchronously")
    visit.id = secrets.token_hex(12)
    link = None if visit.fails else visit.link(_drawn(visit, order))
    visit.records[visit.id] = Job(order.model, link, visit.ready)
    return json_answer(_progress(order.model, visit.id, id=visit.id))


def result(visit: Visit) -> Answer:
    """How far a job is, or its picture."""
    id = visit.values["id"]
    job = visit.records.get(id)
    if job is None:
        raise Refusal(Why.NOT_FOUND, "The task does not exist")
    job.asked += 1
    if not job.done(visit.asked.at):
        return json_answer(_progress(job.model, id))
    if job.link is None:
        return json_answer({**_progress(job.model, id), "task_status": "FAIL"})
    done = {"task_status": "SUCCESS", "image_result": [{"url": job.link}]}
    return json_answer({**_progress(job.model, id), **done})


def _progress(model: str, request_id: str, **more: str) -> dict[str, Any]:
    return {"model": model, **more, "request_id": request_id, "task_status": "PROCESSING"}


def _answer(region: Region, visit: Visit, order: Order, made: Made) -> dict[str, Any]:
    answer = {"created": int(visit.asked.at), "data": [{"url": visit.link(made)}]}
    if region.documented:
        return {**answer, "content_filter": [{"role": "assistant", "level": 3}]}
    id = secrets.token_hex(12)
    return {
        **answer,
        "id": id,
        "request_id": id,
        "usage": {"tokens": 0, "price": 0, "cost": 0.0, "duration": 20},
        "timestamp": int(visit.asked.at * 1000),
        "model": "GLM-Image" if order.model == "glm-image" else order.model,
    }


# --- what is asked for ---------------------------------------------------------------------


def _drawn(visit: Visit, order: Order) -> Made:
    (made,) = visit.make(order)
    assert made is not None  # the only one; else all were refused
    return made


def _order(region: Region, visit: Visit) -> Order:
    body = visit.asked.json_object()
    visit.ignore(body, *FIELDS)
    model = region.models.get(visit.model or "")
    if model is None:
        raise Refusal(Why.NO_SUCH_MODEL, field="model")
    prompt = body.get("prompt")
    if not isinstance(prompt, str) or not prompt.strip():
        raise _wrong("prompt")
    if body.get("quality", model.qualities[0]) not in model.qualities:
        raise _wrong("quality")
    user = body.get("user_id", "nobody")
    if not isinstance(user, str) or not 6 <= len(user) <= 128:
        raise _wrong("user_id")
    _check_request_id(visit, body.get("request_id"))
    return Order(
        model=visit.model or "",
        prompt=prompt,
        pixels=_pixels(body, model),
        identity=[prompt, body.get("quality")],
        format="png",
        watermark=_flag(body, "watermark_enabled"),
    )


def _check_request_id(visit: Visit, id: object) -> None:
    if id is None:
        return
    if not isinstance(id, str):
        raise Refusal(Why.INVALID, f"{_WRONG}request_id")
    own = str(visit.asked.number)
    if visit.names.setdefault(id, own) != own:
        raise Refusal(Why.INVALID, f"{_WRONG}request_id is a duplicate", field="request_id")


def _pixels(body: Mapping[str, Any], model: Model) -> tuple[int, int]:
    if "size" not in body:
        return model.default
    found = _SIZE.fullmatch(str(body["size"]))
    if not found:
        raise _wrong("size")
    width, height = int(found[1]), int(found[2])
    fits = all(
        model.least <= side <= 2048 and side % model.multiple == 0 for side in (width, height)
    )
    if (width, height) not in model.besides and not (fits and width * height <= model.most_pixels):
        raise _wrong("size")
    return width, height


def _flag(body: Mapping[str, Any], name: str) -> bool:
    value = body.get(name, True)
    if not isinstance(value, bool):
        raise _wrong(name)
    return value


def _wrong(field: str) -> Refusal:
    return Refusal(Why.INVALID, f"{_WRONG}{field}", field=field)


def envelope(refusal: Refusal) -> Answer:
    status, code, usual = REFUSALS[refusal.why]
    if refusal.field == "request_id":
        code = "1231"
    document: dict[str, Any] = {"error": {"code": code, "message": refusal.message or usual}}
    if refusal.why is Why.MODERATED:
        document["contentFilter"] = [{"role": "user", "level": 1}]
    return json_answer(document, status, **refusal.headers)


def _dialect(host: str, region: Region) -> Dialect:
    base = "/api/paas/v4"
    return Dialect(
        host=host,
        base=base,
        operations=(
            Operation(
                "generate",
                "POST",
                f"{base}/images/generations",
                partial(generate, region),
                model_in_body,
            ),
            Operation(
                "generate",
                "POST",
                f"{base}/async/images/generations",
                partial(submit, region),
                model_in_body,
                job=True,
            ),
            Operation("poll", "GET", f"{base}/async-result/{{id}}", result),
        ),
        envelope=envelope,
    )


ZAI = _dialect(
    "zai",
    Region(
        {"glm-image": _glm_image("hd", "standard"), "cogview-4-250304": _COGVIEW},
        documented=False,
    ),
)
BIGMODEL = _dialect(
    "bigmodel",
    Region(
        {
            "glm-image": _glm_image("hd"),
            "cogview-4-250304": _COGVIEW,
            "cogview-4": _COGVIEW,
            "cogview-3-flash": _COGVIEW,
        },
        documented=True,
    ),
)
