"""At which steps workers are killed: in each state of an attempt, before and after its row says
so. See `tests.chaos.moments` and `tests.chaos.store.watched` for what the lines are."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["DEATHS"]

#: What the worker was at -> the line of it.
DEATHS: Mapping[str, str] = {
    # queued
    "claiming": "sql UPDATE attempts SET holder",
    "planning": "sql UPDATE attempts SET id",
    "noting what it sends": "before sending",
    # sending
    "committing that it sends": "sql (UPDATE|INSERT INTO) attempts .*lookup",
    "about to send": "after sending",
    "sending the head": "send POST",
    "sending the body": "send {",
    "waiting for the answer": "receive",
    # accepted
    "noting the job": "before accepted",
    "leaving the job": "after accepted",
    "resting": "before left",
    "looking": "send GET /(?!_)",
    # answered
    "announcing a picture": "os.rename .*/incoming/",
    "naming a picture": "os.rename .*/pictures/pictures/",
    "noting what came": "sql INSERT INTO pictures",
    "about to fetch": "after answered",
    "fetching": "send GET /_sandbox",
    "withdrawing": "os.remove .*/incoming/",
    # stored
    "noting that it is kept": "before kept",
    "its end": "after kept",
    # whatever it is
    "committing": "commit",
}
