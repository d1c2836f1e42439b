"""``imagekit batch run`` at work."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from imagekit import Budget, Client, Cost, ImagekitError, UsageError, tools
from imagekit_store.batch.account import Account, key_of
from imagekit_store.batch.cells import types_in
from imagekit_store.batch.checking import Batch, looked_at
from imagekit_store.batch.crews import nodes_of, threads_here
from imagekit_store.batch.filing import Filing
from imagekit_store.batch.lines import Lines
from imagekit_store.batch.results import Results
from imagekit_store.batch.running import Outcome, run as run_batch
from imagekit_store.commands.batch.telling import code_of, shown, tell, tell_cut_off, tell_plan
from imagekit_store.commands.common import in_words
from imagekit_store.opening.found import store_at, store_to_look_at
from imagekit_store.store import Store
from imagekit_store.values.callers import MOST, Limits

__all__ = ["named", "run"]


def named(file: Path, called: str | None) -> str:
    """The key of a batch: of its name, or of the whole path of its file."""
    return key_of(called or str(file.resolve()))


def run(
    file: Path,
    folder: Path | None,
    budget: Budget | None,
    unknown_price: Cost | None,
    dry_run: bool,
    *,
    model: str | None,
    roots: tuple[Path, ...],
    allow_native: bool,
    at_once: int,
    limit: int | None,
    retry_failed: bool,
    template: str,
    called: str | None,
    ray: str | None,
    quiet: bool,
    as_json: bool,
) -> int:
    """Gives the exit code."""
    filing = Filing((folder or Path()).absolute(), template)
    with _going_on(), in_words(), _opened(at_once, dry_run) as (store, client):
        unknown_price = unknown_price or client.config.unknown_price
        account = Account(store, named(file, called), _limits(budget), unknown_price)
        account = account.open() if not dry_run else account
        folders = [one.resolve() for one in (file.parent, *roots)]
        model = model or client.config.default_model
        lines = Lines(file, folders, allow_native, model, types_in(client))
        places = filing if folder else None
        batch = looked_at(lines, client, account, places, limit, retry_failed)
        _refuse(file, batch)
        if dry_run:
            tell_plan(batch, account, as_json)
            return 0
        results = Results(store, filing, batch, account.key)
        results.take()
        if ray is None:
            crew = threads_here(store, client, account.key, at_once)
        else:
            crew = nodes_of(ray, tools.configuration(), at_once)
        work = partial(run_batch, lines, batch, account, client, results, crew)
        work = partial(work, at_once=at_once, limit=limit, quiet=quiet)
        return _told(work, account, results.path, as_json)


def _told(work: Callable[[], Outcome], account: Account, results: Path, as_json: bool) -> int:
    """What comes of it; gives the exit code.

    Raises:
        KeyboardInterrupt: a signal has ended it.
    """
    try:
        outcome = work()
    except KeyboardInterrupt:
        tell_cut_off(_again())
        raise
    tell(outcome, account, results, _again(), as_json)
    if outcome.stop is not None:
        raise outcome.stop
    return code_of(outcome)


@contextmanager
def _opened(at_once: int, only_looks: bool) -> Iterator[tuple[Store, Client]]:
    """The store in use, and a client that tells it of each call."""
    config = tools.configuration()
    if only_looks:
        with store_to_look_at(config) as store, tools.open_client() as client:
            yield store, client
        return
    store = store_at(config)
    journal = None if config.store else store
    try:
        with tools.open_client(concurrency=at_once + 1, journal=journal) as client:
            yield store, client
    finally:
        if journal is not None:
            store.close()


@contextmanager
def _going_on() -> Iterator[None]:
    """What ends it in the middle is told with how to go on; a mistake of its user's speaks for
    itself."""
    try:
        yield
    except UsageError:
        raise
    except ImagekitError as error:
        error.add_note(f"to go on: {_again()}")
        raise


def _limits(budget: Budget | None) -> Limits:
    """Without a budget it is counted all the same, for when it has one."""
    if budget is None:
        return Limits(budget=MOST, period="total")
    return Limits(budget=budget.amount, currency=budget.currency, period="total")


def _refuse(file: Path, batch: Batch) -> None:
    """
    Raises:
        UsageError: there are mistakes, or no line at all.
    """
    if not (batch.mistakes or batch.places):
        raise UsageError(f"{file} has no line, so nothing was asked for")
    if not batch.mistakes:
        return
    told = "".join(f"\n  {one}" for one in shown(batch.problems, batch.mistakes))
    count = "1 mistake" if batch.mistakes == 1 else f"{batch.mistakes:,} mistakes"
    raise UsageError(f"{file} has {count}, so nothing was asked for:{told}")


def _again() -> str:
    """This command, to be typed again."""
    return shlex.join(["imagekit", *sys.argv[1:]])
