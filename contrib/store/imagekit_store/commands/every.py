"""The commands of this plugin: groups whose commands are imported when they are used."""

from __future__ import annotations

import click

from imagekit_store.commands.batch import batch
from imagekit_store.commands.history import history
from imagekit_store.commands.store import store
from imagekit_store.commands.work import work

__all__ = ["commands"]


def commands() -> list[click.Command]:
    return [batch, history, store, work]
