"""What was asked, what was left, and what is saved."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mcp.types import CallToolResult

from imagekit import Blob, Cost, Image, Left, Result
from imagekit_mcp.answers import answer, error_of, not_made, picture_of
from imagekit_mcp.calls import Told
from imagekit_mcp.opening import Studio

if TYPE_CHECKING:
    from imagekit_store import Attempt, Entry

__all__ = ["history"]


def history(studio: Studio, limit: int) -> CallToolResult:
    """The last of each, newest first."""
    own = {call.id for call in studio.calls.recent if call.state == "under way"}
    left = [one for one in studio.journal.open if one.purchase.id.partition("-")[0] not in own]
    return answer(
        {
            "calls": [_call(studio, one) for one in [*studio.calls.recent][::-1][:limit]],
            "unfinished": [_left(one) for one in left[:limit]],
            "saved": [_saved(path) for path in studio.gallery.newest(limit)],
            "store": _stored(studio, limit),
        }
    )


def _call(studio: Studio, call: Told) -> dict[str, Any]:
    return {
        "id": call.id,
        "at": _when(call.at),
        "prompt": call.prompt[:300],
        "model": call.model,
        "state": call.state,
        "answered": call.waited_for,
        **({"error": error_of(call.error)} if call.error else {}),
        **(_come_of_it(studio, call.result) if call.result else {}),
    }


def _come_of_it(studio: Studio, result: Result) -> dict[str, Any]:
    saved = studio.gallery.saved(result)
    return {
        "charged": str(result.charged),
        "cost": str(result.cost),
        "pictures": [picture_of(image, path) for path, image in saved.items()],
        "not_made": not_made(result),
    }


def _left(left: Left) -> dict[str, Any]:
    asked = left.purchase.provenance
    return {
        "id": left.purchase.id,
        "at": _when(left.at),
        "of": f"{left.purchase.host}:{left.purchase.model}",
        "prompt": str(asked.parameters.get("prompt", ""))[:300] if asked else "",
        "charged": "maybe" if left.state == "sending" else "yes",
        "next": "Never repeat it. "
        + (
            "It is fetched now, or at the next start of this server."
            if left.asks or left.pictures
            else "Its answer is lost; whether it was paid, the host's billing tells the user."
        ),
    }


def _saved(path: Path) -> dict[str, Any]:
    return picture_of(Image(0, blob=Blob.of_file(path)), path)


def _stored(studio: Studio, limit: int) -> list[dict[str, Any]] | str:
    """What the configured store has of its user's own calls. What others have asked for with a key
    of a gateway is theirs to know. The store is this process's, and stays open."""
    if not studio.client.config.store:
        return "no store is configured, so only this server's own calls are told of"
    from imagekit_store import opened

    store = opened(studio.client.config)
    return [_entry(entry) for entry in store.requests(key="", limit=limit)]


def _entry(entry: Entry) -> dict[str, Any]:
    return {
        "id": entry.id,
        "at": entry.created.isoformat(),
        "prompt": entry.prompt[:300],
        "of": f"{entry.host}:{entry.model}",
        "state": str(entry.state),
        "pictures": sum(picture.is_kept for picture in entry.pictures),
        "cost": [_cost(one) for one in entry.attempts if one.cost is not None],
    }


def _cost(call: Attempt) -> str:
    """As that of a call of this server is told."""
    amount = None if call.cost is None else call.cost.normalize()
    return str(Cost(amount, call.currency, call.priced or ""))


def _when(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")
