"""Jobs: how they are asked for, and what their state means, whoever spells it.

A maker documents a word or two; the gateways that pass its jobs on have words of their own:
``succeed``, ``SUCCEEDED``, ``completed``, ``finished``, ``Done``.
"""

from __future__ import annotations

from enum import StrEnum

from imagekit.values import Request, Response

__all__ = ["Phase", "is_poll", "phase_of", "poll_request"]

_RUNNING = {"accepted", "created", "generating", "in_progress", "in_queue", "initializing"}
_RUNNING |= {"not_started", "pending", "preparing", "processing", "queued", "queueing", "running"}
_RUNNING |= {"scheduled", "started", "starting", "submitted", "submitting", "waiting"}
_DONE = {"complete", "completed", "done", "finished", "ok", "ready"}
_DONE |= {"succeed", "succeeded", "success", "successful"}
#: How words begin that say it came to nothing: ``FAIL``, ``failure``, ``cancelled``, ``error``.
_FAILED = ("fail", "cancel", "error", "abort", "expire", "reject", "terminat", "timeout")


class Phase(StrEnum):
    """How far a job is."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


def phase_of(state: object, pictures: bool) -> Phase:
    """What a word of a host says, in any case and spelling.

    Args:
        pictures: whether the answer has any. They are the end of a job, unless its state is
            known to be one of a job that goes on. Without them an unknown word is no end.
    """
    word = str(state).strip().lower().replace("-", "_").replace(" ", "_")
    if word in _RUNNING:
        return Phase.RUNNING
    if pictures or word in _DONE:
        return Phase.DONE
    return Phase.FAILED if word.startswith(_FAILED) else Phase.RUNNING


def poll_request(url: str) -> Request:
    """The request that asks for a job at its address: a GET, which costs nothing and may be sent
    again, by `Client.resume` as well."""
    return Request("GET", url, {"Accept": "application/json"}, step="poll", repeatable=True)


def is_poll(response: Response) -> bool:
    """Whether this answers a question about a job, and not the request that made it."""
    return response.request is not None and response.request.step == "poll"
