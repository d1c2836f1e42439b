"""The bodies of an edit: JSON, or a form (RFC 7578), read into the same fields."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from imagekit_sandbox.serving.messages.asked import Asked
from imagekit_sandbox.serving.messages.refusals import Refusal

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
    if asked.form is None:
        return asked.json_object()
    found: dict[str, Any] = {}
    for part in asked.form:
        name = part.name.removesuffix("[]")
        if part.filename is not None:
            picture = base64.b64encode(part.content).decode()
            found.setdefault(name, []).append(f"data:{part.media_type};base64,{picture}")
        elif name == "url":
            found.setdefault(name, []).append(part.text)
        else:
            found[part.name] = _value(part.name, part.text)
    return found


def _value(name: str, text: str) -> Any:
    """Forms have texts alone: a number is what its field makes of it."""
    if name in _NUMBERS and text.lstrip("-").isdecimal():
        return int(text)
    return {"true": True, "false": False}.get(text, text)


def pictures_of(body: Mapping[str, Any]) -> tuple[str, ...]:
    """The references of an edit, in whichever way they are given."""
    objects = [one for one in _listed(body, "images") if isinstance(one, dict)]
    given = [str(one.get("image_url", "")) for one in objects]
    return (*given, *_listed(body, "url"), *_listed(body, "image"))


def _listed(body: Mapping[str, Any], name: str) -> list[Any]:
    found = body.get(name)
    return found if isinstance(found, list) else []
