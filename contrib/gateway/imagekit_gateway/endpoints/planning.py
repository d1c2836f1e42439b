"""What would be sent, and what it would cost: told without asking a host, and without a charge."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from werkzeug.wrappers import Response

from imagekit import Blob, Plan, Problem, Reference, to_plain
from imagekit_gateway.answers.made import receipt_of
from imagekit_gateway.answers.told import plain_cost
from imagekit_gateway.endpoints.making import asked_by, refuse_beyond_budget
from imagekit_gateway.gateway.visit import Visit, as_json
from imagekit_gateway.refusals import plain, told_problem, unknown_word
from imagekit_gateway.requests.asked import fields_of
from imagekit_gateway.requests.words import Wanted

__all__ = ["plan"]

#: What a picture is told of by, in place of its bytes. The first has to be there.
_FACTS = ("media_type", "bytes", "width", "height", "name")


def plan(visit: Visit) -> Response:
    """What would become of a request: who is asked, how often, what is sent, what it costs.

    It takes what generations and edits take, reads it by the same code, and refuses what they
    refuse. A picture may be told of, so that nobody sends it again with each letter of a prompt.

    Raises:
        Refused: they would be refused.
    """
    fields = fields_of(visit.request, visit.gateway.settings.most_body)
    kind = "image_edit" if fields.get("image") else "image_generation"
    asked = asked_by(visit, _told_of(fields), kind)
    found = _as_things_stand(visit, asked)
    if found.problems:
        raise unknown_word(found.problems)
    refuse_beyond_budget(visit, asked)
    advised = [*map(str, found.advice)]
    receipt, added = receipt_of(to_plain(found.receipt), asked.added)
    dropped = [one.plain for one in asked.dropped]
    return as_json(
        {
            "object": "plan",
            "model": found.model,
            "host": found.host,
            "route": f"{found.host}:{found.model}",
            "calls": found.paid_calls,
            "images": found.most_pictures,
            "cost": plain_cost(found.estimate),
            "receipt": [*receipt, *dropped],
            "added": added,
            "dropped": [one["parameter"] for one in dropped],
            "notes": [plain(note) for note in found.notes if note not in advised],
            "advice": [told_problem(one) for one in found.advice],
        }
    )


def _as_things_stand(visit: Visit, asked: Wanted) -> Plan:
    """What would be sent to the host that would be asked now: where several may be, another than
    the first when that one rests or has no room."""
    client, arguments = visit.gateway.client, asked.arguments
    if len(client.routes(arguments["model"])) > 1:
        ways = client.ways(asked.prompt, **arguments)
        may = (way.address for way in ways if way.may_be_taken and way.address)
        arguments = {**arguments, "model": next(may, arguments["model"])}
    return client.plan(asked.prompt, streamed=asked.stream, **arguments)


def _told_of(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The same, with references in place of what only tells of them."""
    told = dict(fields)
    if "image" in told:
        told["image"] = [_reference(one, at) for at, one in enumerate(told["image"], 1)]
    if "mask" in told:
        told["mask"] = _reference(told["mask"], 1)
    return told


def _reference(given: Any, number: int) -> Any:
    """What is told of a picture, as the picture that it tells of.

    Raises:
        Refused: it tells of none.
    """
    if not isinstance(given, dict) or _FACTS[0] not in given:
        return given
    media_type, size, width, height, name = map(given.get, _FACTS)
    numbers = [one for one in (size, width, height) if one is not None]
    if not isinstance(media_type, str) or not all(
        type(one) is int and 0 < one < 1 << 53 for one in numbers
    ):
        facts = ", ".join(_FACTS)
        raise unknown_word([Problem("image", f"reference {number} is told of by {facts}", given)])
    return Reference(
        f"{name or 'picture'!s:.80}",
        blob=Blob.of(b""),  # of which a plan reads nothing
        size=size,
        media_type=media_type,
        pixels=(width, height) if width and height else None,
    )
