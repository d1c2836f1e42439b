"""``imagekit generate --dry-run``: the request as it would be sent, to look at."""

from __future__ import annotations

import json

from imagekit import Plan
from imagekit.basics.classes import evolve
from imagekit.cli import exits, output
from imagekit.cli.running.consent import cost_words
from imagekit.cli.text import as_options
from imagekit.values.abridged import document, shortened

__all__ = ["show_plan"]


def show_plan(plan: Plan, as_json: bool, quiet: bool) -> int:
    """Print a plan; returns the exit code. ``quiet`` leaves out what is no part of the request.

    References that would be sent as bytes are told by digest, in JSON as well: what is printed
    ends up in logs. ``Client.plan`` has the exact body.
    """
    if as_json:
        _show_json(plan)
    else:
        _show_text(plan, quiet)
    return 0 if plan.request else exits.USAGE


def _show_json(plan: Plan) -> None:
    from imagekit.values.plain.convert import to_plain

    bare = plan.request and evolve(plan.request, body=None)
    record = to_plain(evolve(plan, request=bare))
    if plan.request:
        record["request"]["body"] = document(shortened(plan.request))
    output.json_answer(record)


def _show_text(plan: Plan, quiet: bool) -> None:
    for problem in plan.problems:
        output.note(f"error: {as_options(str(problem))}")
    if plan.request:
        output.answer(f"{plan.request.method} {plan.request.url}")
        for name, value in plan.request.headers.items():
            output.answer(f"{name}: {value}")
        output.answer(
            f"\n{json.dumps(document(shortened(plan.request)), indent=2, ensure_ascii=False)}"
        )
    for row in output.receipt_rows(plan.receipt, changed_only=quiet):
        output.note(row)
    if quiet:
        return
    for text in plan.notes:
        output.note(f"note: {text}")
    if plan.request:
        output.note(f"{_calls(plan)}; nothing was sent")


def _calls(plan: Plan) -> str:
    """How many there are, and what they are expected to cost."""
    calls = plan.paid_calls
    if not calls:
        return "a free call"
    cost = cost_words(plan.estimate)
    if calls == 1:
        return f"1 paid call, {cost}"
    return f"{calls} paid calls, {cost}; this is the first"
