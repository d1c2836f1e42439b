"""Results, plans and errors as tools answer with them: for a model to read, and as data."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from mcp.types import CallToolResult, ContentBlock, ResourceLink, TextContent

from imagekit import Image, ImagekitError, Plan, Problem, Receipt, Result
from imagekit.tools import next_step, said
from imagekit_mcp.previews import preview
from imagekit_mcp.words import clean

__all__ = ["answer", "error_of", "made", "not_made", "picture_of", "planned", "refusal"]

#: Pictures of one answer that have a preview: it stays below some 110 kB.
MOST_PREVIEWS = 4
#: What a journal of this server knows, its next start brings.
FETCHED = "`history` tells what has come of it, and the next start of this server brings the rest."


def answer(document: dict[str, Any], further: Iterable[ContentBlock] = ()) -> CallToolResult:
    """The document, also as text for clients that read nothing else."""
    shown = clean(document)
    text = TextContent(text=json.dumps(shown, ensure_ascii=False))
    return CallToolResult(content=[text, *further], structured_content=shown)


def made(
    result: Result,
    saved: Mapping[Path, Image],
    drawn: bool,
    previews: bool,
    trouble: ImagekitError | None = None,
) -> CallToolResult:
    """Pictures that are saved: links to them, and the first few small.

    Args:
        trouble: why others are not.
    """
    document = {
        "model": result.model,
        "host": result.host,
        "sandbox": drawn,
        "pictures": [picture_of(image, path) for path, image in saved.items()],
        "not_made": not_made(result),
        "cost": str(result.cost),
        "charged": str(result.charged),
        "changed": _changed(result.receipt),
        "notes": [*map(said, result.notes)],
        **({"error": error_of(trouble)} if trouble else {}),
    }
    small = [preview(one) for one in [*saved.values()][:MOST_PREVIEWS]] if previews else []
    links = [_link(image, path) for path, image in saved.items()]
    return answer(document, [*links, *filter(None, small)])


def picture_of(image: Image, path: Path) -> dict[str, Any]:
    """Where a picture is that was saved, and what it is."""
    width, height = image.pixels or (None, None)
    return {
        "path": str(path),
        "uri": path.as_uri(),
        "media_type": image.media_type,
        "width": width,
        "height": height,
        "bytes": image.blob.size,
    }


def _link(image: Image, path: Path) -> ResourceLink:
    size = image.blob.size
    return ResourceLink(uri=path.as_uri(), name=path.name, mime_type=image.media_type, size=size)


def not_made(result: Result) -> list[dict[str, Any]]:
    lost = [{"picture": one.index + 1, "why": said(one.message)} for one in result.failures]
    away = [image for image in result.images if not image.is_here]
    why = "it is made, and its link could not be fetched"
    return [
        *lost,
        *(
            {"picture": one.index + 1, "why": f"{why}: {said(str(one.error))}", "link": one.url}
            for one in away
        ),
    ]


def _changed(receipt: Receipt) -> list[str]:
    lines = [line for line in receipt.lines if str(line.action) in ("adapted", "dropped")]
    return [f"{line.parameter} was {line.action}: {line.value!s:.200}" for line in lines]


def planned(plan: Plan) -> CallToolResult:
    return answer(
        {
            "model": plan.model,
            "host": plan.host,
            "possible": not plan.problems,
            "problems": [_problem(one) for one in plan.problems],
            "paid_calls": plan.paid_calls,
            "estimate": str(plan.estimate),
            "changed": _changed(plan.receipt),
            "notes": plan.notes,
        }
    )


def _problem(problem: Problem) -> dict[str, Any]:
    nearest = {} if problem.nearest is None else {"nearest": problem.nearest}
    return {"parameter": problem.field, "message": problem.message, **nearest}


def refusal(error: ImagekitError) -> CallToolResult:
    """An error: what is wrong, whether it was paid for, and what to do next."""
    shown = answer({"error": error_of(error)})
    shown.is_error = True
    return shown


def error_of(error: ImagekitError) -> dict[str, Any]:
    problems = getattr(error, "problems", ())
    return {
        "kind": type(error).__name__,
        "message": said(error),
        "charged": str(error.charged),
        "next": next_step(error, FETCHED),
        **({"problems": [_problem(one) for one in problems]} if problems else {}),
    }
