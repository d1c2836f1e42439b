"""Where a picture came from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import field

from imagekit.basics.classes import frozen

__all__ = ["Provenance"]


@frozen
class Provenance:
    """What was asked, of whom, and when: everything needed to ask again.

    It holds no secret and no header. ``client.generate(**provenance.arguments())`` sends
    the same body again, as long as plugins and settings are the same.

    Attributes:
        date: when the request was made ready, by our clock, in UTC: ``2026-11-21T09:30:00Z``.
        model, host: where it went, by canonical name.
        parameters: what was given, as `Client.generate` takes it.
        on_unsupported: as given.
        url: where it was sent, without a query.
        body: the JSON that was sent, as text; what stood for bytes in it is told by its
            length and digest, and so is a body that is not JSON.
    """

    date: str
    model: str
    host: str
    parameters: Mapping[str, Any] = field(factory=dict)
    on_unsupported: str = "error"
    url: str = ""
    body: str | None = None

    def arguments(self) -> dict[str, Any]:
        """The arguments of the `Client.generate` that asks the same again."""
        return {
            "model": f"{self.host}:{self.model}",
            **self.parameters,
            "on_unsupported": self.on_unsupported,
        }
