"""The bodies of an edit: JSON, or a form (RFC 7578), read into the same fields."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from email.message import Message
from email.parser import BytesParser
from typing import Any

from imagekit_sandbox.serving.messages import Asked, Refusal, Why

__all__ = ["fields_of", "model_of", "pictures_of"]

_NUMBERS = ("n", "seed", "output_compression", "partial_images", "num_inference_steps")


def model_of(asked: Asked) -> str | None:
    """The model's id, in either kind of body."""
    try:
        model = fields_of(asked).get("model")
    except Refusal:  # the operation itself says so, in its own words
        return None
    return model if isinstance(model, str) else None


def fields_of(asked: Asked) -> dict[str, Any]:
    """What a body says. Pictures of a form are data URLs, in lists under the name of the field
    without ``[]``.

    Raises:
        Refusal: it is neither.
    """
    kind = asked.headers.get("content-type", "")
    if not kind.startswith("multipart/form-data"):
        return asked.json_object()
    form = BytesParser().parsebytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + asked.body)
    parts = form.get_payload()
    if not isinstance(parts, list):
        raise Refusal(Why.INVALID, "The request body is not a form")
    return _read(part for part in parts if isinstance(part, Message))


def _read(parts: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for part in parts:
        name = str(part.get_param("name", header="content-disposition") or "")
        content = part.get_payload(decode=True)
        if part.get_filename():
            kind = part.get_content_type()
            picture = f"data:{kind};base64,{base64.b64encode(content).decode()}"
            found.setdefault(name.removesuffix("[]"), []).append(picture)
        elif name.removesuffix("[]") == "url":
            found.setdefault("url", []).append(content.decode())
        else:
            found[name] = _value(name, content.decode())
    return found


def _value(name: str, text: str) -> Any:
    """Forms have texts alone: a number is what its field makes of it."""
    if name in _NUMBERS and text.lstrip("-").isdecimal():
        return int(text)
    return {"true": True, "false": False}.get(text, text)


def pictures_of(body: Mapping[str, Any]) -> tuple[str, ...]:
    """The references of an edit, in whichever way they are given."""
    objects = [one for one in body.get("images", ()) if isinstance(one, dict)]
    given = [str(one.get("image_url", "")) for one in objects]
    return (*given, *body.get("url", ()), *body.get("image", ()))
