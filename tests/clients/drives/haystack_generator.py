"""Haystack's generator of images, which reads nothing but base64."""

from __future__ import annotations

import asking
from haystack.components.generators import OpenAIImageGenerator
from haystack.utils import Secret

GATEWAY = {"api_base_url": asking.URL, "api_key": Secret.from_token(asking.KEY)}


def run(model: str, prompt: str, **given: str) -> str:
    return OpenAIImageGenerator(model, **GATEWAY).run(prompt, **given)["images"][0]


@asking.makes
def generate(prompt: str) -> str:
    return run("gpt-image-1", prompt)


@asking.fails(asking.NEAREST)
def error(prompt: str) -> object:
    return run("gpt-image-1", prompt, size=asking.TOO_SMALL)


@asking.fails(asking.UNKNOWN)
def charged(prompt: str) -> object:
    return run(asking.LOST, prompt)


@asking.makes
def hasty(prompt: str) -> str:
    options = {"timeout": asking.HASTE, "max_retries": asking.AGAIN}
    return OpenAIImageGenerator(asking.SLOW, **options, **GATEWAY).run(prompt)["images"][0]


asking.tell("haystack-ai")
