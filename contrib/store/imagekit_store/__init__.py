"""The durable core: requests, paid calls and pictures, in a database and a folder or bucket."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from imagekit import Check, Config, Problem, hookimpl

if TYPE_CHECKING:
    from click import Command

    from imagekit_store.behalf import Behalf
    from imagekit_store.callers import (
        AskedAlready,
        AskedOtherwise,
        Caller,
        Limits,
        Standing,
    )
    from imagekit_store.checking import Checked, Damaged
    from imagekit_store.configured import Configured, opened
    from imagekit_store.costs import Amount, Costs, Spent
    from imagekit_store.dearest_way import NoPrice, dearest, plans_of
    from imagekit_store.entries import Attempt, Entry, Page, StoredPicture
    from imagekit_store.errors import StoreUnavailable
    from imagekit_store.found import store_at
    from imagekit_store.history import NoSuchRequest, NotUnknown
    from imagekit_store.keys import Key, KeyChanged, KeyExists, Keys, NoSuchKey
    from imagekit_store.pictures import NoThumbnail
    from imagekit_store.ray_workers.crew import RayWorkers
    from imagekit_store.ray_workers.starting import workers_on
    from imagekit_store.removing import Removed
    from imagekit_store.states import RequestState, State
    from imagekit_store.store import Store
    from imagekit_store.worker import Worker

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
    "Amount": "costs",
    "AskedAlready": "callers",
    "AskedOtherwise": "callers",
    "Attempt": "entries",
    "Behalf": "behalf",
    "Caller": "callers",
    "Checked": "checking",
    "Costs": "costs",
    "Damaged": "checking",
    "Entry": "entries",
    "Key": "keys",
    "KeyChanged": "keys",
    "KeyExists": "keys",
    "Keys": "keys",
    "Limits": "callers",
    "NoPrice": "dearest_way",
    "NoSuchKey": "keys",
    "NoSuchRequest": "history",
    "NoThumbnail": "pictures",
    "NotUnknown": "history",
    "Page": "entries",
    "RayWorkers": "ray_workers.crew",
    "Removed": "removing",
    "RequestState": "states",
    "Spent": "costs",
    "Standing": "callers",
    "State": "states",
    "Store": "store",
    "StoreUnavailable": "errors",
    "StoredPicture": "entries",
    "Worker": "worker",
    "dearest": "dearest_way",
    "opened": "configured",
    "plans_of": "dearest_way",
    "workers_on": "ray_workers.starting",
    "store_at": "found",
}


@hookimpl
def imagekit_check_settings(table: str, config: Config) -> Iterable[Problem] | None:
    if table != "store":
        return None
    from imagekit_store.settings import problems

    return [*problems(config)]


@hookimpl
def imagekit_journal(config: Config) -> Configured | None:
    if not config.store:
        return None
    from imagekit_store.configured import Configured

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
