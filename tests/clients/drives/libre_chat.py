"""LibreChat's requests.

As its source has them: github.com/danny-avila/LibreChat at 8731432f, OpenAIImageTools.js and
DALLE3.js in api/app/clients/tools/structured, read 2026-11-29. Generations are sent by
openai-node, edits by axios: as a stream, since the files may come from a bucket.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import asking
import literal

NODE = {
    "Accept": "application/json",
    "User-Agent": "OpenAI/JS 5.10.1",
    "X-Stainless-Lang": "js",
    "X-Stainless-Retry-Count": "0",
}
AXIOS = {"Accept": "application/json, text/plain, */*", "User-Agent": "axios/1.12.1"}


def generated(**asked: Any) -> Any:
    return literal.posted("/images/generations", asked, NODE)["data"][0]


def edited(prompt: str, *pictures: Path) -> str:
    asked = {"model": "gpt-image-1", "prompt": prompt, "quality": "auto", "size": "auto"}
    pieces = literal.form(asked, "image[]", pictures)
    answer = literal.post("/images/edits", pieces, AXIOS | literal.FORM)
    return str(answer["data"][0]["b64_json"])


def tool(model: str, prompt: str) -> Any:
    """Its tool image_gen_oai, with all that it fills in."""
    return generated(
        model=model,
        prompt=prompt,
        n=1,
        background="auto",
        output_format="png",
        quality="auto",
        size="auto",
    )


@asking.makes
def generate(prompt: str) -> str:
    return str(tool("gpt-image-1", prompt)["b64_json"])


@asking.makes
def link(prompt: str) -> str:
    made = generated(
        model="dall-e-3",
        quality="standard",
        style="vivid",
        size="1024x1024",
        prompt=prompt,
        n=1,
    )
    return str(made["url"])


@asking.makes
def edit(prompt: str) -> str:
    return edited(prompt, asking.ONE)


@asking.makes
def edit_two(prompt: str) -> str:
    return edited(prompt, asking.ONE, asking.TWO)


@asking.fails(asking.UNKNOWN)
def charged(prompt: str) -> object:
    return tool(asking.LOST, prompt)


asking.tell(release="8731432f, replayed")
