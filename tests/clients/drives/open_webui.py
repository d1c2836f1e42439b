"""Open WebUI's requests.

As its source has them: open-webui 0.12.4 on PyPI, open_webui/routers/images.py, from line 602
(`image_generations`) and 902 (`image_edits`), read 2026-11-29. It is sent by aiohttp.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import asking
import literal

AIOHTTP = {"Accept": "*/*", "User-Agent": "Python/3.11 aiohttp/3.13.2"}


def picture(answer: Any) -> str:
    """As it reads it: the link if there is one."""
    image = answer["data"][0]
    return str(image["url"] if image.get("url") else image["b64_json"])


def generated(model: str, prompt: str, size: str) -> str:
    asked = {"model": model, "prompt": prompt, "n": 1, "size": size}
    if not model.startswith("gpt-image"):
        asked["response_format"] = "b64_json"
    return picture(literal.posted("/images/generations", asked, AIOHTTP))


def edited(model: str, prompt: str, name: str, *pictures: Path) -> str:
    asked = {"model": model, "prompt": prompt, "size": "1024x1024"}
    pieces = literal.form(asked, name, pictures, "text/plain; charset=utf-8")
    return picture(literal.post("/images/edits", b"".join(pieces), AIOHTTP | literal.FORM))


@asking.makes
def generate(prompt: str) -> str:
    return generated("dall-e-3", prompt, "1024x1024")


@asking.makes
def edit(prompt: str) -> str:
    return edited("gpt-image-1", prompt, "image", asking.ONE)


@asking.makes
def edit_two(prompt: str) -> str:
    return edited("gpt-image-1", prompt, "image[]", asking.ONE, asking.TWO)


@asking.fails(asking.NEAREST)
def error(prompt: str) -> object:
    return generated("gpt-image-1", prompt, "512x512")  # its size unless the user says another


@asking.fails(asking.UNKNOWN)
def charged(prompt: str) -> object:
    return generated(asking.LOST, prompt, "1024x1024")


asking.tell(release="0.12.4, replayed")
