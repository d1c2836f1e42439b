"""What OpenRouter's refusals mean. Its codes are those of HTTP, also inside of a 200, and so prove
nothing: a proxy has the same. Only its words do."""

from __future__ import annotations

from imagekit import BillingError, Charged, ErrorRow, Fact, Moderated, State

__all__ = ["ERRORS"]

REFUSALS = Fact("https://openrouter.ai/docs/api/reference/errors-and-debugging", "2026-11-30")
FLAGGED = Fact(
    REFUSALS.source,
    REFUSALS.date,
    State.UNVERIFIED,
    "403 is for permissions, too; the page's own word for it is looked for",
)

ERRORS = (
    ErrorRow(BillingError, text="insufficient credits", charged=Charged.NO, fact=REFUSALS),
    ErrorRow(Moderated, text="flagged", charged=Charged.NO, fact=FLAGGED),
)
