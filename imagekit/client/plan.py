"""What a call would be, told without making it."""

from __future__ import annotations

from attrs import frozen

from imagekit.values import Problem, Receipt, Request

__all__ = ["Plan"]


@frozen(eq=False)
class Plan:
    """What `Client.generate` would do, without doing it.

    Attributes:
        model, host: where it would go.
        problems: why it would be refused; empty when it would be sent.
        receipt, notes: as they would be.
        request: the exact request, unsigned; None when there are problems. The first of
            them, when it takes several calls to make all the pictures.
        paid_calls: how many calls would be paid for.
    """

    model: str
    host: str
    problems: tuple[Problem, ...]
    receipt: Receipt
    notes: tuple[str, ...]
    request: Request | None
    paid_calls: int
