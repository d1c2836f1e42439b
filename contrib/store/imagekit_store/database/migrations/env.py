"""Run by alembic for `imagekit_store.database.migrating`, in the transaction that is open there.

A new version: change ``tables.py`` and its ``VERSION``, and add ``versions/NUMBER_WHAT.py``, which
makes the new tables of those before. Tests compare both. A version that has been released stays as
it is: databases have been made with it.
"""

from __future__ import annotations

from alembic import context

context.configure(connection=context.config.attributes["connection"])
context.run_migrations()
