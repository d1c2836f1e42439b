"""What the answers of ``kling-tasks`` mean: refusals, tasks, and the pictures of a task."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from attrs import evolve

from imagekit import (
    Call,
    Charged,
    Cost,
    HostError,
    NoPictures,
    Response,
    Result,
)
from imagekit.wires import (
    Phase,
    Refusal,
    about,
    as_text,
    images_of,
    is_poll,
    object_of,
    phase_of,
    refusal_of,
    refuse,
    said_cost,
    strange,
)

__all__ = ["finished", "is_running", "task_in"]

#: Fields of a task with a place of their own in a `Result`.
_READ = frozenset({"task_status", "task_status_msg", "task_result", "created_at"})


def task_in(call: Call, response: Response) -> Mapping[str, Any]:
    """The task that an answer is about.

    Raises:
        NoPictures: the host does not know the task any more.
        HostError: it is a refusal, by the host's error table.
        UnreadableAnswer: it is no answer of this dialect.
    """
    if is_poll(response) and response.status == 404:
        raise _gone(call, response)
    document = object_of(call, response)
    task = document.get("data")
    if response.status < 400 and isinstance(task, dict) and "task_status" in task:
        return task
    said = _said(response)
    if is_poll(response) and said.code is None and task == []:
        raise _gone(call, response)
    if response.status >= 400 or said.code or ("message" in document and "code" not in document):
        raise refuse(call, response, said)
    raise strange(call, response, "an answer without a task")


def is_running(task: Mapping[str, Any]) -> bool:
    """Documented are submitted and processing, succeed and failed, and in the newer API
    succeeded; gateways have words of their own."""
    return _phase(task) is Phase.RUNNING


def _phase(task: Mapping[str, Any]) -> Phase:
    return phase_of(task["task_status"], any(one.get("url") for one in _items(task)))


def finished(call: Call, response: Response, task: Mapping[str, Any]) -> Result:
    """The pictures of a task that has come to its end.

    Raises:
        HostError: it failed, or made none.
    """
    if _phase(task) is Phase.FAILED:
        raise _failed(call, response, task)
    request_id = _said(response).request_id
    try:
        images, failures = images_of(call, response, _items(task))
    except HostError as error:
        raise error.with_details(charged=_charged(task), request_id=request_id) from None
    created = task.get("created_at")
    return Result(
        images=images,
        failures=failures,
        cost=_cost(call, task),
        created=created // 1000 if isinstance(created, int) else None,  # given in milliseconds
        request_id=request_id,
        metadata={name: value for name, value in task.items() if name not in _READ},
        raw=response.document,
    )


def _cost(call: Call, task: Mapping[str, Any]) -> Cost:
    """What was deducted, as decimal numbers in text: units of a pack that was bought before, or
    a part of the balance, of which nobody says the currency. A gateway passes on what its
    supplier deducted, and that is not what it charges itself."""
    if call.route.host.costs_in is None:
        return Cost()
    balance = task.get("final_balance_deduction")
    quota = said_cost(call, balance.get("quota") if isinstance(balance, dict) else None)
    units = said_cost(call, task.get("final_unit_deduction"))
    parts = [part for part in (units, evolve(quota, currency=None)) if part.amount]
    if len(parts) < 2:
        return parts[0] if parts else Cost()
    known = {part.currency or "": part.amount for part in parts}
    return Cost(known=known, why="a part was deducted in units, a part from the balance")


def _items(task: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The entries of the list that counts; the other one may be there as well, or empty."""
    result = task.get("task_result")
    if not isinstance(result, dict):
        return []
    names = ["images", "series_images"]
    if result.get("result_type") == "series":
        names.reverse()
    lists = [found for name in names if isinstance(found := result.get(name), list)]
    return [one if isinstance(one, dict) else {} for one in next(filter(None, lists), [])]


# --- refusals and failures ----------------------------------------------------------------


def _said(response: Response) -> Refusal:
    """What the envelope says, the maker's or a gateway's own; code 0 is no refusal."""
    document = response.document if isinstance(response.document, dict) else {}
    said = refusal_of(document, response.headers)
    return evolve(said, code=None) if said.code == "0" else said


def _gone(call: Call, response: Response) -> HostError:
    """No row of an error table says this: for a request that makes a task, the same answer
    means that the model is unknown."""
    said = _said(response)
    return NoPictures(
        f"{call.route.host.name} does not know the task any more (HTTP {response.status})",
        **about(call, response, said.request_id),
        code=said.code,
        vendor_message=said.message,
    )


def _failed(call: Call, response: Response, task: Mapping[str, Any]) -> HostError:
    """There is no code: the host's table may know the words."""
    message = as_text(task.get("task_status_msg")) or "the task failed, and no reason is given"
    request_id = _said(response).request_id
    error = refuse(call, response, Refusal(message, request_id=request_id), final=True)
    if type(error) is HostError:  # no row is about these words
        error = NoPictures(
            f"{call.route.host.name} made no picture: {message}",
            **about(call, response, request_id),
            vendor_message=message,
            final=True,
        )
    return error.with_details(charged=_charged(task))


def _charged(task: Mapping[str, Any]) -> Charged:
    """By the units that were deducted, which are a decimal number as text."""
    try:
        deducted = Decimal(str(task["final_unit_deduction"])) > 0
    except (KeyError, InvalidOperation):
        return Charged.MAYBE
    return Charged.YES if deducted else Charged.NO
