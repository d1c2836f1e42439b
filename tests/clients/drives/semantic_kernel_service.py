"""Semantic Kernel's service for pictures."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import asking
from openai import AsyncOpenAI
from semantic_kernel.connectors.ai.open_ai import (
    OpenAITextToImage,
    OpenAITextToImageExecutionSettings,
)


def run(
    model: str, ask: Callable[[OpenAITextToImage], Awaitable[list[str]]], **options: Any
) -> str:
    async def first() -> str:
        async with AsyncOpenAI(base_url=asking.URL, api_key=asking.KEY, **options) as client:
            return (await ask(OpenAITextToImage(ai_model_id=model, async_client=client)))[0]

    return asyncio.run(first())


def edited(prompt: str, model: str, *pictures: object, mask: object = None) -> str:
    # What it is made with names no model for edits: the settings do.
    settings = OpenAITextToImageExecutionSettings(ai_model_id=model)
    return run(
        model,
        lambda service: service.edit_image(
            prompt,
            image_paths=[str(one) for one in pictures],
            mask_path=str(mask) if mask else None,
            settings=settings,
        ),
    )


@asking.makes
def generate(prompt: str) -> str:
    return run("gpt-image-1", lambda service: service.generate_images(prompt))


@asking.makes
def link(prompt: str) -> str:
    return run("dall-e-3", lambda service: service.generate_images(prompt))


@asking.makes
def edit(prompt: str) -> str:
    return edited(prompt, "gpt-image-1", asking.ONE)


@asking.makes
def edit_two(prompt: str) -> str:
    return edited(prompt, "gpt-image-1", asking.ONE, asking.TWO)


@asking.makes
def edit_mask(prompt: str) -> str:
    return edited(prompt, asking.MASKED, asking.ONE, mask=asking.MASK)


@asking.fails(asking.NEAREST)
def error(prompt: str) -> object:
    width, height = map(int, asking.TOO_SMALL.split("x"))
    settings = OpenAITextToImageExecutionSettings(width=width, height=height)
    return run("gpt-image-1", lambda service: service.generate_images(prompt, settings))


@asking.fails(asking.UNKNOWN)
def charged(prompt: str) -> object:
    return run(asking.LOST, lambda service: service.generate_images(prompt))


@asking.makes
def hasty(prompt: str) -> str:
    options = {"timeout": asking.HASTE, "max_retries": asking.AGAIN}
    return run(asking.SLOW, lambda service: service.generate_images(prompt), **options)


asking.tell("semantic-kernel")
