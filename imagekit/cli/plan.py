"""``imagekit generate --dry-run``: the request as it would be sent, to look at."""

from __future__ import annotations

import json
import re
from typing import Any

from attrs import evolve

from imagekit import Plan
from imagekit.cli import exits, output

__all__ = ["show_plan"]

SHOWN = 40  # characters of a picture's base64
_PICTURE = re.compile(r"data:[^,]{0,80},.{64}|[A-Za-z0-9+/]{512}", re.DOTALL)


def show_plan(plan: Plan, as_json: bool) -> int:
    """Print a plan; returns the exit code.

    References that would be sent as bytes are shortened, in JSON as well: what is printed
    ends up in logs, and the receipt has their digests. ``Client.plan`` has the exact body.
    """
    if as_json:
        _show_json(plan)
    else:
        _show_text(plan)
    return 0 if plan.request else exits.USAGE


def _show_json(plan: Plan) -> None:
    from imagekit.convert import to_plain

    bare = plan.request and evolve(plan.request, body=None)
    record = to_plain(evolve(plan, request=bare))
    if plan.request:
        record["request"]["body"] = _body(plan)
    output.json_answer(record)


def _show_text(plan: Plan) -> None:
    for problem in plan.problems:
        output.note(f"error: {problem}")
    if plan.request:
        output.answer(f"{plan.request.method} {plan.request.url}")
        for name, value in plan.request.headers.items():
            output.answer(f"{name}: {value}")
        output.answer(f"\n{json.dumps(_body(plan), indent=2, ensure_ascii=False)}")
    for row in output.receipt_rows(plan.receipt):
        output.note(row)
    for text in plan.notes:
        output.note(f"note: {text}")
    if plan.request:
        output.note(f"{'1 paid call' if plan.paid_calls else 'a free call'}; nothing was sent")


def _body(plan: Plan) -> Any:
    body = plan.request.body if plan.request else None
    return _shortened(json.loads(body or b"null"))


def _shortened(value: Any) -> Any:
    """``value`` with every picture in it cut down to its beginning and its length."""
    if isinstance(value, str) and _PICTURE.match(value):
        return f"{value[:SHOWN]}... ({len(value):,} characters)"
    if isinstance(value, dict):
        return {name: _shortened(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_shortened(inner) for inner in value]
    return value
