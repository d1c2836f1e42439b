"""What was spent: by each key its own, by an operator's all or that of one."""

from __future__ import annotations

from typing import Any

from attrs import asdict
from imagekit_store import Amount, Spent
from werkzeug.wrappers import Response

from imagekit_gateway.gateway.visit import Visit, as_json
from imagekit_gateway.refusals import Refused
from imagekit_gateway.rights.terms import amount_words

__all__ = ["spent"]

GROUPS = ("day", "host", "model", "key")


def spent(visit: Visit) -> Response:
    """What was spent, in exact sums for each currency; what nobody knows is counted apart."""
    args = visit.request.args
    found = visit.gateway.store.costs(
        visit.word("by", "day", *GROUPS),
        since=args.get("since"),
        until=args.get("until"),
        key=_whose(visit),
    )
    groups = [_plain(group) for group in found.groups]
    return as_json({"by": found.by, "groups": groups, "total": _plain(found.total)})


def _whose(visit: Visit) -> str | None:
    """
    Raises:
        Refused: another key's, for one that may not see it.
    """
    given = visit.request.args.get("key")
    if visit.rights.operator:
        return given
    if given not in (None, visit.owner):
        raise Refused(403, "not_allowed", "what another key has spent is for operators' keys")
    return visit.owner


def _plain(spent: Spent) -> dict[str, Any]:
    return {**asdict(spent), "amounts": [_amount(one) for one in spent.amounts]}


def _amount(amount: Amount) -> dict[str, Any]:
    """Money as text, so that no digit is lost."""
    parts = {**asdict(amount), "by_list": amount.by_list}
    currency = parts.pop("currency")
    return {"currency": currency, **{name: amount_words(part) for name, part in parts.items()}}
