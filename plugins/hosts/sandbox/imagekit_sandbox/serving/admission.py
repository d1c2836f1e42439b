"""Before an operation: who asks, for which model, and what is to go wrong."""

from __future__ import annotations

from imagekit_sandbox.serving.faults.faults import HEADER, SUFFIX, Faults, read_faults
from imagekit_sandbox.serving.kit.dialect import Dialect, Operation
from imagekit_sandbox.serving.kit.visit import Visit
from imagekit_sandbox.serving.messages.refusals import Refusal, Why

__all__ = ["choose_faults", "sign_in"]

#: How keys begin that don't work, and what is wrong with them. Any other key is good.
KEYS = {
    "bad-": Why.UNAUTHORIZED,
    "broke-": Why.NO_BALANCE,
    "frozen-": Why.FROZEN,
    "barred-": Why.FORBIDDEN,
}


def sign_in(dialect: Dialect, visit: Visit) -> None:
    """Find out who asks.

    Raises:
        Refusal: nobody, or somebody who may not.
    """
    visit.key = dialect.key(visit.asked)
    if visit.key is None:
        raise Refusal(Why.UNAUTHORIZED)
    for start, why in KEYS.items():
        if visit.key.startswith(start):
            raise Refusal(why)


def choose_faults(operation: Operation, visit: Visit) -> None:
    """From the header, the model's suffix and the rules.

    Raises:
        Refusal: what was asked for makes no sense, or can't act here.
    """
    said = [visit.asked.headers.get(HEADER, "")]
    if operation.model:
        model, _, suffix = (operation.model(visit.asked) or "").partition(SUFFIX)
        visit.model = model or None
        said.append(suffix)
    ruled = visit.books.chooser.faults(visit.host, visit.model, operation.name)
    try:
        visit.faults = Faults.merged([*(read_faults(text) for text in said if text), *ruled])
    except ValueError as error:
        raise Refusal.misuse(str(error)) from None
    _place(operation, visit)


def _place(operation: Operation, visit: Visit) -> None:
    """What acts on pictures can act only where some are made."""
    if operation.name == "poll":  # what was to befall the pictures befell the job
        visit.faults = visit.faults.without_making()
    elif operation.name != "generate" and (why := visit.faults.misplaced()):
        raise Refusal.misuse(why)
