"""``imagekit resume``."""

from __future__ import annotations

import click
from attrs import evolve

from imagekit.cli import exits, options, output
from imagekit.cli.progress import Progress
from imagekit.cli.running.resuming import Finisher, Turn, where
from imagekit.cli.running.summary import interrupted
from imagekit.cli.saving.files import Destination, destination
from imagekit.cli.saving.saver import Saver
from imagekit.cli.session import open_client
from imagekit.cli.unfinished.jobfiles import read_jobs
from imagekit.cli.unfinished.journaling import place_of, state_directory
from imagekit.cli.unfinished.report import record, tell_how_many, when
from imagekit.send.journal.directory import FileJournal
from imagekit.send.journal.recovery import left_behind
from imagekit.values import Left

__all__ = ["command"]

EXAMPLES = """
\b
Examples:
  imagekit resume
  imagekit resume --list
  imagekit resume 4f1c --deadline 60 -o herons/
  imagekit resume --forget 4f1c
  imagekit generate "3 herons" -m klingai:kling-v3 --deadline 5 --json > answer.json
  imagekit resume answer.json
"""


@click.command("resume", epilog=EXAMPLES)
@click.argument("which", nargs=-1, metavar="[ID|FILE]...")
@click.option("--list", "only_list", is_flag=True, help="Show what is open; ask nobody.")
@click.option(
    "--forget", is_flag=True, help="Expect nothing more of these calls, and drop what came."
)
@click.option("--all", "every", is_flag=True, help="With --forget: of all that are open.")
@options.target
@options.deadline
@options.force
@options.embed
@options.explain
@options.as_json
@options.quiet
@options.verbose
def command(
    which: tuple[str, ...],
    only_list: bool,
    forget: bool,
    every: bool,
    target: str | None,
    deadline: float | None,
    force: bool,
    embed: bool,
    explain: bool,
    as_json: bool,
    quiet: bool,
) -> int:
    """Finish what generate has left open, whatever ended it. Never buys anything.

    Every paid call is noted before it is sent, and what becomes of it. Jobs are asked for,
    links are fetched, and pictures saved where they were to go. A call of which only is known
    that it was sent is looked up by its name where the host takes one; else it may have been
    charged, and you are told so until you --forget it. Calls of commands that still run are
    left alone. Each is waited for as long as --deadline says, one after the other.

    ID is the beginning of one that --list shows. FILE is what generate printed with --json; -
    reads that from stdin.
    """
    if every and (which or not forget):
        raise click.UsageError("--all goes with --forget, and without the ID of a call")
    if only_list:
        return _list(_chosen(left_behind(state_directory()), which), as_json)
    with FileJournal(state_directory()) as journal:
        chosen = _chosen(journal.take_over(), which)
        if forget:
            return _forget(journal, chosen, bool(which) or every)
        places = _places(chosen, target, force, as_json)
        turn, progress, told = Turn(), Progress(quiet), []
        with open_client(observers=[progress, turn], sinks=[turn.sink], journal=journal) as client:
            finisher = Finisher(client, journal, turn, deadline, explain, as_json)
            for entry, place in zip(chosen, places, strict=True):
                saver = _saver(entry, place, progress, embed)
                try:
                    told.append(finisher.finish(entry, saver))
                except KeyboardInterrupt as stop:
                    return interrupted(stop, saver, journal, as_json=as_json)
        if not chosen:
            output.note("nothing is open")
        if len(chosen) > 1:
            tell_how_many(journal.open)
        if as_json:
            output.json_answer({"calls": [outcome for _, outcome in told]})
        codes = {code for code, _ in told}
        return exits.PARTIAL if len(codes) > 1 else next(iter(codes), exits.OK)


def _saver(entry: Left, place: Destination | None, progress: Progress, embed: bool) -> Saver:
    several = bool(entry.about.get("several")) or len(entry.pictures) > 1
    return Saver(place, progress, several, embed or bool(entry.about.get("embed")))


def _chosen(entries: list[Left], which: tuple[str, ...]) -> list[Left]:
    """Those that were named, by id or in a file; all when none was."""
    if not which:
        return entries
    chosen: dict[str, Left] = {}
    for word in dict.fromkeys(which):
        found = [entry for entry in entries if entry.purchase.id.startswith(word)]
        known = {entry.purchase.id: entry for entry in entries}
        for entry in found or read_jobs(word):
            chosen[entry.purchase.id] = known.get(entry.purchase.id, entry)
    return list(chosen.values())


def _list(entries: list[Left], as_json: bool) -> int:
    if as_json:
        output.json_answer({"calls": [record(entry) for entry in entries]})
        return exits.OK
    rows = [
        (entry.purchase.id, when(entry), where(entry), _state(entry), _prompt(entry))
        for entry in entries
    ]
    if rows:
        output.table(("ID", "SENT", "AT", "STATE", "PROMPT"), rows)
    else:
        output.note("nothing is open")
    return exits.OK


def _forget(journal: FileJournal, chosen: list[Left], named: bool) -> int:
    if not named:
        raise click.UsageError("--forget needs the ID of a call, or --all; see resume --list")
    if not chosen:
        output.note("nothing is open")
    for entry in chosen:
        journal.forget(entry.purchase.id)
        output.note(f"{entry.purchase.id} is forgotten: {where(entry)}, sent {when(entry)}")
    return exits.OK


def _state(entry: Left) -> str:
    states = {
        "sending": "may have been charged",
        "accepted": "a job",
        "answered": f"{len(entry.pictures)} to be saved",
    }
    return states[entry.state]


def _prompt(entry: Left) -> str:
    asked = entry.purchase.provenance
    return str(asked.parameters.get("prompt", ""))[:60] if asked else ""


def _places(
    chosen: list[Left], target: str | None, force: bool, as_json: bool
) -> list[Destination | None]:
    """Where the pictures of each go; None is stdout."""
    if len(chosen) > 1 and force:
        raise click.UsageError("--force takes one call; several might overwrite one another")
    if target == "-":
        several = len(chosen) > 1 or any(entry.about.get("several") for entry in chosen)
        given = chosen[0].pending.given if chosen and chosen[0].pending else {}
        options.check_stdout(as_json, several or options.asks_for_several(given))
        return [None for _ in chosen]
    noted = [place_of(entry.about) for entry in chosen]
    if target is None:
        return [evolve(place, force=force) for place in noted]
    places = [destination(target, place.stem, force) for place in noted]
    if len(chosen) > 1 and not all(place.free for place in places):
        raise click.UsageError(
            f"-o {target} is one file, for {len(chosen)} calls; name a directory"
        )
    return [*places]
