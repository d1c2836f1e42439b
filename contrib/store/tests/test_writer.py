"""What whoever writes is told when the database does not take it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from imagekit_store.database.database import Database, PerhapsWritten
from imagekit_store.database.writer import Writer


@pytest.mark.parametrize("broke", [True, False])
def test_a_commit_whose_answer_was_lost_is_told_from_one_that_never_was(broke: bool) -> None:
    @contextmanager
    def transaction() -> Iterator[Any]:
        yield None
        gone = sqlite3.OperationalError("gone")
        raise OperationalError("commit", None, gone, connection_invalidated=broke)

    writer = Writer(transaction, lambda connection: None, every=60.0)
    with pytest.raises(PerhapsWritten if broke else OperationalError) as told:
        writer.write(lambda connection, again: None)
    writer.close()
    unavailable = Database("sqlite:///never.db").unavailable(told.value)
    assert unavailable.is_perhaps_written is broke
    assert str(unavailable).endswith("can't be used: gone")
