"""``imagekit records``: what a host keeps of what was made with your key."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from imagekit import Client, Record, Records, UsageError
from imagekit.cli import output
from imagekit.cli.session import complete_hosts, open_client

__all__ = ["command"]

EXAMPLES = """
\b
Examples:
  imagekit records list
  imagekit records list --at token360 --limit 100 --json
  imagekit records save img_0123 -o heron.png
  imagekit records delete img_0123
"""

_at = click.option(
    "--at",
    metavar="HOST",
    shell_complete=complete_hosts,
    help="Whose records. [the host that keeps some, where there is one]",
)
_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group("records", epilog=EXAMPLES)
def command() -> None:
    """See, fetch and delete what a host keeps of what was made with your key.

    Nothing here costs anything. It is also how to find out what became of a call whose answer
    was lost.
    """


@command.command("list")
@_at
@click.option("--limit", type=click.IntRange(1, 100), default=20, help="At most so many. [20]")
@click.option("--after", metavar="ID", help="Those after this record.")
@click.option("--before", metavar="ID", help="Those before it.")
@click.option("--oldest-first", is_flag=True, help="Instead of newest first.")
@_json
def list_records(
    at: str | None,
    limit: int,
    after: str | None,
    before: str | None,
    oldest_first: bool,
    as_json: bool,
) -> None:
    """Show the records, newest first."""
    with open_client() as client:
        order: Any = "asc" if oldest_first else "desc"
        page = _records(client, at).list(limit=limit, after=after, before=before, order=order)
    if as_json:
        found = [dict(record.raw) for record in page]
        output.json_answer({"records": found, "more": page.more, "last": page.last})
        return
    output.table(("ID", "CREATED", "STATUS", "MODEL", "PROMPT"), [_row(one) for one in page])
    if page.more:
        output.note(f"there are more: --after {page.last}")


@command.command("save")
@click.argument("id")
@_at
@click.option(
    "-o", "--output", "target", type=click.Path(path_type=Path), help="The file. [ID and its kind]"
)
@click.option("--force", is_flag=True, help="Replace a file that is there.")
@_json
def save(id: str, at: str | None, target: Path | None, force: bool, as_json: bool) -> None:
    """Fetch the picture of the record ID."""
    with open_client() as client:
        image = _records(client, at).content(id)
        path = target or Path(re.sub(r"[^\w.-]", "_", id).lstrip(".") + image.extension)
        try:
            image.save(path, overwrite=force)
        except FileExistsError:
            raise UsageError(f"{path} exists; --force replaces it") from None
    if as_json:
        output.json_answer({"id": id, "path": str(path), "media_type": image.media_type})
    else:
        output.tell_path(path)


@command.command("delete")
@click.argument("ids", metavar="ID...", nargs=-1, required=True)
@_at
@_json
def delete(ids: tuple[str, ...], at: str | None, as_json: bool) -> None:
    """Delete records, with their pictures where the host itself keeps those."""
    with open_client() as client:
        records = _records(client, at)
        for id in ids:
            records.delete(id)
            if not as_json:
                output.answer(f"deleted {id}")
    if as_json:
        output.json_answer({"deleted": list(ids)})


def _records(client: Client, at: str | None) -> Records:
    if at is not None:
        return client.records(at)
    keepers = [one.name for one in client.registry.hosts.values() if one.records_at]
    if len(keepers) == 1:
        return client.records(keepers[0])
    known = f"say which with --at: {', '.join(keepers)}" if keepers else "none is installed"
    raise UsageError(f"records of which host? {known}")


def _row(record: Record) -> tuple[str, ...]:
    created = record.created_at
    when = datetime.fromtimestamp(created, UTC).isoformat() if created is not None else ""
    said = f"{record.status}: {record.error}" if record.error else record.status
    return record.id, when, said, record.model, record.prompt
