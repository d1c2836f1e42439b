"""``imagekit resume``."""

from __future__ import annotations

import shlex
from collections.abc import Iterable

import click

from imagekit.basics.classes import evolve
from imagekit.cli import exits, options, output
from imagekit.cli.progress import Progress
from imagekit.cli.running.recovering import Found, Recovering, elsewhere
from imagekit.cli.running.resuming import Finisher, Turn, where
from imagekit.cli.running.summary import interrupted
from imagekit.cli.saving.files import Destination, destination
from imagekit.cli.saving.saver import Saver
from imagekit.cli.session import config_words, open_client
from imagekit.cli.unfinished.jobfiles import read_jobs
from imagekit.cli.unfinished.journaling import place_of, state_directory
from imagekit.cli.unfinished.report import record, tell_how_many, when
from imagekit.errors import ConfigurationError
from imagekit.send.journal.directory import FileJournal
from imagekit.send.journal.recovery import left_behind
from imagekit.values.left import Left

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
        return _list(which, as_json)
    if forget:
        return _forget(which, every)
    turn, progress, told = Turn(), Progress(quiet), []
    with (
        FileJournal(state_directory()) as journal,
        open_client(observers=[progress, turn], sinks=[turn.sink], journal=journal) as client,
    ):
        own, found = journal.take_over(), elsewhere(client)
        rest = found.without(own)
        chosen = _chosen([*own, *rest.calls], which)
        places = _places(chosen, target, force, as_json)
        finisher = Finisher(
            client, journal, found.every, found.journals, turn, deadline, explain, as_json
        )
        recovering = Recovering(finisher, rest, save=target is not None)
        for entry, place in zip(chosen, places, strict=True):
            saver = _saver(entry, place, progress, embed)
            try:
                finish = recovering.finish if rest.has(entry) else finisher.finish
                told.append(finish(entry, saver))
            except KeyboardInterrupt as stop:
                return interrupted(stop, saver, journal, as_json=as_json)
        if not chosen and not found.failed:
            output.note("nothing is open")
        if len(chosen) > 1:
            tell_how_many(journal.open)
        if as_json:
            output.json_answer({"calls": [outcome for _, outcome in told]})
        return _code([*(code for code, _ in told), *found.failed])


def _code(codes: Iterable[int]) -> int:
    """The exit code of all of them."""
    every = set(codes)
    return exits.PARTIAL if len(every) > 1 else next(iter(every), exits.OK)


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


def _list(which: tuple[str, ...], as_json: bool) -> int:
    """What is open, in the journal of commands and in those of plugins."""
    own, found = left_behind(state_directory()), Found()
    try:
        with open_client() as client:
            found = elsewhere(client)
    except ConfigurationError as error:  # it is still there what the journal of commands knows
        output.show_error(error)
        found.failed.append(exits.code_of(error))
    entries = _chosen([*own, *found.without(own).calls], which)
    if as_json:
        output.json_answer({"calls": [record(entry) for entry in entries]})
        return _code(found.failed)
    rows = [
        (entry.purchase.id, when(entry), where(entry), _state(entry), _prompt(entry))
        for entry in entries
    ]
    if rows:
        output.table(("ID", "SENT", "AT", "STATE", "PROMPT"), rows)
    elif not found.failed:
        output.note("nothing is open")
    return _code(found.failed)


def _forget(which: tuple[str, ...], every: bool) -> int:
    """Of calls in the journal of commands alone: what others keep, they are told themselves."""
    if not (which or every):
        raise click.UsageError("--forget needs the ID of a call, or --all; see resume --list")
    with FileJournal(state_directory()) as journal:
        entries = journal.take_over()
        for word in which:
            if not any(entry.purchase.id.startswith(word) for entry in entries):
                settle = shlex.join(["imagekit", *config_words(), "history", "settle", word])
                raise click.UsageError(
                    f"no call of {word} is in the journal of commands; what a store keeps is "
                    f"settled there: {settle} --charged no, or yes"
                )
        chosen = _chosen(entries, which)
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
