"""Tables of an older version, brought up to date by what is in ``migrations``. Only an upgrade
imports this: alembic takes longer to import than all of the rest."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection

from imagekit import ConfigurationError

__all__ = ["configuration", "migrate"]

#: Where the migrations are: in a package, as here, or a directory.
MIGRATIONS = "imagekit_store:database/migrations"


def configuration(connection: Connection) -> Config:
    """What alembic is told: its migrations, and a connection that is in a transaction."""
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", MIGRATIONS)
    return config


def migrate(connection: Connection) -> None:
    """Bring the tables to the newest version; nothing is done until the caller commits.

    Raises:
        ConfigurationError: they are of a version that there never was.
    """
    try:
        command.upgrade(configuration(connection), "head")
    except CommandError as error:
        raise ConfigurationError(f"the store can't be brought up to date: {error}") from None
