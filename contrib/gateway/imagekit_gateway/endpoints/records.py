"""What a key has asked for: listed, waited for, fetched, forgotten. As Token360 has it."""

from __future__ import annotations

from typing import Any

from imagekit_store import Entry, NoSuchRequest, RequestState
from werkzeug.wrappers import Response

from imagekit import UsageError
from imagekit_gateway.answers.content import LONGEST, sent, small
from imagekit_gateway.answers.made import Made, of_entry
from imagekit_gateway.answers.told import envelope, refusal
from imagekit_gateway.gateway.visit import Visit, as_json
from imagekit_gateway.refusals import Refused

__all__ = ["LONGEST_WAIT", "content", "delete", "listed", "one", "record"]

MOST = 100
#: Seconds that one request may wait for a record.
LONGEST_WAIT = 60
#: Words of the query -> what the store calls them.
FILTERS = {
    "q": "prompt",
    "model": "model",
    "host": "host",
    "state": "state",
    "since": "since",
    "until": "until",
}
STATUS = {
    RequestState.QUEUED: "queued",
    RequestState.RUNNING: "processing",
    RequestState.DONE: "completed",
    RequestState.FAILED: "failed",
    RequestState.UNKNOWN: "failed",
}


def record(visit: Visit, entry: Entry, made: Made) -> dict[str, Any]:
    """A request, and what was made of it, as a list has it."""
    return {
        "id": entry.id,
        "object": "image",
        "status": _status(entry, made),
        "model": made.model,
        "prompt": entry.prompt,
        "created_at": int(entry.created.timestamp()),
        "url": made.url_of(made.pictures[0], visit.link) if made.pictures else None,
        "pictures": len(made.pictures),
        "error": _error(entry, made),
    }


def _status(entry: Entry, made: Made) -> str:
    """What was answered with something else than a picture has failed."""
    is_empty = entry.state is RequestState.DONE and len(made.failed) == len(made.drawn)
    return "failed" if is_empty else STATUS[entry.state]


def _error(entry: Entry, made: Made) -> dict[str, Any] | None:
    if _status(entry, made) != "failed":
        return None
    error: dict[str, Any] = refusal(entry, made).body(entry.id)["error"]
    return {name: error[name] for name in ("code", "message", "charged")}


def listed(visit: Visit) -> Response:
    """A page of them, newest first unless asked otherwise."""
    args = visit.request.args
    limit = visit.number("limit", 20, 1, MOST)
    filters = {name: args[word] for word, name in FILTERS.items() if word in args}
    order = visit.word("order", "desc", "asc", "desc")
    try:
        page = visit.gateway.store.requests(
            key=visit.owner,
            after=args.get("after"),
            before=args.get("before"),
            oldest_first=order == "asc",
            forgotten=False,
            limit=limit,
            **filters,
        )
    except NoSuchRequest as error:
        raise Refused(400, "invalid_value", str(error)) from None
    except UsageError as error:
        raise Refused(400, "invalid_value", str(error)) from None
    store = visit.gateway.store
    records = [record(visit, entry, of_entry(entry, store)) for entry in page]
    return as_json(
        {
            "object": "list",
            "data": records,
            "has_more": page.more,
            "first_id": records[0]["id"] if records else None,
            "last_id": records[-1]["id"] if records else None,
        }
    )


def one(visit: Visit, id: str) -> Response:
    """One, with all of its pictures; waited for, if so asked."""
    wait = visit.number("wait", 0, 0, LONGEST_WAIT)
    entry = _entry(visit, id)
    if wait and not entry.is_over:
        try:
            entry = visit.gateway.store.wait(id, wait, visit.owner)
        except TimeoutError:
            entry = _entry(visit, id)
        if entry.forgotten:
            raise _no_record(id)
    made = of_entry(entry, visit.gateway.store)
    about = envelope(made)
    data = [{"url": made.url_of(one, visit.link), "size": one.size} for one in made.pictures]
    finished = None if entry.finished is None else int(entry.finished.timestamp())
    told = {**record(visit, entry, made), "usage": about["usage"], "metadata": about["metadata"]}
    response = as_json({**told, "finished_at": finished, "data": data})
    if not entry.is_over:
        response.headers["Retry-After"] = "2"
    return response


def delete(visit: Visit, id: str) -> Response:
    """Forget what was asked for and what came of it. What it cost stays."""
    _entry(visit, id)
    try:
        visit.gateway.store.forget(id, visit.owner)
    except NoSuchRequest:
        raise _no_record(id) from None
    except UsageError as error:
        raise Refused(409, "not_over", str(error)) from None
    return as_json({"id": id, "object": "image", "deleted": True})


def content(visit: Visit, id: str) -> Response:
    """A picture: where it is, or its bytes."""
    place = visit.number("place", 0, 0, 1000)
    entry = _entry(visit, id)
    made = of_entry(entry, visit.gateway.store)
    drawn = next((one for one in made.pictures if one.place == place), None)
    if drawn is None:
        status = _status(entry, made)
        if status == "completed":
            raise Refused(404, "not_found", f"the image {id} has no picture {place}")
        why = f"Image is not ready yet. Current status: {status}"
        raise Refused(400, "image_not_ready", why)
    format = visit.word("format", "redirect", "redirect", "url", "binary")
    longest = visit.word("longest", "", "", *map(str, LONGEST))
    if visit.key is None or format == "binary":
        return small(visit, entry, drawn, int(longest)) if longest else sent(visit, entry, drawn)
    url = made.url_of(drawn, visit.link) or ""
    if format == "url":
        seconds = int(visit.gateway.links.seconds)
        return as_json({"url": url, "image_id": id, "expires_in": seconds})
    return Response(status=302, headers={"Location": url, "Cache-Control": "no-store"})


def _entry(visit: Visit, id: str) -> Entry:
    """
    Raises:
        Refused: there is none, or it was forgotten; or it is another key's, which nobody is told.
    """
    key = visit.owner if visit.key is not None else None  # a signed link needs no key
    try:
        entry = visit.gateway.store.request(id, key)
    except NoSuchRequest:
        raise _no_record(id) from None
    if entry.forgotten:
        raise _no_record(id)
    return entry


def _no_record(id: str) -> Refused:
    return Refused(404, "not_found", f"there is no image {id!r:.60}")
