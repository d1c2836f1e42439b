"""The durable core: requests, paid calls and pictures, in a database and a folder or bucket."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from imagekit import Check, Config, Problem, hookimpl

if TYPE_CHECKING:
    from click import Command

    from imagekit_store.keys import Key, KeyChanged, KeyExists, Keys, NoSuchKey
    from imagekit_store.ledger.behalf import Behalf
    from imagekit_store.limits.dearest_way import NoPrice, dearest, plans_of
    from imagekit_store.opening.configured import Configured, opened
    from imagekit_store.opening.found import store_at
    from imagekit_store.pictures import NoThumbnail
    from imagekit_store.ray_workers.crew import RayWorkers
    from imagekit_store.ray_workers.starting import workers_on
    from imagekit_store.reading.costs import Amount, Costs, Spent
    from imagekit_store.reading.history import NoSuchRequest, NotUnknown
    from imagekit_store.schema.states import RequestState, State
    from imagekit_store.store import Store
    from imagekit_store.upkeep.checking import Checked, Damaged
    from imagekit_store.upkeep.removing import Removed
    from imagekit_store.values.callers import (
        AskedAlready,
        AskedOtherwise,
        Caller,
        Limits,
        Standing,
    )
    from imagekit_store.values.entries import Attempt, Entry, Page, StoredPicture
    from imagekit_store.values.errors import StoreUnavailable
    from imagekit_store.workers.worker import Worker

__all__ = [
    "Amount",
    "AskedAlready",
    "AskedOtherwise",
    "Attempt",
    "Behalf",
    "Caller",
    "Checked",
    "Costs",
    "Damaged",
    "Entry",
    "Key",
    "KeyChanged",
    "KeyExists",
    "Keys",
    "Limits",
    "NoPrice",
    "NoSuchKey",
    "NoSuchRequest",
    "NoThumbnail",
    "NotUnknown",
    "Page",
    "RayWorkers",
    "Removed",
    "RequestState",
    "Spent",
    "Standing",
    "State",
    "Store",
    "StoreUnavailable",
    "StoredPicture",
    "Worker",
    "dearest",
    "opened",
    "plans_of",
    "store_at",
    "workers_on",
]

_ROOMS = {
    "Amount": "reading.costs",
    "AskedAlready": "values.callers",
    "AskedOtherwise": "values.callers",
    "Attempt": "values.entries",
    "Behalf": "ledger.behalf",
    "Caller": "values.callers",
    "Checked": "upkeep.checking",
    "Costs": "reading.costs",
    "Damaged": "upkeep.checking",
    "Entry": "values.entries",
    "Key": "keys",
    "KeyChanged": "keys",
    "KeyExists": "keys",
    "Keys": "keys",
    "Limits": "values.callers",
    "NoPrice": "limits.dearest_way",
    "NoSuchKey": "keys",
    "NoSuchRequest": "reading.history",
    "NoThumbnail": "pictures",
    "NotUnknown": "reading.history",
    "Page": "values.entries",
    "RayWorkers": "ray_workers.crew",
    "Removed": "upkeep.removing",
    "RequestState": "schema.states",
    "Spent": "reading.costs",
    "Standing": "values.callers",
    "State": "schema.states",
    "Store": "store",
    "StoreUnavailable": "values.errors",
    "StoredPicture": "values.entries",
    "Worker": "workers.worker",
    "dearest": "limits.dearest_way",
    "opened": "opening.configured",
    "plans_of": "limits.dearest_way",
    "workers_on": "ray_workers.starting",
    "store_at": "opening.found",
}


@hookimpl
def imagekit_check_settings(table: str, config: Config) -> Iterable[Problem] | None:
    if table != "store":
        return None
    from imagekit_store.opening.settings import problems

    return [*problems(config)]


@hookimpl
def imagekit_journal(config: Config) -> Configured | None:
    if not config.store:
        return None
    from imagekit_store.opening.configured import Configured

    return Configured(config)


@hookimpl
def imagekit_sharing(config: Config) -> Configured | None:
    return imagekit_journal(config)


@hookimpl
def imagekit_checks(config: Config) -> Iterable[Check] | None:
    if config.withholds("store"):
        why = f"not opened: {config.path} has settings of it, and is not trusted"
        return [Check("store", "", "warning", why, "look at it, then: imagekit config trust")]
    if not config.store:
        return None
    from imagekit_store.looking.checks import checks

    return checks(config)


@hookimpl
def imagekit_commands() -> list[Command]:
    from imagekit_store.commands.every import commands

    return commands()


def __getattr__(name: str) -> Any:
    """Imported when it is used: SQLAlchemy takes a second, and every client loads its plugins."""
    from importlib import import_module

    if name not in _ROOMS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_ROOMS[name]}"), name)
