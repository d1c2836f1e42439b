"""A batch from the first to the last."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager

from attrs import frozen

from imagekit import Client, tools
from imagekit_store.batch.account import Account
from imagekit_store.batch.checking import Batch, Counts
from imagekit_store.batch.crews import Crew
from imagekit_store.batch.feeding import Feeding
from imagekit_store.batch.lines import Lines
from imagekit_store.batch.progress import Progress
from imagekit_store.batch.results import Results
from imagekit_store.beside import beside, watch
from imagekit_store.reading.costs import Spent

__all__ = ["Outcome", "run"]


@frozen
class Outcome:
    """What came of a batch.

    Attributes:
        counts: how many lines stand where.
        spent: on all of them.
        beyond: why the budget had no room for the next line; empty: it had.
        refused: why nothing more was asked for, whatever the budget; empty: it was.
        stop: the signal that ended it.
        unsaved: of how many lines the folder has no result, which the store has.
        trouble: why pictures could not be saved.
    """

    counts: Counts
    spent: Spent
    beyond: str = ""
    refused: str = ""
    stop: KeyboardInterrupt | None = None
    unsaved: int = 0
    trouble: tuple[str, ...] = ()


def run(
    lines: Lines,
    batch: Batch,
    account: Account,
    client: Client,
    results: Results,
    crew: AbstractContextManager[Crew],
    *,
    at_once: int,
    limit: int | None,
    quiet: bool,
) -> Outcome:
    """Ask for what is left, and tell of what ends. Ctrl-C: what is in hand is finished first.

    Raises:
        UsageError: the file was changed meanwhile; the folder is another batch's.
        ImagekitError, OSError: what stands in the way of all.
        KeyboardInterrupt: a second one has ended it at once.
    """
    stop = threading.Event()

    def feed() -> None:
        with crew as working:
            feeding.run(working)
        feeding.finish()

    feeding = Feeding(account.store, client, account, lines, batch, results, at_once, limit, stop)
    try:
        with Progress(account, lambda: feeding.counts, quiet) as progress:
            stopped = _waited(feed, stop, progress)
    finally:
        results.close()
    spent = account.store.costs(by="key", key=account.key).total
    unsaved = [f"{name}: {why}" for name, why in results.unsaved.items()]
    return Outcome(
        feeding.counts,
        spent,
        feeding.beyond,
        feeding.refused,
        stopped,
        len(unsaved),
        (*results.trouble, *unsaved),
    )


def _waited(
    feed: Callable[[], None], stop: threading.Event, progress: Progress
) -> KeyboardInterrupt | None:
    """The signal that has ended it, if one has. Another thread does the work, so that no signal
    comes in the middle of it."""
    outcome, stopped = beside(feed), None
    try:
        watch(outcome, progress.look)
    except KeyboardInterrupt as signal:
        stopped = signal
        stop.set()
        tools.note(
            "what is in hand is finished first; once more ends at once, and may leave it unknown "
            "whether that was bought"
        )
        watch(outcome, progress.look)
    outcome.result()
    return stopped
