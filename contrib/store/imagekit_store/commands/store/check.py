"""``imagekit store check``."""

from __future__ import annotations

from collections.abc import Iterator

import click
from attrs import asdict

from imagekit import tools
from imagekit_store.commands.common import PARTIAL, SET_UP, pictures_of, store_in_use
from imagekit_store.upkeep.checking import Checked

__all__ = ["command"]

EXAMPLES = """
\b
Examples:
  imagekit store check
  imagekit store check --pictures --json
"""


@click.command("check", epilog=EXAMPLES)
@click.option("--pictures", is_flag=True, help="Read every picture, and compare it with its name.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(pictures: bool, as_json: bool) -> int:
    """Look whether the store can be used, and whether every picture is where its row says.

    Mends nothing. The exit code is 3 when the database or the place of the pictures has trouble,
    8 when pictures are damaged or gone, and 0 otherwise, also while calls are open or unknown.
    """
    found = store_in_use().check(pictures=pictures)
    if as_json:
        tools.json_answer({"well": found.is_well, **asdict(found)})
    else:
        for line in _lines(found):
            tools.answer(line)
    return SET_UP if found.trouble else PARTIAL if found.damaged else 0


def _lines(found: Checked) -> Iterator[str]:
    yield f"database: {found.database}, version {found.version}"
    free = "" if found.free is None else f", {found.free:,} bytes free"
    yield f"pictures: {found.place}: {pictures_of(found.pictures, found.bytes)}{free}"
    yield f"calls: {_calls(found)}"
    if found.left:
        yield f"left by processes that are gone: {found.left:,}, for imagekit work or resume"
    if found.calls.get("unknown"):
        yield "of unknown outcome, for imagekit work or a person: imagekit history --state unknown"
    if found.overdue:
        yield f"to be forgotten by imagekit store sweep: {found.overdue:,} requests"
    if found.unneeded:
        free = pictures_of(found.unneeded, found.unneeded_bytes)
        yield f"needed by no request, for imagekit store sweep: {free}"
    for sentence in found.trouble:
        yield f"wrong: {sentence}"
    for one in found.damaged:
        yield f"wrong: the picture {one.sha256} of {', '.join(one.requests)} {one.why}"
    if found.is_well:
        yield "nothing wrong"


def _calls(found: Checked) -> str:
    counts = [f"{count:,} {state}" for state, count in found.calls.items()]
    return ", ".join(sorted(counts)) or "none is open"
