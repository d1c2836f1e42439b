"""What is told of a batch, before and after."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from attrs import asdict

from imagekit import tools
from imagekit_store.batch.account import Account
from imagekit_store.batch.checking import Batch
from imagekit_store.batch.progress import exact
from imagekit_store.batch.running import Outcome
from imagekit_store.commands.common import PARTIAL, SET_UP
from imagekit_store.reading.costs import Spent

__all__ = ["code_of", "money_of", "shown", "tell", "tell_cut_off", "tell_plan"]

#: Of many sentences of one kind.
SHOWN = 50
REFUSED, UNKNOWN, LIMITED = 4, 7, 11


def code_of(outcome: Outcome) -> int:
    """The exit code: what may have been paid for counts most."""
    counts = outcome.counts
    if counts.unknown:
        return UNKNOWN
    if outcome.beyond:
        return LIMITED
    if outcome.refused:
        return SET_UP
    if counts.failed or outcome.trouble:
        return PARTIAL if counts.done else REFUSED
    return 0


def shown(sentences: Sequence[str], count: int | None = None) -> Iterator[str]:
    """The first of them, and how many more there are.

    Args:
        count: of all, where only some are given.
    """
    yield from sentences[:SHOWN]
    more = (len(sentences) if count is None else count) - SHOWN
    if more > 0:
        yield f"and {more:,} more"


# --- before -------------------------------------------------------------------------------------


def tell_plan(batch: Batch, account: Account, as_json: bool) -> None:
    """What would be asked for, and what that should cost."""
    sums = {currency: exact(amount) for currency, amount in batch.sums.items()}
    if as_json:
        plan = {"planned": batch.planned, "estimate": sums, "unpriced": batch.unpriced}
        tools.json_answer({**asdict(batch.counts), **plan})
        return
    counts = batch.counts
    over = counts.done + counts.failed + counts.unknown + counts.open
    asked = f", {over:,} of them asked for before" if over else ""
    lines = "1 line" if counts.lines == 1 else f"{counts.lines:,} lines"
    tools.answer(f"{lines}{asked}, {batch.planned:,} to be asked for")
    costs = [f"{amount} {currency}" for currency, amount in sums.items()]
    if batch.unpriced:
        costs.append(f"what {batch.unpriced:,} cost whose price nobody knows")
    tools.answer(f"expected to cost {' and '.join(costs) or 'nothing'}")
    if account.has_budget and account.limits.budget is not None:
        left = account.limits.budget - account.spent
        tools.answer(f"left of the budget: {exact(left)} {account.limits.currency}")


# --- after --------------------------------------------------------------------------------------


def tell(outcome: Outcome, account: Account, results: Path, again: str, as_json: bool) -> None:
    """What stood in its way, how to go on, and, last of all, what came of it."""
    for line in _notes(outcome, again):
        tools.note(line)
    if as_json:
        tools.json_answer(_as_json(outcome, account, results))
    else:
        tools.answer(_summary(outcome, results))


def tell_cut_off(again: str) -> None:
    """Of one that was ended at once."""
    tools.note(
        "what was being sent may have been bought: it is never sent again, and unknown until the "
        "same command finds out"
    )
    tools.note(f"to go on: {again}")


def _as_json(outcome: Outcome, account: Account, results: Path) -> dict[str, Any]:
    limits = account.limits
    budget = exact(limits.budget) if account.has_budget and limits.budget is not None else None
    return {
        "batch": account.key,
        "results": results,
        **asdict(outcome.counts),
        "cost": {one.currency or "?": exact(one.cost) for one in outcome.spent.amounts},
        "calls_of_unknown_cost": outcome.spent.unknown,
        "budget": budget and {"amount": budget, "currency": limits.currency},
        "budget_reached": bool(outcome.beyond),
        "unsaved": outcome.unsaved,
        "trouble": list(outcome.trouble),
    }


def _summary(outcome: Outcome, results: Path) -> str:
    counts = outcome.counts
    parts = [f"{counts.done:,} of {counts.lines:,} done"]
    parts += [f"{counts.failed:,} failed"] * bool(counts.failed)
    parts += [f"{counts.unknown:,} unknown"] * bool(counts.unknown)
    parts += [f"{counts.open:,} under way"] * bool(counts.open)
    parts += [f"{counts.left:,} left"] * bool(counts.left)
    parts += [f"{outcome.unsaved:,} not saved"] * bool(outcome.unsaved)
    return f"{', '.join(parts)}; cost: {money_of(outcome.spent)}; {results}"


def money_of(spent: Spent) -> str:
    """What it is by currency, and how much of it nobody knows."""
    parts = [f"{exact(one.cost)} {one.currency or '?'}" for one in spent.amounts if one.cost]
    if spent.unknown:
        calls = "1 call" if spent.unknown == 1 else f"{spent.unknown:,} calls"
        parts.append(f"what {calls} cost of which nobody knows it")
    return " and ".join(parts) or "nothing"


def _notes(outcome: Outcome, again: str) -> Iterator[str]:
    counts = outcome.counts
    yield from shown(outcome.trouble)
    if outcome.unsaved:
        yield f"what came of {outcome.unsaved:,} is in the store, and not in the folder yet"
    if outcome.beyond:
        yield f"the budget has no room for the next line: {outcome.beyond}"
    if outcome.refused:
        yield outcome.refused
    if counts.unknown:
        yield (
            f"of {counts.unknown:,} it is unknown whether they were charged; they are not asked "
            "for again: imagekit history --state unknown"
        )
    if counts.left or counts.open or counts.unknown or outcome.unsaved:
        larger = ", with a larger budget" if outcome.beyond else ""
        yield f"to go on{larger}: {again}"
    if counts.failed:
        yield "what failed and was certainly free is asked for anew with --retry-failed"
