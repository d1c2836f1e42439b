"""The tool: an agent says what to draw, and the program's `Studio` says all the rest."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

from langchain_core.tools import StructuredTool, ToolException
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from imagekit import ImagekitError, Result
from imagekit.tools import Studio, plain, refusal

__all__ = ["Asked", "imagekit_tool"]

DESCRIPTION = (
    "Make pictures from a prompt, which may cost money, and save them as files. Answers with the "
    "path, size, host and cost of each picture; an error says whether it was paid for and whether "
    "the call may be repeated."
)


class Asked(BaseModel):
    """What an agent may say. Whatever else it says is an error, and not dropped."""

    model_config = ConfigDict(extra="forbid")

    prompt: str = Field(description="What to draw.")
    model: str | None = Field(None, description="Leave it out unless the user names one.")
    size: str | None = Field(None, description="Such as 2048x2048, or a tier such as 2K.")
    ratio: str | None = Field(None, description="Such as 16:9, in place of a size.")
    resolution: str | None = Field(None, description="The tier, such as 2K, beside a ratio.")
    n: int | None = Field(None, description="How many pictures.")
    seed: int | None = Field(None, description="For a picture that can be made again.")
    negative_prompt: str | None = Field(None, description="What not to draw.")
    images: list[str] = Field([], description="Paths of reference pictures.")


def imagekit_tool(studio: Studio, name: str = "imagekit_generate") -> StructuredTool:
    """The tool of a studio, whose folder, roots, models and budget hold for whoever calls it.

    Its content is a short text: paths, sizes, host, cost. Its artifact is the `imagekit.Result`,
    with the pictures. An error is told to the agent in words (``status="error"``), and says whether
    it was paid for and what to do next. Asked with ``ainvoke`` it works in a thread. When the task
    is cancelled, what is not sent never will be; the thread saves what it has bought.
    """

    def generate(**wanted: Any) -> tuple[str, Result]:
        try:
            made = studio.generate(**wanted)
        except ImagekitError as error:
            raise ToolException(refusal(error)) from None
        return str(made), made.result

    async def awaited(**wanted: Any) -> tuple[str, Result]:
        stop = threading.Event()
        try:
            return await asyncio.to_thread(generate, stop=stop, **wanted)
        finally:
            stop.set()

    may = f" Models: {', '.join(studio.models)}." if studio.models else ""
    return StructuredTool.from_function(
        generate,
        awaited,
        name=name,
        description=f"{DESCRIPTION}{may}",
        args_schema=Asked,
        response_format="content_and_artifact",
        handle_tool_error=True,
        handle_validation_error=misasked,
    )


def misasked(error: ValueError) -> str:
    """What an agent said wrongly, each field by its name, and what is right."""
    assert isinstance(error, ValidationError)  # as of `Asked`, whatever else LangChain knows
    wrong = [_wrong(str(one["loc"][0]), one["msg"]) for one in error.errors()]
    may = f"The fields are {', '.join(Asked.model_fields)}."
    told = ("Nothing was sent.", *wrong, may, "Charged: no. Change what is wrong, and call again.")
    return plain("\n".join(told))


def _wrong(name: str, why: str) -> str:
    field = Asked.model_fields.get(name)
    return f"{name}: {why}. {field.description}" if field else f"{name}: there is no such field."
