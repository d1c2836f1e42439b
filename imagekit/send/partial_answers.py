"""What becomes of a result whose answer was not whole, or not quite as it has to be."""

from __future__ import annotations

from imagekit.basics.classes import evolve
from imagekit.errors import UnreadableAnswer
from imagekit.values import Failure, Response, Result

__all__ = ["broken_off", "noted"]


def noted(result: Result, response: Response) -> Result:
    """The result, with what was made of its answer's text."""
    if not response.notes:
        return result
    return evolve(result, notes=(*result.notes, *response.notes))


def broken_off(result: Result, response: Response) -> Result:
    """The result of what was whole, and one failure for the rest: nobody knows how much that
    is, and without it half an answer would pass for the whole of one.
    """
    message = f"the answer broke off ({response.defect}); whatever more was made is lost"
    error = UnreadableAnswer(
        f"{result.host} answered HTTP {response.status} with a body that is broken "
        f"({response.defect})",
        host=result.host,
        model=result.model,
        status=response.status,
        head=response.head,
    )
    last = len(result.images) + len(result.failures)
    failure = Failure(last, None, message, error=error.trouble)
    return noted(evolve(result, failures=(*result.failures, failure)), response)
