"""What fal's refusals mean. Two kinds: of a model, with a ``type`` for each problem, and of the
queue, with an ``error_type``. Failures of its own (5xx) are never charged; a 422 may be, if a
runner had begun (its page of questions)."""

from __future__ import annotations

from imagekit import BillingError, Charged, ErrorRow, Fact, HostUnavailable, Moderated

__all__ = ["ERRORS"]

MODEL = Fact("https://fal.ai/docs/documentation/model-apis/errors", "2026-11-30")
REQUEST = Fact("https://fal.ai/docs/documentation/model-apis/request-errors", "2026-11-30")
QUESTIONS = Fact("https://fal.ai/docs/documentation/model-apis/faq", "2026-11-30")

#: Of the queue, 5xx: no runner, or one that went away or broke. The queue itself has tried ten
#: times by then. They are how a job ended; a proxy's 5xx has none of these words.
AWAY = (
    "request_timeout",
    "startup_timeout",
    "runner_scheduling_failure",
    "runner_connection_timeout",
    "runner_disconnected",
    "runner_connection_refused",
    "runner_connection_error",
    "runner_incomplete_response",
    "runner_server_error",
    "internal_error",
)

ERRORS = (
    ErrorRow(Moderated, code="content_policy_violation", fact=MODEL),
    *(ErrorRow(HostUnavailable, code=code, charged=Charged.NO, fact=REQUEST) for code in AWAY),
    ErrorRow(
        BillingError,
        text="user is locked",
        fact=QUESTIONS,
        hint="add credits at https://fal.ai/dashboard/billing",
    ),
)
