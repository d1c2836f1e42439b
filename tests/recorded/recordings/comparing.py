"""What came of a call in the words of a table, and what the table has."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from attrs import asdict

from imagekit import Failure, Image, ImagekitError, Result, Retry
from recordings.calling import Outcome
from recordings.samples import asked, dig, said
from recordings.tables import Answered

__all__ = ["expected", "found"]

#: What a row says of an error, and of a result.
_OF_ERRORS = ("error", "code", "retryable", "charged", "retry_after", "job_kept")
_OF_RESULTS = (
    "pictures",
    "failures",
    "usage",
    "served_model",
    "created",
    "metadata",
    "told",
    "notes",
)


def expected(vectors: Path, row: Answered) -> dict[str, Any]:
    """Besides what the row says: a request is sent again where that is certain to be free, and
    nowhere else."""
    body = said(vectors, row.name).body
    wanted = {name: getattr(row, name) for name in (_OF_ERRORS if row.error else _OF_RESULTS)}
    free = row.error and row.retryable and row.charged == "no"
    posts = Retry().attempts if free else 1
    wanted["sent"] = bool(row.job) + bool(row.after) + posts + row.looked_up
    told_where = isinstance(row.request_id, str)
    wanted["request_id"] = dig(body, row.request_id) if told_where else row.request_id
    wanted |= {name: dig(body, place) for name, place in _places(row).items()}
    if row.asked_by:
        recorded = asked(vectors, row.asked_by)
        wanted["asked_by"] = f"{recorded.method} {recorded.path}"
    return wanted


def found(row: Answered, outcome: Outcome) -> dict[str, Any]:
    come = outcome.result or outcome.error
    assert come is not None, "neither a result nor an error"
    become = _of_result(row, come) if isinstance(come, Result) else _of_error(come)
    request_id = getattr(come, "request_id", None)
    become["request_id"] = request_id if isinstance(row.request_id, str) else bool(request_id)
    become["sent"] = len(outcome.seen)
    if row.streamed and not row.error:
        become["told"] = outcome.told
    if row.words:
        become["words"] = getattr(come, "vendor_message", None)
    if row.asked_by:
        become["asked_by"] = _last_asked(outcome)
    return become


def _places(row: Answered) -> dict[str, str]:
    places = {"words": row.words, "links": row.links}
    return {name: place for name, place in places.items() if place}


def _last_asked(outcome: Outcome) -> str:
    last = outcome.seen[-1]
    return f"{last.method} {unquote(urlsplit(last.path).path)}"


def _of_error(error: ImagekitError) -> dict[str, Any]:
    return {
        "error": type(error).__name__,
        "code": getattr(error, "code", None) or "",
        "retryable": error.retryable,
        "charged": str(error.charged),
        "retry_after": getattr(error, "retry_after", None) or 0,
        "job_kept": error.pending is not None,
    }


def _of_result(row: Answered, result: Result) -> dict[str, Any]:
    usage = asdict(result.usage) if result.usage else {}
    links = {"links": [image.url for image in result.images]} if row.links else {}
    return {
        "pictures": tuple(map(_picture, result.images)),
        "failures": tuple(map(_failure, result.failures)),
        "usage": {name: count for name, count in usage.items() if count is not None},
        "served_model": result.served_model or "",
        "created": result.created is not None,
        "told": (),
        "notes": tuple(_part(row.notes, note) for note in result.notes),
        "metadata": tuple(name for name in row.metadata if _has(result, name)),
        **links,
    }


def _part(parts: tuple[str, ...], note: str) -> str:
    return next((part for part in parts if part in note), note)


def _has(result: Result, name: str) -> bool:
    at, dot, field = name.partition(".")
    return field in result.images[int(at)].metadata if dot else name in result.metadata


def _picture(image: Image) -> str:
    """A link is not followed."""
    what = "link"
    if image.url is None:
        sides = "x".join(map(str, image.pixels or ())) or "unmeasured"
        what = f"{image.media_type or 'unknown'} {sides}"
    return " ".join(filter(None, [str(image.index), what, image.declared_size]))


def _failure(failure: Failure) -> str:
    words = [str(failure.index), failure.code or "", "moderated" if failure.moderated else ""]
    return " ".join(filter(None, words))
