"""Lines of OpenAI's batch format."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from imagekit import UsageError

__all__ = ["asked_of_openai", "is_of_openai"]

URLS = ("/v1/images/generations", "/v1/images/edits")
KEYS = {"method", "url", "body"}
#: How an answer carries the pictures, and who is behind a key: here all are files of yours.
NOT_ASKED = ("response_format", "stream", "partial_images", "user")


def is_of_openai(found: Mapping[str, Any]) -> bool:
    return "body" in found or {"method", "url"} <= found.keys()


def asked_of_openai(found: Mapping[str, Any]) -> dict[str, Any]:
    """Prompt, model and parameters of such a line.

    Raises:
        UsageError: it asks for no pictures.
    """
    body = found.get("body")
    if not isinstance(body, dict):
        raise UsageError("body: it is no object with a model and a prompt")
    if found.get("method", "POST") != "POST" or found.get("url") not in URLS:
        raise UsageError(f"pictures are asked for by POST at {' or '.join(URLS)}")
    if unknown := sorted(found.keys() - KEYS):
        raise UsageError(f"{', '.join(unknown)}: parameters stand in the body")
    asked = {name: value for name, value in body.items() if name not in NOT_ASKED}
    images = asked.pop("images", None)
    if images is not None:
        asked["image"] = [
            _source(one) for one in (images if isinstance(images, list) else [images])
        ]
    return asked


def _source(given: Any) -> Any:
    """Of ``{"image_url": ...}`` what is in it."""
    return given.get("image_url", given) if isinstance(given, dict) else given
