"""Statements that are the same each time: compiled once, and given to the driver as they are.

SQLAlchemy looks at a statement anew each time that it is executed, for 50 to 90 µs, where the
driver needs 3. A purchase has up to nine of them, which were half of its processor time. So the
words of each database, what becomes of a value, and what an error is called are SQLAlchemy's here,
and the way to the driver is short.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from attrs import define, field, frozen
from sqlalchemy import Connection, Dialect
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.compiler import SQLCompiler

__all__ = ["Prepared", "in_words_of_each"]

T = TypeVar("T")
#: What becomes of a value on its way; None leaves it as it is.
Change = Callable[[Any], Any] | None


@define(eq=False)
class Prepared:
    """A statement. Thread-safe.

    Attributes:
        statement: for any database, or for SQLite where PostgreSQL has one of its own.
        postgresql: that one.
    """

    statement: Any
    postgresql: Any = None
    _texts: dict[Any, _Text] = field(factory=dict, init=False)

    def all(self, connection: Connection, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """Its rows.

        Raises:
            DBAPIError: the database does not take it.
        """
        text = self._text(connection.dialect, tuple(values))
        return [*map(text.row, _executed(connection, text.words, text.asked(values, _rows)))]

    def one(self, connection: Connection, values: Mapping[str, Any]) -> tuple[Any, ...] | None:
        """Its first row, if it has one. Raises what `all` does."""
        rows = self.all(connection, values)
        return rows[0] if rows else None

    def count(self, connection: Connection, values: Mapping[str, Any]) -> int:
        """How many rows it has changed. Raises what `all` does."""
        text = self._text(connection.dialect, tuple(values))
        return _executed(connection, text.words, text.asked(values, _changed))

    def many(self, connection: Connection, values: Sequence[Mapping[str, Any]]) -> None:
        """Once for each of these, all of the same names. Raises what `all` does."""
        if values:
            text = self._text(connection.dialect, tuple(values[0]))
            bound = [text.bound(one) for one in values]
            _executed(connection, text.words, lambda cursor: cursor.executemany(text.words, bound))

    def _text(self, dialect: Dialect, names: tuple[str, ...]) -> _Text:
        which = dialect.name, names
        if which not in self._texts:
            own = self.postgresql if dialect.name == "postgresql" else None
            statement = self.statement if own is None else own
            self._texts[which] = _Text.of(statement, dialect, names)
        return self._texts[which]


def in_words_of_each(make: Callable[[Any], Any]) -> Prepared:
    """A statement that inserts, made by what is given the `insert` of each database."""
    return Prepared(make(sqlite.insert), make(postgresql.insert))


@frozen
class _Text:
    """A statement in the words of one database, for values of certain names.

    Attributes:
        words: for the driver.
        order: the names of the values, where it takes them by their places.
        changes: of the values that are given.
        always: the others, as the driver takes them.
        results: the changes of what a row has.
    """

    words: str
    order: Sequence[str] | None
    changes: Sequence[tuple[str, Change]]
    always: Mapping[str, Any]
    results: Sequence[Change]

    @classmethod
    def of(cls, statement: Any, dialect: Dialect, names: tuple[str, ...]) -> _Text:
        compiled = statement.compile(dialect=dialect, column_keys=[*names] or None)
        assert isinstance(compiled, SQLCompiler)
        changes = {
            name: bind.type.dialect_impl(dialect).bind_processor(dialect)
            for name, bind in compiled.binds.items()
        }
        always = {
            name: value if (change := changes[name]) is None else change(value)
            for name, value in compiled.params.items()
            if name not in names
        }
        results = [
            column.type.dialect_impl(dialect).result_processor(dialect, None)
            for column in getattr(statement, "exported_columns", ())
        ]
        given = [(name, change) for name, change in changes.items() if name in names]
        return cls(str(compiled), compiled.positiontup, given, always, results)

    def bound(self, values: Mapping[str, Any]) -> Any:
        """The values, as the driver takes them."""
        bound = dict(self.always)
        for name, change in self.changes:
            bound[name] = values[name] if change is None else change(values[name])
        return bound if self.order is None else [bound[name] for name in self.order]

    def asked(
        self, values: Mapping[str, Any], take: Callable[[DBAPICursor], T]
    ) -> Callable[[DBAPICursor], T]:
        """What a cursor has of it, once it is executed."""

        def execute(cursor: DBAPICursor) -> T:
            cursor.execute(self.words, self.bound(values))
            return take(cursor)

        return execute

    def row(self, row: Sequence[Any]) -> tuple[Any, ...]:
        """A row, as it is read."""
        if not any(self.results):
            return tuple(row)
        changed = zip(row, self.results, strict=True)
        return tuple(value if change is None else change(value) for value, change in changed)


def _executed(connection: Connection, words: str, execute: Callable[[DBAPICursor], T]) -> T:
    cursor = connection.connection.cursor()
    try:
        return execute(cursor)
    except connection.dialect.loaded_dbapi.Error as error:
        raise _told(connection, words, error) from error
    finally:
        cursor.close()


def _rows(cursor: DBAPICursor) -> Sequence[Any]:
    return cursor.fetchall()


def _changed(cursor: DBAPICursor) -> int:
    return cursor.rowcount


def _told(connection: Connection, words: str, error: Any) -> DBAPIError:
    """The driver's error as SQLAlchemy tells it, without the values. A connection that broke is
    given up."""
    dialect = connection.dialect
    is_gone = dialect.is_disconnect(error, connection.connection, None)
    if is_gone:
        connection.invalidate(error)
    told = DBAPIError.instance(
        words,
        None,
        error,
        dialect.loaded_dbapi.Error,
        hide_parameters=True,
        connection_invalidated=is_gone,
        dialect=dialect,
    )
    assert isinstance(told, DBAPIError)
    return told
