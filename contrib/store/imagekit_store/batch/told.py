"""What came of a line, in the words of OpenAI's batch output."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from imagekit import Charged
from imagekit_store.batch.lines import Line
from imagekit_store.schema.states import RequestState
from imagekit_store.values.entries import Entry, StoredPicture

__all__ = ["result_line"]

#: The dearest first: what a request of several calls may have cost is what one of them may have.
DEAREST = (Charged.YES, Charged.MAYBE, Charged.NO)


def result_line(line: Line, entry: Entry, files: Mapping[int, str]) -> dict[str, Any]:
    """
    Args:
        files: the file of each picture by its place, relative to the results.
    """
    told = {"id": entry.id, "custom_id": line.name}
    if entry.state != RequestState.DONE:
        return {**told, "response": None, "error": _error(entry, files)}
    named = next((one.host_request for one in entry.attempts if one.host_request), None)
    body = _body(entry, files)
    response = {"status_code": 200, "request_id": named or entry.id, "body": body}
    return {**told, "response": response, "error": None}


def _body(entry: Entry, files: Mapping[int, str]) -> dict[str, Any]:
    return {
        "created": int((entry.finished or entry.created).timestamp()),
        "model": entry.model,
        "host": entry.host,
        "data": _data(entry, files),
        "usage": _usage(entry),
        "cost": [
            {"amount": f"{one.cost.normalize():f}", "currency": one.currency}
            for one in entry.attempts
            if one.cost is not None
        ],
        "notes": [*dict.fromkeys(note for one in entry.attempts for note in one.notes)],
    }


def _usage(entry: Entry) -> dict[str, float]:
    """What the host has counted, of all calls together."""
    counted: dict[str, float] = {}
    for usage in (one.usage or {} for one in entry.attempts):
        for name, count in usage.items():
            if isinstance(count, int | float):
                counted[name] = counted.get(name, 0) + count
    return counted


def _data(entry: Entry, files: Mapping[int, str]) -> list[dict[str, Any]]:
    return [_picture(one, files.get(one.place)) for one in entry.pictures]


def _picture(picture: StoredPicture, file: str | None) -> dict[str, Any]:
    if not picture.is_kept:
        return {"error": dict(picture.error or {"message": "it is not here"})}
    named = ("media_type", "bytes", "width", "height", "sha256")
    return {"file": file, **{name: getattr(picture, name) for name in named}}


def _error(entry: Entry, files: Mapping[int, str]) -> dict[str, Any]:
    error = entry.error or {}
    charged = next((one for one in DEAREST if one in _charged(entry)), Charged.NO)
    is_unknown = entry.state == RequestState.UNKNOWN
    here = {"data": _data(entry, files)} if files else {}  # of one call, where another has failed
    return {
        "code": "outcome_unknown" if is_unknown else _code(str(error.get("type", "failed"))),
        "message": str(error.get("message", "")),
        "charged": str(charged),
        **here,
    }


def _charged(entry: Entry) -> set[Charged]:
    return {one.charged for one in entry.attempts}


def _code(kind: str) -> str:
    """``RateLimited`` as ``rate_limited``; that nobody knows is said of what is unknown alone."""
    code = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", kind).lower()
    return "answer_lost" if code == "outcome_unknown" else code
