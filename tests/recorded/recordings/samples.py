"""The recorded samples: where they are, which there are, and what stands in one.

They are other people's recordings and vendors' examples, so they are not kept in this
repository. A sample is one thing that was asked or answered, and a file has one or several; its
name is that of the file and, after a ``#``, the place in it:
``kling/tasks.json#interactions.0.response``.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from attrs import frozen

__all__ = ["VECTORS", "Asked", "Said", "asked", "dig", "names_in", "said"]

ROOT = Path(__file__).parents[3]
VECTORS = Path(os.environ.get("IMAGEKIT_VECTORS") or ROOT.parent / "shared" / "vectors")

#: Headers that were true of the whole body, and not of one whose pictures were replaced.
_FRAMING = {"content-length", "transfer-encoding", "content-encoding", "connection"}


@frozen
class Said:
    """An answer; ``status`` is None where the sample does not have it."""

    status: int | None
    headers: Mapping[str, str]
    body: Any


@frozen
class Asked:
    """A request; ``method`` and ``path`` are empty where the sample is the body alone."""

    method: str
    path: str
    body: Any


def names_in(vectors: Path, folder: str) -> Iterator[str]:
    """Every sample of a folder, but for the page that describes them."""
    for path in sorted((vectors / folder).iterdir()):
        if path.name == "README.md":
            continue
        whole = f"{folder}/{path.name}"
        for place in _places(_read(path)):
            yield f"{whole}#{place}" if place else whole


def said(vectors: Path, name: str) -> Said:
    file, _, place = name.partition("#")
    document = _read(vectors / file)
    found = dig(document, place)
    around = document if isinstance(document, dict) and place else {}
    if isinstance(found, dict) and "body" in found:
        around, found = found, found["body"]
    if isinstance(found, dict) and found.keys() == {"string"}:
        found = found["string"]
    status = around.get("status")
    return Said(
        status["code"] if isinstance(status, dict) else status,
        {
            key: ", ".join(values)
            for key, values in around.get("headers", {}).items()
            if isinstance(values, list) and key not in _FRAMING
        },
        found,
    )


def asked(vectors: Path, name: str) -> Asked:
    file, _, place = name.partition("#")
    found = dig(_read(vectors / file), place)
    if not place:
        return Asked("", "", found)
    url = found.get("path") or found.get("url") or found["uri"]
    return Asked(found["method"].upper(), unquote(urlsplit(url).path), found.get("body"))


def dig(document: Any, place: str) -> Any:
    """What stands at ``data.0.url``; ``data.*.url`` is the list of all of them."""
    found = document
    here, _, rest = place.partition(".")
    if not here:
        return found
    if here == "*":
        return [dig(one, rest) for one in found]
    return dig(found[int(here) if isinstance(found, list) else here], rest)


def _read(path: Path) -> Any:
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".jsonl":
        return [json.loads(line) for line in text.splitlines()]
    return json.loads(text) if path.suffix == ".json" else text


def _places(document: Any) -> list[str]:
    """Where the samples of a file stand; it is one itself when nothing is known of its form."""
    if isinstance(document, list):
        return [f"{at}.{place}" for at, one in enumerate(document) for place in _places(one)]
    if not isinstance(document, dict):
        return [""]
    pairs = [
        f"interactions.{at}.{part}"
        for at, one in enumerate(document.get("interactions", []))
        for part in ("request", "response")
        if part in one
    ]
    several = [
        f"{part}.{at}"
        for part in ("cases", "variants")
        for at in range(len(document.get(part, [])))
    ]
    alone = [part for part in ("request", "response") if part in document]
    return [*pairs, *alone, *several] or [""]
