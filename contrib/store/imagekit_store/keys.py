"""Keys: who may ask a server of this store, for how much, and what they have spent."""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from types import EllipsisType
from typing import Any

from attrs import field, frozen
from sqlalchemy import Connection, Row, bindparam, case, func, insert, literal, select, update
from sqlalchemy.exc import IntegrityError

from imagekit import UsageError
from imagekit_store.ledger.ledger import microseconds
from imagekit_store.reading.history import moment
from imagekit_store.schema.tables import KEYS, REQUESTS, Money
from imagekit_store.store import Store
from imagekit_store.values.callers import NO_LIMITS, Limits, began
from imagekit_store.values.entries import time_of

__all__ = ["BATCHES", "Key", "KeyChanged", "KeyExists", "Keys", "NoSuchKey"]

K = KEYS.c
#: Also a part of an address, where ``.`` and ``..`` are none.
NAME = re.compile(r"(?!\.{1,2}\Z)[A-Za-z0-9_.-]{1,64}")
NOTHING = Decimal(0)
#: What the names of batches begin with, which have a budget here and are no keys: no key's does.
BATCHES = "batch:"
#: Which every request of a server looks up.
BY_HASH = select(KEYS).where(K.hash == bindparam("hash"))
#: Of each key the end of its stretch of an index: to group all requests would read all of them.
_NEWEST = select(func.max(REQUESTS.c.created)).where(REQUESTS.c.key == K.name)
LAST_ASKED = select(K.name, _NEWEST.scalar_subquery())


class NoSuchKey(UsageError, LookupError):
    """No key has this name."""


class KeyExists(UsageError):
    """A key has this name, or had it before it was revoked."""


class KeyChanged(UsageError):
    """Somebody else has changed the key meanwhile."""


@frozen
class Key:
    """What is known of a key: everything but its secret, which nobody has but its owner.

    Attributes:
        name: for whom its requests are: `Caller.key`.
        hint: the last characters of the secret, to tell keys apart.
        created, expires, revoked: when, in UTC.
        settings: of whoever serves it.
        limits: of its requests.
        spent: what they count against its budget in this period.
    """

    name: str
    hint: str
    created: datetime
    expires: datetime | None
    revoked: datetime | None
    settings: Mapping[str, Any] = field(repr=False)
    limits: Limits
    spent: Decimal

    @property
    def state(self) -> str:
        """``active``, ``expired`` or ``revoked``."""
        if self.revoked is not None:
            return "revoked"
        return "expired" if self.expires and self.expires <= datetime.now(UTC) else "active"


class Keys:
    """The keys in a store. Thread-safe."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(
        self,
        name: str,
        *,
        limits: Limits = NO_LIMITS,
        expires: datetime | None = None,
        settings: Mapping[str, Any] | None = None,
    ) -> str:
        """A new key. Gives its secret, which is said this once and is nowhere in the store.

        Args:
            name: 1 to 64 letters, digits, ``_``, ``.`` and ``-``; never used again.
            expires: when it is no longer to be taken; without a zone in UTC.
            settings: of whoever serves it: whatever JSON has words for.

        Raises:
            KeyExists: the name is taken, be it by a key that was revoked: what was asked with that
                would be the new owner's to see.
            UsageError: the name is none; the settings are nothing that JSON has words for.
        """
        if not isinstance(name, str) or not NAME.fullmatch(name):
            raise UsageError(
                f"a key's name is 1 to 64 letters, digits, _, . and -, not {name!r:.80}"
            )
        secret = f"ik-{secrets.token_urlsafe(32)}"
        row = {
            "name": name,
            "hash": _hash(secret),
            "hint": secret[-4:],
            "created": microseconds(),
            "expires": moment(expires, "expires"),
            "settings": _settings(settings or {}),
            **_columns(limits),
            "period_began": 0,
            "spent": NOTHING,
            "next": 0,
        }
        try:
            is_new = self._store.write_once(partial(_added, row=row))
        except IntegrityError:  # somebody else adds it at this moment
            is_new = False
        if not is_new:
            raise KeyExists(f"there is or was a key of the name {name} already; take another one")
        return secret

    def all(self) -> tuple[Key, ...]:
        """All of them, by name; also expired and revoked ones."""
        keys = select(KEYS).where(~K.name.startswith(BATCHES)).order_by(K.name)
        rows = self._store.read(lambda rows: rows.execute(keys).all())
        return tuple(map(_key, rows))

    def last_asked(self) -> dict[str, datetime]:
        """When each of them has made its newest request; those that have made none are missing."""
        rows = self._store.read(lambda rows: rows.execute(LAST_ASKED).all())
        return {name: time_of(at) for name, at in rows if at is not None}

    def find(self, secret: str) -> Key | None:
        """The key of this secret, also when it is no longer to be taken: see `Key.state`."""
        return self._one(BY_HASH, hash=_hash(secret))

    def named(self, name: str) -> Key:
        """
        Raises:
            NoSuchKey: none has this name.
        """
        found = self._one(select(KEYS).where(K.name == name))
        if found is None:
            raise _no_such_key(name)
        return found

    def revoke(self, name: str) -> Key:
        """A key that is never to be taken again. Revoked twice is as good as once.

        Raises:
            NoSuchKey: none has this name.
        """
        return self._change(name, revoked=func.coalesce(K.revoked, microseconds()))

    def change(
        self,
        name: str,
        *,
        limits: Limits | None = None,
        settings: Mapping[str, Any] | None = None,
        expires: datetime | EllipsisType | None = ...,
        was: Key | None = None,
    ) -> Key:
        """Another word on a key; what is not given stays as it is.

        Args:
            was: the key from which the new words were made: nothing is changed when it has been
                changed since.
            limits: all of them. What was spent stays, but in another currency, where nothing was.
            settings: all of them.
            expires: None: never.

        Raises:
            NoSuchKey: none has this name.
            KeyChanged: it is not as it was.
            UsageError: the settings are nothing that JSON has words for.
        """
        values: dict[str, Any] = {}
        if limits is not None:
            other = K.currency != limits.currency
            values |= {
                **_columns(limits),
                "spent": case((other, literal(NOTHING, Money)), else_=K.spent),
                "period_began": case((other, microseconds()), else_=K.period_began),
            }
        if settings is not None:
            values["settings"] = _settings(settings)
        if not isinstance(expires, EllipsisType):
            values["expires"] = moment(expires, "expires")
        return self._change(name, was, **values) if values else self.named(name)

    def _change(self, name: str, was: Key | None = None, **values: Any) -> Key:
        found, changed = self._store.write(partial(_changed, name=name, was=was, values=values))
        if found is None:
            raise _no_such_key(name)
        if changed is None:
            raise KeyChanged(f"the key {name} was changed by somebody else at this moment")
        return _key(changed)

    def _one(self, wanted: Any, **values: Any) -> Key | None:
        row = self._store.read(lambda rows: rows.execute(wanted, values).one_or_none())
        return None if row is None else _key(row)


def _added(connection: Connection, again: bool, row: dict[str, Any]) -> bool:
    """Whether the name was free; a commit may have come through whose answer did not."""
    taken = connection.scalar(select(K.hash).where(K.name == row["name"]))
    if taken is None:
        connection.execute(insert(KEYS), row)
    return taken is None or (again and taken == row["hash"])


def _changed(
    connection: Connection, name: str, was: Key | None, values: Mapping[str, Any]
) -> tuple[Row[Any] | None, Row[Any] | None]:
    """The row as it was, and as it is; that is none if somebody has changed it meanwhile."""
    mine = select(KEYS).where(K.name == name).with_for_update()
    found = connection.execute(mine).one_or_none()
    if found is None or (was is not None and _words(_key(found)) != _words(was)):
        return found, None
    changed = update(KEYS).where(K.name == name).values(**values).returning(*KEYS.c)
    return found, connection.execute(changed).one()


def _words(key: Key) -> tuple[Any, ...]:
    """What somebody has said of it."""
    return key.limits, key.settings, key.expires, key.revoked


def _key(row: Row[Any]) -> Key:
    limits = Limits(row.rpm, row.at_once, row.budget, row.currency, row.period)
    is_over = row.period_began < began(limits.period, microseconds())
    return Key(
        row.name,
        row.hint,
        time_of(row.created),
        time_of(row.expires),
        time_of(row.revoked),
        row.settings,
        limits,
        NOTHING if is_over else row.spent,
    )


def _hash(secret: str) -> str:
    """Whoever reads the database can ask nothing with it. It is random, so no salt is needed."""
    return hashlib.sha256(secret.encode("utf-8", "backslashreplace")).hexdigest()


def _columns(limits: Limits) -> dict[str, Any]:
    return {
        "rpm": limits.rpm,
        "at_once": limits.at_once,
        "budget": limits.budget,
        "currency": limits.currency,
        "period": limits.period,
    }


def _settings(settings: Mapping[str, Any]) -> dict[str, Any]:
    try:
        json.dumps(dict(settings), allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        raise UsageError("settings: texts, numbers, lists and tables, as JSON has them") from None
    return dict(settings)


def _no_such_key(name: object) -> NoSuchKey:
    return NoSuchKey(f"there is no key of the name {name!r:.80} in this store")
