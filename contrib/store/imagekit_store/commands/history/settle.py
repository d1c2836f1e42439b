"""``imagekit history settle``."""

from __future__ import annotations

import click

from imagekit import Cost, tools
from imagekit_store.commands.amounts import Money
from imagekit_store.commands.common import CHARGED, named, store_in_use
from imagekit_store.commands.history.plain import entry_as_json

__all__ = ["command"]

EXAMPLES = """
\b
Examples:
  imagekit history --state unknown
  imagekit history settle 4f1c --charged no
  imagekit history settle 4f1c-2 --charged yes --cost "0.04 USD" --note "invoice 2026-11, line 17"
"""


@click.command("settle", epilog=EXAMPLES)
@click.argument("id")
@click.option(
    "--charged",
    type=click.Choice(["no", "yes"]),
    required=True,
    help="Whether its host's bill has it.",
)
@click.option("--cost", type=Money(), help="What it cost, of one call: '0.04 USD'.")
@click.option("--note", metavar="TEXT", help="How you know; it stands on the call.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(id: str, charged: str, cost: Cost | None, note: str | None, as_json: bool) -> None:
    """Say what became of the calls of the request ID of which nobody knows, after a look at their
    host's bill or records. ID may name one of its calls, such as 4f1c-2.

    They are never sent again. Should an answer turn up after all, its pictures are kept.
    """
    store = store_in_use()
    beginning, hyphen, number = id.partition("-")
    entry = named(store, beginning)
    meant = f"{entry.id}{hyphen}{number}"
    settled = store.settle(meant, charged=charged, cost=cost, note=note)
    if as_json:
        told = entry_as_json(store.request(entry.id))
        tools.json_answer({**told, "settled": [call.id for call in settled]})
        return
    for call in settled:
        tools.answer(f"{call.id}: {call.state}, {CHARGED[call.charged]}")
