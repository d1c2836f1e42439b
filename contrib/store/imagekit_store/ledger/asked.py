"""What a request asks for, as JSON has it and as `imagekit.Client.generate` takes it: references by
digest there, and by their bytes here."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from imagekit import Image, UsageError, read_reference, to_plain
from imagekit_store.pictures import Pictures

__all__ = ["arguments_of", "with_references", "written"]

#: The parameters that are references.
REFERENCES = ("image", "mask")


def written(
    keeping: Pictures, name: str, given: Mapping[str, Any]
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The arguments as JSON has them, and the references whose bytes are kept for them.

    Args:
        name: under which these are announced, so that nobody removes them before their rows are
            written.

    Raises:
        UsageError: a reference can't be read; a parameter is nothing that can be written down.
    """
    inputs: dict[str, dict[str, Any]] = {}

    def portable(source: Any) -> Any:
        reference = read_reference(source)
        if reference.defect:
            raise UsageError(f"{reference.name} {reference.defect}")
        if reference.url is not None:
            return reference.url
        assert reference.blob is not None
        kept = keeping.keep_for(name, reference.blob)
        told = {"media_type": kept.media_type, "bytes": kept.bytes}
        inputs[kept.sha256] = {"sha256": kept.sha256, **told}
        return {"name": reference.name, "sha256": kept.sha256, **told}

    asked = {name: value for name, value in given.items() if value is not None}
    plain = {name: _plain(name, value) for name, value in with_references(asked, portable).items()}
    return plain, list(inputs.values())


def arguments_of(keeping: Pictures, asked: Mapping[str, Any]) -> dict[str, Any]:
    """What `imagekit.Client.generate` is given to ask for that.

    Raises:
        LookupError: a reference is not here, nor can it be had.
    """
    return with_references(asked, partial(_source, keeping))


def with_references(asked: Mapping[str, Any], change: Callable[[Any], Any]) -> dict[str, Any]:
    """The arguments with each of their references changed."""
    changed = dict(asked)
    for name in changed.keys() & set(REFERENCES):
        value = changed[name]
        several = isinstance(value, list | tuple)
        changed[name] = [change(one) for one in value] if several else change(value)
    return changed


def _source(keeping: Pictures, asked: Any) -> Any:
    if isinstance(asked, str):
        return asked
    if not keeping.has(asked["sha256"]):
        name, digest = asked.get("name", "a reference"), asked["sha256"][:12]
        raise LookupError(f"the reference {name} (sha256 {digest}...) is not here any more")
    return Image(0, blob=keeping.blob(asked["sha256"]))


def _plain(name: str, value: Any) -> Any:
    """A parameter as JSON has it.

    Raises:
        UsageError: JSON has no word for it.
    """
    try:
        plain = to_plain(value)
        json.dumps(plain)
    except (TypeError, ValueError, RecursionError):
        kind = type(value).__name__
        hint = "give texts, numbers, lists and tables"
        raise UsageError(f"{name}: this {kind} can't be written down; {hint}") from None
    return plain
