"""any-llm, which speaks to the gateway as to OpenAI."""

from __future__ import annotations

import any_llm
import asking
from any_llm.types.image import ImagesResponse

GATEWAY = {"provider": "openai", "api_base": asking.URL, "api_key": asking.KEY}


def picture(answer: ImagesResponse) -> str:
    assert answer.data
    return answer.data[0].b64_json or answer.data[0].url or ""


@asking.makes
def generate(prompt: str) -> str:
    return picture(any_llm.image_generation("gpt-image-1", prompt, **GATEWAY))


@asking.makes
def link(prompt: str) -> str:
    return picture(any_llm.image_generation("dall-e-3", prompt, style="vivid", **GATEWAY))


@asking.makes
def edit(prompt: str) -> str:
    return picture(any_llm.image_edit("gpt-image-1", asking.ONE, prompt, **GATEWAY))


@asking.makes
def edit_two(prompt: str) -> str:
    pictures = [asking.ONE, asking.TWO]
    return picture(any_llm.image_edit("gpt-image-1", pictures, prompt, **GATEWAY))


@asking.makes
def edit_mask(prompt: str) -> str:
    mask = {"mask": asking.MASK}
    return picture(any_llm.image_edit(asking.MASKED, asking.ONE, prompt, **mask, **GATEWAY))


@asking.lists
def models() -> list[str]:
    return [model.id for model in any_llm.list_models(**GATEWAY)]


@asking.fails(asking.NEAREST)
def error(prompt: str) -> object:
    return any_llm.image_generation("gpt-image-1", prompt, size=asking.TOO_SMALL, **GATEWAY)


@asking.fails(asking.UNKNOWN)
def charged(prompt: str) -> object:
    return any_llm.image_generation(asking.LOST, prompt, **GATEWAY)


@asking.makes
def hasty(prompt: str) -> str:
    options = {"timeout": asking.HASTE, "max_retries": asking.AGAIN}
    return picture(any_llm.image_generation(asking.SLOW, prompt, client_args=options, **GATEWAY))


asking.tell("any-llm-sdk")
