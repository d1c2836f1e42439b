"""fal: a queue. A POST to a model's own address gives a ticket, whose links tell the rest.

From https://fal.ai/docs (the queue, the inference API, errors, request errors) and the pages of
its models, read 2026-11-30. A job is accepted at once, and done when its time has come; where
nothing takes time, it is in progress when it is first asked for, and done the second time. It is
billed when it is accepted: fal bills what has come out. One that failed is COMPLETED, and its
result is the error. Links of status and result have no more than owner and app of the model's id.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import unquote

from attrs import define, evolve, frozen

from imagekit_sandbox.serving.kit.dialect import Dialect, Operation
from imagekit_sandbox.serving.kit.order import Order
from imagekit_sandbox.serving.kit.visit import Visit
from imagekit_sandbox.serving.makers import flux_2
from imagekit_sandbox.serving.makers.flux_2 import order_of, references_of, whole, wrong
from imagekit_sandbox.serving.messages.answers import Answer, json_answer
from imagekit_sandbox.serving.messages.asked import Asked
from imagekit_sandbox.serving.messages.refusals import Refusal, Why

__all__ = ["DIALECT"]

HOST = "fal"
#: Why -> status, type, message. A type of the model's stands in a list, one of the queue's beside
#: the message; without one there is the message alone.
REFUSALS = {
    Why.INVALID: (422, "value_error", "The input is not valid"),
    Why.UNAUTHORIZED: (401, "", "Authentication is required to access this application"),
    Why.NO_BALANCE: (403, "", "User is locked. Reason: Exhausted balance."),
    Why.FROZEN: (403, "", "User is locked."),
    Why.FORBIDDEN: (403, "", "Access denied to this application"),
    Why.NO_SUCH_MODEL: (404, "", "Application not found"),
    Why.NOT_FOUND: (404, "", "Not found"),
    Why.MODERATED: (422, "content_policy_violation", "The content was flagged"),
    Why.RATE_LIMITED: (429, "", "Too many requests"),
    Why.BROKEN: (500, "runner_disconnected", "Runner disconnected"),
    Why.BAD_GATEWAY: (502, "runner_connection_timeout", "The runner did not answer"),
    Why.OVERLOADED: (503, "runner_scheduling_failure", "No runner is available"),
    Why.TIMED_OUT: (504, "request_timeout", "Request timed out"),
}
NAMED = {
    "square_hd": (1024, 1024),
    "square": (512, 512),
    "portrait_4_3": (768, 1024),
    "portrait_16_9": (576, 1024),
    "landscape_4_3": (1024, 768),
    "landscape_16_9": (1024, 576),
    "auto": (1024, 1024),
}
TIERS = {"auto_2K": (2048, 2048), "auto_4K": (4096, 4096)}


@frozen
class Served:
    """A model, and what its two addresses end in.

    Attributes:
        least, most: pixels in all; None where FLUX.2's rules are to hold.
    """

    drawn: str = ""
    references: int = 8
    least: int | None = None
    most: int = 16_777_216
    fields: tuple[str, ...] = ("output_format", "safety_tolerance", "enable_safety_checker")


SEEDREAM_FIELDS = ("num_images", "max_images", "enable_safety_checker")
TUNED = (*Served().fields, "num_inference_steps", "guidance_scale", "enable_prompt_expansion")
MODELS = {
    "fal-ai/flux-2-max": Served(),
    "fal-ai/flux-2-pro": Served(),
    "fal-ai/flux-2-flex": Served(fields=TUNED),
    "fal-ai/flux-2/klein/9b": Served(references=4, fields=("num_inference_steps", "num_images")),
    "fal-ai/bytedance/seedream/v4.5": Served(
        "/text-to-image", 10, 2560 * 1440, fields=SEEDREAM_FIELDS
    ),
    "fal-ai/bytedance/seedream/v4": Served("/text-to-image", 10, 960 * 960, fields=SEEDREAM_FIELDS),
}
COMMON = ("prompt", "image_size", "seed", "sync_mode")


@define
class Job:
    """Accepted, and drawn: done at ``ready``, or when it has been ``asked`` for twice.

    Attributes:
        images: None when it is to fail.
    """

    images: list[dict[str, Any]] | None
    seed: int
    ready: float | None
    asked: int = 0

    def done(self, now: float) -> bool:
        return self.asked > 1 if self.ready is None else now >= self.ready


def key(asked: Asked) -> str | None:
    """The key of ``Authorization: Key ...``."""
    scheme, _, found = asked.headers.get("authorization", "").partition(" ")
    return found.strip() or None if scheme.lower() == "key" else None


def model_in_path(asked: Asked) -> str | None:
    """What stands in the address, without what is done with it."""
    path = unquote(asked.path).removeprefix(f"/{HOST}/")
    return path.removesuffix("/edit").removesuffix("/text-to-image")


def submit(visit: Visit) -> Answer:
    body = visit.asked.json_object()
    model = MODELS.get(visit.model or "")
    edits = visit.asked.path.endswith("/edit")
    if model is None or not (edits or visit.asked.path.endswith(model.drawn)):
        raise Refusal(Why.NO_SUCH_MODEL)
    visit.ignore(body, *COMMON, *model.fields, *(("image_urls",) if edits else ()))
    order = _order(body, visit.model or "", model, edits)
    made = None if visit.fails else [one for one in visit.make(order) if one]
    images = None if made is None else [_image(visit.link(one), order) for one in made]
    visit.id = secrets.token_hex(16)
    visit.records[visit.id] = Job(images, order.seed or 42, visit.ready)
    owner, app, *_ = (visit.model or "").split("/")
    url = f"{visit.asked.origin}/{HOST}/{owner}/{app}/requests/{visit.id}"
    links = {"response_url": url, "status_url": f"{url}/status", "cancel_url": f"{url}/cancel"}
    return json_answer({"status": "IN_QUEUE", "request_id": visit.id, "queue_position": 0, **links})


def status(visit: Visit) -> Answer:
    job = _job(visit)
    job.asked += 1
    done = job.done(visit.asked.at)
    said = {"request_id": visit.values["id"], "status": "COMPLETED" if done else "IN_PROGRESS"}
    return json_answer(said, 200 if done else 202)


def result(visit: Visit) -> Answer:
    job = _job(visit)
    if not job.done(visit.asked.at):
        return json_answer({"detail": "Request is still in progress"}, 400)
    if job.images is None:
        raise Refusal(Why.BROKEN)
    return json_answer({"images": job.images, "seed": job.seed})


def _job(visit: Visit) -> Job:
    job = visit.records.get(visit.values["id"])
    if job is None:
        raise Refusal(Why.NOT_FOUND, "Request not found")
    return job  # type: ignore[no-any-return]


# --- what is asked for ---------------------------------------------------------------------------


def _order(body: Mapping[str, Any], id: str, model: Served, edits: bool) -> Order:
    references = references_of(body.get("image_urls", []) if edits else [], 15, "image_urls")
    if edits and not 1 <= len(references) <= model.references:
        raise wrong("image_urls", f"must be 1 to {model.references}")
    order = order_of(body, id, _pixels(body, model), references)
    each = [_up_to_six(body, name) for name in ("num_images", "max_images")]
    return evolve(order, count=each[0] * each[1])


def _up_to_six(body: Mapping[str, Any], name: str) -> int:
    count = whole(body, name) or 1
    if not 1 <= count <= 6:
        raise wrong(name, "must be from 1 to 6")
    return count


def _pixels(body: Mapping[str, Any], model: Served) -> tuple[int, int]:
    """A word, or an object of width and height."""
    said = body.get("image_size", "landscape_4_3" if model.least is None else "auto_2K")
    words = NAMED if model.least is None else {**NAMED, **TIERS}
    if isinstance(said, str) and said in words:
        return words[said]
    if not isinstance(said, dict):
        raise wrong("image_size", f"must be an object, or one of {', '.join(words)}")
    width, height = said.get("width"), said.get("height")
    if model.least is None:
        return flux_2.pixels_of(width, height)
    if type(width) is not int or type(height) is not int:
        raise wrong("image_size", "must have width and height")
    if not model.least <= width * height <= model.most:
        raise wrong("image_size", f"must be {model.least} to {model.most} pixels in all")
    return width, height


def _image(url: str, order: Order) -> dict[str, Any]:
    width, height = order.pixels
    return {"url": url, "content_type": f"image/{order.format}", "width": width, "height": height}


def envelope(refusal: Refusal) -> Answer:
    status, kind, usual = REFUSALS[refusal.why]
    message = refusal.message or usual
    problem = {"loc": ["body", refusal.field or "prompt"], "msg": message, "type": kind}
    document: dict[str, Any] = {"detail": [problem] if status == 422 else message}
    if status >= 500:
        document["error_type"] = kind
    return json_answer(document, status, **refusal.headers)


DIALECT = Dialect(
    host=HOST,
    base="",
    operations=(
        *(
            Operation("generate", "POST", path, submit, model_in_path, job=True)
            for path in (
                "/{owner}/{app}",
                "/{owner}/{app}/{a}",
                "/{owner}/{app}/{a}/{b}",
                "/{owner}/{app}/{a}/{b}/{c}",
            )
        ),
        Operation("poll", "GET", "/{owner}/{app}/requests/{id}/status", status),
        Operation("poll", "GET", "/{owner}/{app}/requests/{id}", result),
    ),
    envelope=envelope,
    key=key,
    prices={
        "fal-ai/bytedance/seedream/v4.5": Decimal("0.04"),
        "fal-ai/bytedance/seedream/v4": Decimal("0.03"),
    },
)
