"""Steps of the ledger, written; and questions, answered."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from imagekit_store.database.writer import Step, Writer
from imagekit_store.ledger.ledger import Ledger

__all__ = ["BEFORE", "PATIENCE", "Writing"]

T = TypeVar("T")

#: Seconds for which a step that tells of money is tried again while the database is gone, and a
#: picture that nobody could fetch again while its place does not take it.
PATIENCE = 75.0
#: Seconds for one before which nothing has been sent, so that it is told soon.
BEFORE = 2.0


class Writing:
    """What writes and reads the rows of one ledger. Thread-safe."""

    def __init__(self, ledger: Ledger, writer: Writer) -> None:
        self.ledger, self._writer = ledger, writer

    def write(
        self, step: Callable[[Connection], T], patience: float | None = None, turn: str = ""
    ) -> T:
        """What a step of the ledger gives, once it is durable.

        Args:
            patience: seconds for which a database that is gone is asked again; `PATIENCE` when
                not given.
            turn: the key whose row it locks, where that is known; see `Writer.write`.

        Raises:
            StoreUnavailable: the database does not take it.
            IntegrityError: another row stands in its way.
        """
        return self.write_once(lambda connection, again: step(connection), patience, turn)

    def write_once(self, step: Step[T], patience: float | None = None, turn: str = "") -> T:
        """The same of a step that can't be taken twice; it is told when it may have been taken:
        see `Step`."""
        try:
            return self._writer.write(step, PATIENCE if patience is None else patience, turn)
        except IntegrityError:
            raise
        except SQLAlchemyError as error:
            raise self.ledger.database.unavailable(error) from None

    def read(self, question: Callable[[Connection], T]) -> T:
        """The answer to a question about rows, that changes nothing.

        Raises:
            StoreUnavailable: the database can't be used.
        """
        with self.ledger.database.told(), self.ledger.database.questions() as connection:
            return question(connection)
