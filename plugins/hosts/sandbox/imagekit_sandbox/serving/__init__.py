"""Real hosts' own APIs on a loopback port, for tests: `Upstreams`.

Written from what the vendors document, not from imagekit's own plugins: a second reading
of the same facts.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from imagekit_sandbox.serving.books.ledger import Entry as Entry, Ledger as Ledger
    from imagekit_sandbox.serving.faults.rules import (
        Rule as Rule,
        Scenario as Scenario,
        read_scenario as read_scenario,
    )
    from imagekit_sandbox.serving.upstreams import Upstreams as Upstreams

#: name -> its module, imported at first use: Pillow is needed only to draw.
_HOMES = {
    "Entry": "books.ledger",
    "Ledger": "books.ledger",
    "Rule": "faults.rules",
    "Scenario": "faults.rules",
    "Upstreams": "upstreams",
    "read_scenario": "faults.rules",
}
__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
