"""``imagekit history again``."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
from attrs import evolve

from imagekit import UsageError, tools
from imagekit_store.commands.common import named, store_in_use, when
from imagekit_store.ledger.asked import with_references
from imagekit_store.store import Store
from imagekit_store.values.entries import Entry

__all__ = ["command"]

EXAMPLES = """
\b
Examples:
  imagekit history again 4f1c
  imagekit history again 4f1c --seed 7 -o again/
  imagekit history again 4f1c -m powertokens:seedream-4.5 --dry-run
"""
#: Each says what the other does: what is given now takes the place of both.
SIZES = ({"size"}, {"ratio", "resolution"})


@click.command("again", epilog=EXAMPLES)
@click.argument("id")
@click.option("--prompt", metavar="TEXT", help="Another prompt.")
@tools.generate_options
def command(id: str, prompt: str | None, **given: Any) -> int:
    """Ask for the same as the request ID did: a new purchase, with what is given here in place of
    what it asked. Pictures are saved as generate saves them."""
    store = store_in_use()
    entry = named(store, id)
    if entry.forgotten or entry.asked is None:
        raise UsageError(f"{entry.id} was forgotten, so nobody knows what it asked for")
    asked = _references(store, evolve(entry, asked=_without_the_given(entry, given)))
    words = prompt if prompt is not None else str(asked.pop("prompt", ""))
    asked.pop("prompt", None)
    if not given["dry_run"]:
        tools.note(f"a new purchase of what was asked at {when(entry.created)}: {entry.id}")
    return tools.generate(words, **_merged(asked, given))


def _references(store: Store, entry: Entry) -> dict[str, Any]:
    """The arguments with their references: those that the store has, or that lie here still.

    Raises:
        UsageError: one is gone.
    """
    asked = with_references(entry.asked or {}, _lying_here)
    try:
        return store.arguments(evolve(entry, asked=asked))
    except LookupError as error:
        raise UsageError(f"{error.args[0]}; give it, or another, with --image or --mask") from None


def _lying_here(reference: Any) -> Any:
    """The file of that name, if it is the one that was given; otherwise as it was."""
    if not isinstance(reference, Mapping):  # a link
        return reference
    given = reference.get("original", reference)
    path = Path(str(given.get("name", "")))
    if not path.is_file():
        return reference
    with path.open("rb") as file:
        same = hashlib.file_digest(file, "sha256").hexdigest() == given.get("sha256")
    return str(path) if same else reference


def _without_the_given(entry: Entry, given: Mapping[str, Any]) -> dict[str, Any]:
    """What was asked, but for that which is said otherwise now: it need not be there any more."""
    said = {name for name, value in given.items() if value not in (None, {}, ())}
    for one, other in (SIZES, SIZES[::-1]):
        said |= other if said & one else set()
    return {
        name: value for name, value in (entry.asked or {}).items() if name not in said - {"options"}
    }


def _merged(asked: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """The options of ``generate``; those of a family are joined one by one."""
    known = {name: value for name, value in asked.items() if name in given}
    options = {**asked.get("options", {}), **given["options"]}
    own = {name: value for name, value in given.items() if name not in known or value is not None}
    return {**own, **known, "options": options}
