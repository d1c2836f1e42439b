"""LangChain's tool for DALL-E, which reads nothing but links."""

from __future__ import annotations

import asking
from langchain_community.utilities.dalle_image_generator import DallEAPIWrapper


def run(model: str, prompt: str, **given: str) -> str:
    tool = DallEAPIWrapper(model=model, base_url=asking.URL, api_key=asking.KEY, **given)
    return tool.run(prompt)


@asking.makes
def link(prompt: str) -> str:
    return run("dall-e-3", prompt)


@asking.fails(asking.NEAREST)
def error(prompt: str) -> object:
    return run("dall-e-3", prompt, size=asking.TOO_SMALL)


@asking.fails(asking.UNKNOWN)
def charged(prompt: str) -> object:
    return run(asking.LOST, prompt)


asking.tell("langchain-community")
