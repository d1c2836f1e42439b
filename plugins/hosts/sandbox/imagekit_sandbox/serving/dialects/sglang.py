"""SGLang's image server: any model, JSON or a form, base64, refusals as FastAPI says them.

From its source, read 2026-11-21: unknown fields are read over, ``n`` is cut to 1 to 10, links
are refused as long as no storage is set up, an edit without a picture is a 422. It asks for no
key; here any is as good as none.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from typing import Any

from imagekit_sandbox.serving.dialects.openai_forms import fields_of, model_of, pictures_of
from imagekit_sandbox.serving.kit.dialect import Dialect, Operation, bearer, model_in_body
from imagekit_sandbox.serving.kit.order import Order
from imagekit_sandbox.serving.kit.visit import Visit
from imagekit_sandbox.serving.messages.answers import Answer, json_answer
from imagekit_sandbox.serving.messages.asked import Asked
from imagekit_sandbox.serving.messages.magic import is_picture
from imagekit_sandbox.serving.messages.refusals import Refusal, Why

__all__ = ["DIALECT"]

FIELDS = (
    *("model", "prompt", "n", "size", "seed", "negative_prompt", "response_format", "user"),
    *("quality", "style", "background", "output_format", "output_compression", "output_quality"),
    *("width", "height", "num_inference_steps", "guidance_scale", "true_cfg_scale"),
    *("image", "url", "mask"),
)
_SIZE = re.compile(r"([1-9]\d{0,4})x([1-9]\d{0,4})")
NO_KEY = "nobody"

#: Why -> status, message.
REFUSALS = {
    Why.INVALID: (400, "Bad request"),
    Why.UNAUTHORIZED: (401, "Unauthorized"),
    Why.NO_BALANCE: (402, "Payment required"),
    Why.FROZEN: (403, "Forbidden"),
    Why.FORBIDDEN: (403, "Forbidden"),
    Why.NO_SUCH_MODEL: (404, "Not Found"),
    Why.NOT_FOUND: (404, "Not Found"),
    Why.MODERATED: (400, "content_policy: refused"),
    Why.RATE_LIMITED: (429, "Too many requests"),
    Why.BROKEN: (500, "Internal Server Error"),
    Why.BAD_GATEWAY: (502, "Bad Gateway"),
    Why.OVERLOADED: (503, "The engine is not ready"),
    Why.TIMED_OUT: (504, "Gateway Timeout"),
}


def anybody(asked: Asked) -> str:
    """The caller's key, if there is one."""
    return bearer(asked) or NO_KEY


def generate(visit: Visit) -> Answer:
    return _answer(visit, visit.asked.json_object(), "url")


def edit(visit: Visit) -> Answer:
    body = fields_of(visit.asked)
    if not pictures_of(body):
        raise _wrong("image", "Field 'image' or 'url' is required")
    if not all(map(is_picture, pictures_of(body))):
        raise Refusal(Why.INVALID, "Failed to process image: cannot identify image file")
    return _answer(visit, body, "b64_json")


def _answer(visit: Visit, body: Mapping[str, Any], usual: str) -> Answer:
    visit.ignore(body, *FIELDS)
    if body.get("response_format", usual) != "b64_json":
        message = "response_format='url' requires cloud storage to be configured"
        raise Refusal(Why.INVALID, message)
    order = _order(visit, body)
    id = secrets.token_hex(16)
    data = [
        {
            "b64_json": visit.base64(index, one),
            "url": None,
            "revised_prompt": order.prompt,
            "file_path": f"/tmp/{id}_{index}.{order.format}",
            "resize": "{}x{}".format(*order.pixels),
        }
        for index, one in enumerate(visit.make(order))
        if one
    ]
    usage = {
        "prompt_tokens": 0,
        "completion_tokens": 0,
        "total_tokens": 0,
        "image_count": len(data),
    }
    about = {"peak_memory_mb": 30000.0, "inference_time_s": 60.0, "usage": usage}
    return json_answer({"id": id, "created": int(visit.asked.at), "data": data, **about})


def _order(visit: Visit, body: Mapping[str, Any]) -> Order:
    prompt, size = body.get("prompt"), body.get("size", "1024x1024")
    if not isinstance(prompt, str):
        raise _wrong("prompt", "Field required")
    found = _SIZE.fullmatch(size) if isinstance(size, str) else None
    if found is None:
        raise _wrong("size", "Input should be WIDTHxHEIGHT")
    return Order(
        model=visit.model or "the one that is served",
        prompt=prompt,
        pixels=(int(found[1]), int(found[2])),
        identity=[prompt, body.get("negative_prompt")],
        seed=_seed(body.get("seed")),
        count=_count(body.get("n", 1)),
        carried="b64_json",
        format="jpeg" if body.get("output_format") in ("jpeg", "jpg") else "png",
        watermark=False,
        references=pictures_of(body),
    )


def _count(n: Any) -> int:
    """A number, or as a field of a form a text; one beyond the limits is moved to them."""
    try:
        return max(1, min(10, int(n)))
    except (TypeError, ValueError):
        raise _wrong("n", "Input should be a valid integer") from None


def _seed(seed: Any) -> int | None:
    try:
        return None if seed is None else int(seed)
    except (TypeError, ValueError):
        raise _wrong("seed", "Input should be a valid integer") from None


def _wrong(field: str, why: str) -> Refusal:
    return Refusal(Why.INVALID, why, field=field)


def envelope(refusal: Refusal) -> Answer:
    status, usual = REFUSALS[refusal.why]
    if refusal.field:
        place = {"loc": ["body", refusal.field], "msg": refusal.message, "type": "value_error"}
        return json_answer({"detail": [place]}, 422, **refusal.headers)
    return json_answer({"detail": refusal.message or usual}, status, **refusal.headers)


DIALECT = Dialect(
    host="sglang",
    base="/v1",
    operations=(
        Operation("generate", "POST", "/v1/images/generations", generate, model_in_body),
        Operation("generate", "POST", "/v1/images/edits", edit, model_of),
    ),
    envelope=envelope,
    key=anybody,
)
