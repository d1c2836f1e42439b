"""How OpenAI, servers of one's own and gateways say no.

OpenAI's codes are those of its OpenAPI description and image guide. The others publish no
table. The rows for gateways are what two answered on 2026-11-21: Portkey's 1.15.2 passes
OpenAI's codes on, LiteLLM's proxy 1.106.2 writes its HTTP status in their place and quotes
them, if at all, inside of the message.
"""

from __future__ import annotations

from imagekit import (
    AuthenticationError,
    BillingError,
    Charged,
    ErrorRow,
    Fact,
    HostUnavailable,
    ModelUnavailable,
    Moderated,
    RateLimited,
    RejectedRequest,
    State,
)

__all__ = ["GATEWAY_ERRORS", "GUIDE", "OPENAI_ERRORS", "SERVER_ERRORS", "SPEC"]

SPEC = Fact("https://github.com/openai/openai-openapi (v2.3.0)", "2026-08-21")
GUIDE = Fact("https://platform.openai.com/docs/guides/image-generation", "2026-11-21")
LITELLM = Fact("https://github.com/BerriAI/litellm (proxy 1.106.2)", "2026-11-21", State.RECORDED)
WORDING = Fact(
    LITELLM.source, LITELLM.date, State.UNVERIFIED, "OpenAI's message; its wording may change"
)
REPORTED = Fact("https://github.com/dfinke/PowerShellAI/issues/127", "2026-11-28", State.RECORDED)
NO_DATABASE = "a LiteLLM without a database says so of every key but its own"
ADDRESS = "if the model is there, look at base_url: it usually ends with /v1"

NO = Charged.NO

#: What these codes mean does not depend on who passes them on.
CODES = (
    ErrorRow(Moderated, code="moderation_blocked", fact=GUIDE),
    ErrorRow(Moderated, code="content_policy_violation", fact=GUIDE),
    ErrorRow(BillingError, code="insufficient_quota", charged=NO, fact=GUIDE),
    ErrorRow(BillingError, code="credit_balance_exhausted", charged=NO, fact=GUIDE),
    ErrorRow(BillingError, code="organization_spend_limit_exceeded", charged=NO, fact=GUIDE),
    ErrorRow(BillingError, code="organization_usage_limit_exceeded", charged=NO, fact=GUIDE),
    ErrorRow(BillingError, code="project_spend_limit_exceeded", charged=NO, fact=GUIDE),
    ErrorRow(BillingError, code="billing_hard_limit_reached", charged=NO, fact=REPORTED),
    ErrorRow(ModelUnavailable, code="model_not_found", charged=NO, fact=SPEC),
)

#: That nothing was done, and so may be sent again, only OpenAI can say for itself.
OPENAI_ERRORS = (
    *CODES,
    ErrorRow(RateLimited, 429, "rate_limit_exceeded", retryable=True, charged=NO, fact=GUIDE),
    ErrorRow(AuthenticationError, code="invalid_api_key", charged=NO, fact=SPEC),
    ErrorRow(RejectedRequest, 400, "invalid_request_error", charged=NO, fact=SPEC),
    ErrorRow(HostUnavailable, code="server_error", fact=SPEC),
)

#: Of every server: a path that is not there looks like a model that is not.
SERVER_ERRORS = (ErrorRow(ModelUnavailable, 404, hint=ADDRESS, fact=LITELLM),)

GATEWAY_ERRORS = (
    *CODES,
    ErrorRow(
        AuthenticationError, code="no_db_connection", charged=NO, hint=NO_DATABASE, fact=LITELLM
    ),
    ErrorRow(ModelUnavailable, 400, text="Invalid model name passed", charged=NO, fact=LITELLM),
    ErrorRow(Moderated, text="moderation_blocked", fact=LITELLM),
    ErrorRow(Moderated, text="content_policy_violation", fact=LITELLM),
    ErrorRow(Moderated, 400, text="safety system", fact=WORDING),
    ErrorRow(BillingError, 429, text="exceeded your current quota", charged=NO, fact=WORDING),
    *SERVER_ERRORS,
)
