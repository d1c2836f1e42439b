"""Many paid calls at once are asked about first, with what they cost where that is known."""

from __future__ import annotations

import sys
from typing import Any

import click

from imagekit import Client, Cost

__all__ = ["MOST_UNASKED", "agree", "cost_words"]

#: Paid calls that one command may be meant to make without a further word.
MOST_UNASKED = 10


def agree(
    client: Client, prompt: str, model: str | None, parameters: dict[str, Any], yes: bool
) -> None:
    """Go on only if as many paid calls are meant.

    Raises:
        click.UsageError: nobody is there to be asked.
        click.Abort: they were not.
    """
    if yes or (parameters["n"] or 0) <= MOST_UNASKED:
        return
    plan = client.plan(prompt, model=model, **parameters)
    if plan.paid_calls <= MOST_UNASKED:
        return
    told = f"this makes {plan.paid_calls} paid calls, {cost_words(plan.estimate)}"
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise click.UsageError(f"{told}; if that is meant, add --yes")
    click.confirm(f"{told}. Go on?", abort=True, err=True)


def cost_words(estimate: Cost) -> str:
    """What is expected, after a comma."""
    return str(estimate) if estimate.is_known else f"cost {estimate}"
