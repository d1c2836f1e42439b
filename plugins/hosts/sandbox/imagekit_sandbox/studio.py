"""The far side of the sandbox: a request in, a reply out, without a socket.

Drawing is deterministic, so a link need not lead to a stored file: it carries all that
is needed to draw the same picture again, in any process.
"""

from __future__ import annotations

import base64
import io
import json
import time
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

from imagekit import Reply, Request
from imagekit_sandbox.drawing.painter import paint
from imagekit_sandbox.drawing.scene import CAPTION, Scene, digest_of, thumbnail_of
from imagekit_sandbox.drawing.turns import Turns

__all__ = ["Studio"]

PICTURES = "/pictures/"
MOST = 15  # pictures of one request: as many as a group may have


class Studio:
    """What one client is answered by. Thread-safe.

    It counts what it has drawn: an order without a seed gives another picture each time, as it
    would elsewhere, and the same ones in the next program that gives the same orders.
    """

    def __init__(self) -> None:
        self._turns = Turns()

    def answer(self, request: Request) -> Reply:
        """What the sandbox says to a request of imagekit's own."""
        parts = urlsplit(request.url)
        if request.method == "GET" and parts.path.startswith(PICTURES):
            scene = _scene_of(parts.path.removeprefix(PICTURES))
            return _reply(200, paint(scene), f"image/{scene.format}")
        if request.method == "POST" and parts.path.endswith("/images/generations"):
            pixels = dict(parse_qsl(parts.query))["pixels"]
            body = request.body.read() if request.body else b"{}"
            return self._drawn(json.loads(body), pixels, request.url)
        nothing = {"code": "not_found", "message": "the sandbox has no such path"}
        return _json(404, {"error": nothing})

    def _drawn(self, body: dict[str, Any], pixels: str, url: str) -> Reply:
        """Native fields are not checked before they get here."""
        try:
            return self._generate(body, pixels, url)
        except (AttributeError, TypeError, ValueError) as error:
            message = f"the sandbox can't draw that: {error}"
            return _json(400, {"error": {"code": "invalid_request", "message": message}})

    def _generate(self, body: dict[str, Any], pixels: str, url: str) -> Reply:
        origin = urljoin(url, "/").rstrip("/")
        scenes = _scenes(body, pixels, self._what(body))
        inline = body.get("response_format") == "b64_json"
        data = [_inline(scene) if inline else _link(scene, origin) for scene in scenes]
        document = {
            "created": int(time.time()),
            "model": body["model"],
            "data": data,
            "usage": {"generated_images": len(data)},
        }
        return _json(200, document)

    def _what(self, body: dict[str, Any]) -> list[Any]:
        """All that a drawing depends on."""
        seed = body.get("seed", -1)
        what = [body["model"], body["prompt"], seed, body.get("image") or []]
        return [*what, self._turns.take(what)] if seed == -1 else what


def _scenes(body: dict[str, Any], pixels: str, what: list[Any]) -> list[Scene]:
    width, height = map(int, pixels.split("x"))
    given = body.get("image") or []
    references = [given] if isinstance(given, str) else given
    thumbnails = tuple(thumbnail_of(reference) for reference in references)
    return [
        _scene(body, digest_of([*what, index]), (width, height), thumbnails)
        for index in range(_count(body))
    ]


def _count(body: dict[str, Any]) -> int:
    """How many to draw: n, or a group's limit; a group without a limit gets two."""
    count = body.get("n", 1)
    if body.get("sequential_image_generation") == "auto":
        count = body.get("sequential_image_generation_options", {}).get("max_images", 2)
    if type(count) is not int or not 1 <= count <= MOST:
        raise ValueError(f"it makes 1 to {MOST} pictures, not {count!r}")
    return count


def _scene(
    body: dict[str, Any], digest: str, pixels: tuple[int, int], thumbnails: tuple[str, ...]
) -> Scene:
    width, height = pixels
    return Scene(
        width=width,
        height=height,
        digest=digest,
        caption=body["prompt"][:CAPTION],
        model=body["model"],
        watermark=body.get("watermark", True),
        references=thumbnails,
        format=body.get("output_format", "png"),
    )


def _inline(scene: Scene) -> dict[str, str]:
    picture = base64.b64encode(paint(scene)).decode()
    return {"b64_json": picture, "size": f"{scene.width}x{scene.height}"}


def _link(scene: Scene, origin: str) -> dict[str, str]:
    name = base64.urlsafe_b64encode(json.dumps(scene.to_list()).encode()).decode()
    return {"url": f"{origin}{PICTURES}{name}", "size": f"{scene.width}x{scene.height}"}


def _scene_of(name: str) -> Scene:
    return Scene.from_list(json.loads(base64.urlsafe_b64decode(name)))


def _json(status: int, document: Any) -> Reply:
    return _reply(status, json.dumps(document).encode(), "application/json")


def _reply(status: int, body: bytes, media_type: str) -> Reply:
    headers = {"content-type": media_type, "content-length": str(len(body))}
    return Reply(status, headers, io.BytesIO(body))
