"""OpenAI's own client for Python."""

from __future__ import annotations

import asking
from openai import OpenAI
from openai.types import ImagesResponse

client = OpenAI(base_url=asking.URL, api_key=asking.KEY)


def picture(answer: ImagesResponse) -> str:
    assert answer.data
    return answer.data[0].b64_json or answer.data[0].url or ""


@asking.makes
def generate(prompt: str) -> str:
    return picture(client.images.generate(model="gpt-image-1", prompt=prompt))


@asking.makes
def link(prompt: str) -> str:
    return picture(client.images.generate(model="dall-e-3", prompt=prompt, quality="hd"))


@asking.makes
def edit(prompt: str) -> str:
    with asking.ONE.open("rb") as one:
        return picture(client.images.edit(model="gpt-image-1", prompt=prompt, image=one))


@asking.makes
def edit_two(prompt: str) -> str:
    with asking.ONE.open("rb") as one, asking.TWO.open("rb") as two:
        return picture(client.images.edit(model="gpt-image-1", prompt=prompt, image=[one, two]))


@asking.makes
def edit_mask(prompt: str) -> str:
    with asking.ONE.open("rb") as one, asking.MASK.open("rb") as mask:
        answer = client.images.edit(model=asking.MASKED, prompt=prompt, image=one, mask=mask)
        return picture(answer)


@asking.makes
def stream(prompt: str) -> list[str]:
    kinds, pictures = [], []
    for event in client.images.generate(
        model=asking.MASKED, prompt=prompt, stream=True, partial_images=2
    ):
        kinds.append(event.type.rpartition(".")[2])
        pictures.append(event.b64_json)
    assert kinds == ["partial_image", "partial_image", "completed"], kinds
    return pictures


@asking.lists
def models() -> list[str]:
    return [model.id for model in client.models.list()]


@asking.fails(asking.NEAREST)
def error(prompt: str) -> object:
    return client.images.generate(
        model="gpt-image-1",
        prompt=prompt,
        size=asking.TOO_SMALL,  # type: ignore[call-overload]
    )


@asking.fails(asking.UNKNOWN)
def charged(prompt: str) -> object:
    return client.images.generate(model=asking.LOST, prompt=prompt)


@asking.makes
def hasty(prompt: str) -> str:
    impatient = client.with_options(timeout=asking.HASTE, max_retries=asking.AGAIN)
    return picture(impatient.images.generate(model=asking.SLOW, prompt=prompt))


asking.tell("openai")
