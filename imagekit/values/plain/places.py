"""Where in nested data something is, and how to say so."""

from __future__ import annotations

import json
import re

__all__ = ["Place", "dotted"]

#: Keys and indices, from the outside in.
Place = tuple[str | int, ...]


def dotted(place: Place) -> str:
    """A place as TOML writes it: ``hosts.lily.models."lily-1.5".sizes``, ``prefer[0]``."""
    text = ""
    for part in place:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            plain = re.fullmatch(r"[\w-]+", part, re.ASCII)
            text += f".{part}" if plain else f".{json.dumps(part, ensure_ascii=False)}"
    return text.removeprefix(".")
