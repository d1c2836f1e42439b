"""One line of the table of what the gateway answers."""

from __future__ import annotations

from collections.abc import Callable

from attrs import frozen
from werkzeug.wrappers import Response

from imagekit_gateway.openapi.operations import Operation

__all__ = ["Route"]


@frozen
class Route:
    """
    Attributes:
        about: what it takes and answers.
        door: who may come in: ``key``, with a key; ``link``, with a key or by a signed link;
            ``operator``, with a key that may see how the gateway does; ``open``, anybody.
    """

    method: str
    path: str
    handler: Callable[..., Response]
    about: Operation
    door: str = "key"

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"
