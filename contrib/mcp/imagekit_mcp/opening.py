"""A server's client, folders and budget, opened together and closed together."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from attrs import frozen

from imagekit import Budget, Client, FileJournal, tools
from imagekit_mcp.calls import Calls, Watching
from imagekit_mcp.gallery import Gallery
from imagekit_mcp.recovering import Recovering

__all__ = ["Studio", "open_studio"]


@frozen(eq=False)
class Studio:
    """What tools work with."""

    client: Client
    calls: Calls
    gallery: Gallery
    roots: tools.Roots
    journal: FileJournal


@contextmanager
def open_studio(
    choice: tools.Choice, budget: Budget, output: Path, roots: Sequence[Path], deadline: float
) -> Iterator[Studio]:
    """Opened; what an earlier server has left is brought meanwhile.

    Args:
        deadline: seconds after which a call is given up.

    Raises:
        ConfigurationError: it can't be set up so.
    """
    gallery = Gallery.at(output)
    watching = Watching()
    with (
        FileJournal(gallery.journal) as journal,
        tools.open_client(
            choice, observers=[watching], sinks=[gallery.keep], journal=journal, budget=budget
        ) as client,
    ):
        calls = Calls(client, watching, deadline)
        bring = Recovering(client, journal, gallery).run
        left = journal.take_over()  # before there are calls of this server in it
        threading.Thread(target=bring, args=(left,), name="recovering", daemon=True).start()
        try:
            yield Studio(client, calls, gallery, tools.Roots.of([*roots, gallery.folder]), journal)
        finally:
            calls.close()
