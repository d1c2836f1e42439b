"""An answer of pictures, in pieces: small members first, and the pictures last.

::

    {"created": .., "model": .., "usage": {..}, "metadata": {..}, "data": [{"url": ..}, ..]}

It is a superset of what OpenAI, PowerTokens and Token360 answer, so that the clients of each read
it. Base64 is made while it is sent, so that an answer of fifteen pictures takes no memory.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from imagekit_store import Entry, RequestState
from werkzeug.wrappers import Response

from imagekit import Blob, Body, Cost, Usage
from imagekit.wires import Inline
from imagekit_gateway.answers.made import UNFETCHED, Drawn, Link, Made
from imagekit_gateway.refusals import Refused, plain, refusal_of_entry

__all__ = [
    "answer",
    "cost_words",
    "envelope",
    "headers",
    "metadata",
    "nothing",
    "plain_cost",
    "refusal",
    "usage",
    "with_picture",
]

Parts = tuple[bytes | Inline, ...]


def answer(made: Made, format: str, link: Link, dialect: str = "openai") -> Response:
    """The pictures of a request."""
    parts: Parts = (json.dumps(envelope(made)).encode()[:-1] + b', "data": [',)
    for at, item in enumerate(_items(made, format, link, dialect)):
        parts += (b", " * bool(at), *item)
    body = Body((*parts, b"]}"))
    response = Response(mimetype="application/json", headers=[*headers(made).items()])
    response.response = body.chunks()
    response.content_length = body.size
    return response


def _items(made: Made, format: str, link: Link, dialect: str) -> Iterator[Parts]:
    """One for each picture. Those that failed are in `metadata`, for there are clients that can't
    read them here; the page of PowerTokens has them here."""
    for one in made.drawn:
        if one.error is None:
            yield _item(one, made, format, link)
        elif dialect == "powertokens":
            yield (json.dumps({"error": dict(one.error)}).encode(),)


def _item(one: Drawn, made: Made, format: str, link: Link) -> Parts:
    revised = one.said.get("revised_prompt")
    told: dict[str, Any] = {"revised_prompt": revised} if isinstance(revised, str) else {}
    if one.size:
        told["size"] = one.size
    if one.blob is not None and (format == "b64_json" or not made.kept):
        return with_picture(told, one.blob())
    return (json.dumps({"url": made.url_of(one, link), **told}).encode(),)


def with_picture(told: Mapping[str, Any], blob: Blob) -> Parts:
    """An object that ends with a picture: it becomes base64 while it is sent."""
    head = json.dumps({**told, "b64_json": ""}).encode()
    return head[:-2], Inline(blob, ""), b'"}'


def refusal(entry: Entry, made: Made) -> Refused:
    """The answer to a request of whose record there is no picture, be it over or not."""
    return nothing(made) if entry.state is RequestState.DONE else refusal_of_entry(entry)


def nothing(made: Made) -> Refused:
    """The answer where every picture of a call that was answered has failed."""
    if made.drawn and not made.failed:
        message = "its pictures went out with its answer, and are not kept"
        return Refused(
            424, "not_kept", message, "upstream_error", charged=made.charged, record=made.id
        )
    why = "; ".join(str((one.error or {}).get("message")) for one in made.failed) or "none came"
    later = made.kept and any((one.error or {}).get("code") == UNFETCHED for one in made.failed)
    goes_on = f"; fetching it is tried again, for /v1/images/{made.id}" if later else ""
    return Refused(
        424,
        "still_running" if later else "charged_without_picture",
        f"there is no picture: {why}{goes_on}",
        "upstream_error",
        charged=made.charged,
        record=made.id,
    )


# --- what stands before the pictures -------------------------------------------------------------


def envelope(made: Made) -> dict[str, Any]:
    """All but the pictures."""
    return {
        "created": made.created,
        "model": made.model,
        **_shape(made),
        "usage": usage(made.usage, len(made.pictures)),
        "metadata": metadata(made),
    }


def _shape(made: Made) -> dict[str, Any]:
    """What OpenAI says of the pictures as a whole, as far as it is so."""
    kinds = {one.media_type for one in made.pictures}
    sizes = {one.size for one in made.pictures}
    kind = kinds.pop() if len(kinds) == 1 else None
    size = sizes.pop() if len(sizes) == 1 else None
    return {
        **({"output_format": kind.removeprefix("image/")} if kind else {}),
        **({"size": size} if size else {}),
    }


def usage(counted: Usage, pictures: int) -> dict[str, Any]:
    """Whole, since there are clients that fail without; what nobody has counted is 0 here, and
    is named in ``metadata.unknown_usage``."""
    made = counted.generated_images
    return {
        "input_tokens": _count(counted.input_tokens) or 0,
        "input_tokens_details": {
            "text_tokens": _count(counted.input_text_tokens) or 0,
            "image_tokens": _count(counted.input_image_tokens) or 0,
        },
        "output_tokens": _count(counted.output_tokens) or 0,
        "total_tokens": _count(counted.total_tokens) or 0,
        "generated_images": pictures if _count(made) is None else made,
    }


def _count(number: int | None) -> int | None:
    """A number that all clients can read, and that counts something; else it is not known."""
    return number if number is not None and 0 <= number < 1 << 53 else None


def _unknown(counted: Usage) -> list[str]:
    names = ("input_tokens", "output_tokens", "total_tokens")
    return [name for name in names if _count(getattr(counted, name)) is None]


def metadata(made: Made) -> dict[str, Any]:
    """What there is to know besides: who drew, what became of each parameter, what it cost."""
    told: dict[str, Any] = {
        "id": made.id,
        "asked_model": made.name,
        "host": made.host,
        "route": made.route,
        "charged": str(made.charged),
        "cost": plain_cost(made.cost),
        "receipt": [*made.receipt, *made.dropped],
        "added": [*made.added],
        "notes": [*map(plain, made.notes)],
        "dropped": [one["parameter"] for one in made.dropped],
        "errors": [{"place": one.place, **(one.error or {})} for one in made.failed],
        "unknown_usage": _unknown(made.usage),
    }
    return told


def plain_cost(cost: Cost) -> dict[str, Any] | None:
    """As JSON has it; None where nobody knows it."""
    if cost.amount is None:
        return None
    return {
        "amount": f"{cost.amount.normalize():f}",
        "currency": cost.currency,
        "by": cost.by or None,
    }


def cost_words(cost: Cost) -> str:
    """For a header; what nobody knows is said to be unknown."""
    if cost.amount is None:
        return "unknown"
    return f"{cost.amount.normalize():f} {cost.currency or ''}".strip()


def headers(made: Made) -> Mapping[str, str]:
    """The same for those who read no body."""
    told = {
        "Imagekit-Record": made.id,
        "Imagekit-Host": made.host,
        "Imagekit-Charged": str(made.charged),
        "Imagekit-Cost": cost_words(made.cost),
    }
    if made.dropped:
        told["Imagekit-Dropped"] = ", ".join(one["parameter"] for one in made.dropped)
    return told
