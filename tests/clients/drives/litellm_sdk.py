"""LiteLLM as a library, which speaks to the gateway as to OpenAI."""

from __future__ import annotations

import asking
import litellm
from litellm.types.utils import ImageResponse

GATEWAY = {"api_base": asking.URL, "api_key": asking.KEY}


def picture(answer: ImageResponse) -> str:
    assert answer.data
    return answer.data[0].b64_json or answer.data[0].url or ""


@asking.makes
def generate(prompt: str) -> str:
    return picture(litellm.image_generation(prompt, model="openai/gpt-image-1", **GATEWAY))


@asking.makes
def link(prompt: str) -> str:
    return picture(litellm.image_generation(prompt, model="openai/dall-e-3", **GATEWAY))


@asking.makes
def edit(prompt: str) -> str:
    with asking.ONE.open("rb") as one:
        return picture(litellm.image_edit(one, prompt, model="openai/gpt-image-1", **GATEWAY))


@asking.makes
def edit_two(prompt: str) -> str:
    with asking.ONE.open("rb") as one, asking.TWO.open("rb") as two:
        pictures = [one, two]
        return picture(litellm.image_edit(pictures, prompt, model="openai/gpt-image-1", **GATEWAY))


@asking.makes
def edit_mask(prompt: str) -> str:
    model = f"openai/{asking.MASKED}"
    with asking.ONE.open("rb") as one, asking.MASK.open("rb") as mask:
        return picture(litellm.image_edit(one, prompt, model=model, mask=mask, **GATEWAY))


@asking.lists
def models() -> list[str]:
    return litellm.get_valid_models(
        check_provider_endpoint=True, custom_llm_provider="openai", **GATEWAY
    )


@asking.fails(asking.NEAREST)
def error(prompt: str) -> object:
    return litellm.image_generation(
        prompt, model="openai/gpt-image-1", size=asking.TOO_SMALL, **GATEWAY
    )


@asking.fails(asking.UNKNOWN)
def charged(prompt: str) -> object:
    return litellm.image_generation(prompt, model=f"openai/{asking.LOST}", **GATEWAY)


@asking.makes
def hasty(prompt: str) -> str:
    options = {"timeout": asking.HASTE, "max_retries": asking.AGAIN}
    return picture(
        litellm.image_generation(prompt, model=f"openai/{asking.SLOW}", **options, **GATEWAY)
    )


asking.tell("litellm")
