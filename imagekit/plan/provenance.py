"""Where a picture comes from: noted before the call is sent."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any

from imagekit.basics.blob import Blob
from imagekit.basics.classes import evolve
from imagekit.basics.urls import bare_url
from imagekit.declare.family import CANONICAL
from imagekit.plan.call import Call
from imagekit.values import Provenance, Request
from imagekit.values.abridged import shortened
from imagekit.values.reference import PICTURES, Reference, without_bytes

__all__ = ["portable", "provenance_of"]


def provenance_of(call: Call, request: Request, now: float) -> Provenance:
    """What the engine notes before it sends: ``call`` as it was given, before any policy."""
    return Provenance(
        date=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now)),
        model=call.route.model.name,
        host=call.route.host.name,
        parameters=_parameters(call.given),
        on_unsupported=call.on_unsupported,
        url=bare_url(request.url),
        body=shortened(request, _pictures(call.given)),
    )


def portable(provenance: Provenance) -> Provenance:
    """The same as JSON has it: a reference that is no link is told by its digest, and
    whoever wants to ask again has to bring it.
    """
    return evolve(provenance, parameters=without_bytes(provenance.parameters))


def _parameters(given: Mapping[str, Any]) -> dict[str, Any]:
    """As `Client.generate` takes them: what belongs to a family stands in ``options``."""
    keywords: dict[str, Any] = {}
    options: dict[str, Any] = {}
    for name, value in given.items():
        if name in CANONICAL or name == "native":
            keywords[name] = _link(value)
        else:
            options[name] = value
    keywords.pop("model", None)
    return {**keywords, "options": options} if options else keywords


def _pictures(given: Mapping[str, Any]) -> Iterator[Blob]:
    for name in PICTURES:
        value = given.get(name)
        for picture in value if isinstance(value, list) else [value]:
            if isinstance(picture, Reference) and picture.blob is not None:
                yield picture.blob


def _link(value: Any) -> Any:
    """References that are links as the text they were given as; all else as it is."""
    if isinstance(value, list):
        return [_link(item) for item in value]
    return value.url if isinstance(value, Reference) and value.url is not None else value
