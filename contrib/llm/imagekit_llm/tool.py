"""The tool ``imagekit_generate``: a model says what to draw, and the user's environment says where
pictures go, what may be read, which models may be asked, and how much may be spent."""

from __future__ import annotations

import os
from functools import cache

from imagekit import ImagekitError
from imagekit.tools import Studio, refusal

__all__ = ["Refused", "imagekit_generate", "studio"]

#: What a user says, and what it is when unsaid.
OUTPUT, BUDGET = "IMAGEKIT_LLM_OUTPUT", "IMAGEKIT_LLM_BUDGET"
ROOTS, MODELS = "IMAGEKIT_LLM_ROOTS", "IMAGEKIT_LLM_MODELS"
DEFAULT_OUTPUT = "imagekit-pictures"


class Refused(Exception):
    """No pictures, in words for the model: llm tells it ``Error: `` and these."""


@cache
def studio() -> Studio:
    """That of this process, so that its calls have one budget.

    Raises:
        ConfigurationError: the environment makes no sense.
    """
    said = os.environ.get
    return Studio(
        said(OUTPUT) or DEFAULT_OUTPUT,
        budget=said(BUDGET),
        roots=[one for one in said(ROOTS, "").split(os.pathsep) if one],
        models=[one for one in said(MODELS, "").replace(",", " ").split() if one],
    )


def imagekit_generate(
    prompt: str,
    model: str | None = None,
    size: str | None = None,
    ratio: str | None = None,
    resolution: str | None = None,
    n: int | None = None,
    seed: int | None = None,
    negative_prompt: str | None = None,
    images: list[str] | None = None,
) -> str:
    """Make pictures from a prompt, which may cost money, and save them as files.

    Say only what the user asked for. model: leave it out unless the user names one. size: such as
    2048x2048 or 2K; or ratio such as 16:9, with or without resolution such as 2K. n: how many.
    images: paths of reference pictures. Answers with the path, size, host and cost of each picture;
    an error says whether it was paid for and whether the call may be repeated.
    """
    try:
        return str(
            studio().generate(
                prompt,
                model=model,
                images=images or (),
                size=size,
                ratio=ratio,
                resolution=resolution,
                n=n,
                seed=seed,
                negative_prompt=negative_prompt,
            )
        )
    except ImagekitError as error:
        raise Refused(refusal(error)) from None
