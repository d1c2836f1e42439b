"""The store that a configuration names: opened once in a process, by the first who needs it."""

from __future__ import annotations

import shlex
import threading
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from imagekit import (
    Budget,
    Claim,
    Config,
    ConfigurationError,
    Cost,
    Full,
    ImagekitError,
    InvalidConfiguration,
    Left,
    Pending,
    Purchase,
    Result,
    Standing,
)
from imagekit_store.database.forks import hold_while_forking
from imagekit_store.opening.settings import arguments, problems

if TYPE_CHECKING:
    from imagekit_store.database.database import Database
    from imagekit_store.pictures import Pictures
    from imagekit_store.store import Store

__all__ = ["Configured", "database", "is_there", "keeping", "opened"]

_open: dict[frozenset[tuple[str, Any]], Store] = {}
_lock = threading.RLock()
hold_while_forking(_lock)


def opened(config: Config) -> Store:
    """The store of this configuration, the same one for all who ask in this process.

    Raises:
        ConfigurationError: it names none; it can't be opened; a secret is not where it says.
    """
    given = _given(config)
    from imagekit_store.store import Store  # and with it SQLAlchemy

    with _lock:
        key = frozenset(given.items())
        if key not in _open:
            _open[key] = Store(**given)
        return _open[key]


def database(config: Config) -> Database:
    """The database of its store alone, of whatever version that is.

    Raises:
        ConfigurationError: it names none, or one that can't be; a secret is not where it says.
    """
    from imagekit_store.database.database import Database

    return Database(_given(config)["url"])


def keeping(config: Config, database: Database) -> Pictures:
    """The place of its pictures. Nothing is touched before one is kept.

    Raises:
        ConfigurationError: it can't be one; a secret is not where it says.
        UsageError: it names none, and has to.
    """
    from imagekit_store.pictures import pictures_at
    from imagekit_store.store import beside

    return pictures_at(_given(config).get("pictures") or beside(database))


def _given(config: Config) -> dict[str, Any]:
    """What a `Store` of it is made with.

    Raises:
        ConfigurationError: it names none; something is wrong with what it says.
    """
    if not config.store:
        raise ConfigurationError(_none_named(config))
    if found := tuple(problems(config)):
        told = "".join(f"\n  {problem}" for problem in found)
        raise InvalidConfiguration(f"{config.path} can't be used:{told}", problems=found)
    return arguments(config)


def _is_open(config: Config) -> bool:
    """Whether somebody in this process has opened it.

    Raises:
        ConfigurationError: it names none; something is wrong with what it says.
    """
    return frozenset(_given(config).items()) in _open


def is_there(config: Config) -> bool:
    """Whether anybody has set it up; which is not done to find out.

    Raises:
        ConfigurationError: it names none; something is wrong with what it says.
    """
    if _is_open(config):
        return True
    looked_at = database(config)
    try:
        if looked_at.is_sqlite and not looked_at.path.exists():
            return False
        return looked_at.version() is not None
    finally:
        looked_at.close()


def _none_named(config: Config) -> str:
    if config.withholds("store"):
        return f"the store of {config.path} does not count until you say: imagekit config trust"
    where = f"{config.path} has no [store]" if config.path else "there is no configuration"
    given = ["--config", str(config.path)] if config.path else []
    make = shlex.join(["imagekit", *given, "store", "init"])
    return f"{where}, so nothing is kept; make one with: {make}"


@frozen(eq=False)
class Configured:
    """The journal of a configuration, and what its calls share. Whoever only looks at models opens
    no database, and reads no secret; what can't be opened is told when the first call is to be
    written down, which is not sent then."""

    config: Config = field(repr=False)

    @property
    def store(self) -> Store:
        return opened(self.config)

    def __eq__(self, other: object) -> bool:
        """It is its store, for a worker who looks whether a client tells that."""
        return other is self or other is self.store

    __hash__ = object.__hash__

    def sending(self, purchase: Purchase) -> None:
        self.store.sending(purchase)

    def accepted(self, purchase: Purchase, pending: Pending) -> None:
        self.store.accepted(purchase, pending)

    def answered(self, purchase: Purchase, result: Result, more: bool) -> None:
        self.store.answered(purchase, result, more)

    def kept(self, purchase: Purchase, result: Result) -> None:
        self.store.kept(purchase, result)

    def left(self, purchase: Purchase, pending: Pending | None) -> None:
        self.store.left(purchase, pending)

    def ended(self, purchase: Purchase, error: ImagekitError) -> None:
        self.store.ended(purchase, error)

    # --- what calls share: see `imagekit.Shared` -------------------------------------------------

    def claim(self, claim: Claim) -> Full | None:
        return self.store.claim(claim)

    def release(self, call: str, cost: Cost | None) -> None:
        self.store.release(call, cost)

    def rest(self, host: str, seconds: float) -> None:
        self.store.rest(host, seconds)

    def try_again(self, host: str) -> bool:
        return self.store.try_again(host)

    def is_well(self, host: str) -> None:
        self.store.is_well(host)

    def standing(self, hosts: Sequence[str]) -> Mapping[str, Standing]:
        """A question makes no store, and changes nothing of one that nobody has opened here."""
        if _is_open(self.config):
            return self.store.standing(hosts)
        from imagekit_store.limits.sharing.unopened import standing

        return standing(database(self.config), hosts)

    def spent(self, budgets: Mapping[str, Budget]) -> Mapping[str, Decimal]:
        """Likewise."""
        if _is_open(self.config):
            return self.store.spent(budgets)
        from imagekit_store.limits.sharing.unopened import spent

        return spent(database(self.config), budgets)

    # --- for `imagekit resume`: see `imagekit.Recovers` ------------------------------

    def left_open(self) -> Sequence[Left]:
        from imagekit_store.workers.recovering import left_open

        return left_open(self.store)

    def recover(self, id: str, client: Any, deadline: float | None = None) -> Result | None:
        from imagekit_store.workers.recovering import recover

        return recover(self.store, id, client, deadline)
