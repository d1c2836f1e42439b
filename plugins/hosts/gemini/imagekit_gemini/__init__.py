"""The Gemini API: Google's own host of its image models, Nano Banana.

Written from https://ai.google.dev/gemini-api/docs (image-generation, file-input-methods, billing,
troubleshooting, pricing), the python-genai SDK 2.19.0, and recorded traffic; the dates stand
with the facts. Its dialect is the wire ``gemini-content``, which comes with the models
(imagekit-nano-banana).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from imagekit import (
    AuthenticationError,
    BillingError,
    Call,
    Carriage,
    Carried,
    Charged,
    Enum,
    ErrorRow,
    Fact,
    HeaderKey,
    Host,
    HostUnavailable,
    Length,
    ModelList,
    ModelUnavailable,
    Offer,
    Parameter,
    PermissionDenied,
    Price,
    Problem,
    Range,
    Rate,
    RateLimited,
    RejectedRequest,
    Spell,
    State,
    TokenPrice,
    hookimpl,
)

DOCS = "https://ai.google.dev/gemini-api/docs"
PAGE = Fact(f"{DOCS}/image-generation", "2026-09-05")
BILLING = Fact(f"{DOCS}/billing", "2026-09-20", note="a 400 or 500 error is not charged for")
BILLING_TOO = Fact(
    BILLING.source, BILLING.date, State.UNVERIFIED, "it names 400 and 500; 503 is taken for one"
)
TROUBLE = Fact(f"{DOCS}/troubleshooting", "2026-11-21")
WORDS = Fact("https://google.aip.dev/193", "2026-11-21", note="the codes of google.rpc")
QUOTAS = Fact("recorded answers with google.rpc.QuotaFailure", "2026-08-22", State.RECORDED)
SEEN = Fact("recorded answers", "2026-10-03", State.RECORDED)
PRICES = Fact(f"{DOCS}/pricing", "2026-09-05")
QUOTED = Fact(PRICES.source, "2026-10-09", State.UNVERIFIED, "the page as third parties quote it")
SDK = Fact("https://github.com/googleapis/python-genai (2.19.0)", "2026-08-21")
THIRD_HAND = Fact(
    SDK.source, SDK.date, State.UNVERIFIED, "the SDK has it; for this model only others say so"
)
CHANGELOG = Fact(f"{DOCS}/changelog", "2026-11-28")
MODELS = Fact("https://ai.google.dev/api/models", "2026-11-28")
CARD = Fact(
    "https://github.com/yeahhe365/AMC-WebUI/releases/tag/v1.24.0",
    "2026-11-09",
    State.UNVERIFIED,
    "a third party's notes of the vendor's model card",
)

# --- what is sent ---------------------------------------------------------------------------------

_CONFIG = "generationConfig"
_LEVELS = ("minimal", "medium", "high")

#: Options of the API rather than of a model. Other fields of a request are for ``native``.
OPTIONS = (
    Parameter(
        "response_modalities",
        list,
        (Length(2, 1, unit="items"),),
        doc='["IMAGE"] asks for a picture and no words; not given: both, as the model likes.',
    ),
    Parameter("temperature", float, (Range(0, 2),), doc="How freely it draws.", fact=SDK),
    Parameter("top_p", float, (Range(0, 1),), doc="The same, by probability.", fact=SDK),
)
SPELLS = (
    Spell("image", to="contents", how=Carried(Carriage.BASE64)),
    Spell("ratio", to=f"{_CONFIG}.imageConfig.aspectRatio"),
    Spell("seed", to=f"{_CONFIG}.seed"),
    Spell("response_modalities", to=f"{_CONFIG}.responseModalities"),
    Spell("temperature", to=f"{_CONFIG}.temperature"),
    Spell("top_p", to=f"{_CONFIG}.topP"),
)
TIER = Spell("resolution", to=f"{_CONFIG}.imageConfig.imageSize")
THINKING = Spell(
    "thinking_level",
    to=f"{_CONFIG}.thinkingConfig.thinkingLevel",
    values={level: level.upper() for level in _LEVELS},
)


def _thinking(fact: Fact, *levels: str) -> Parameter:
    doc = "How long it thinks before it draws."
    return Parameter("thinking_level", str, (Enum(levels),), doc=doc, fact=fact)


def _price(fact: Fact, tiers: Mapping[str, str], sent: str, words: str, drawn: str) -> Price:
    """What a picture of each tier comes to, and what a million tokens cost: of what is sent, of
    the words that come, thoughts among them, and of the pictures."""
    rates = tuple(Rate(amount, tier) for tier, amount in tiers.items())
    return Price(None, "USD", fact, rates, tokens=TokenPrice(sent, sent, words, drawn))


OFFERS = (
    Offer(
        "nano-banana",  # always 1K: it has no imageSize
        "gemini-2.5-flash-image",
        "gemini-content",
        SPELLS,
        OPTIONS,
        price=_price(PRICES, {"1K": "0.039"}, "0.3", "2.5", "30"),
    ),
    Offer(
        "nano-banana-pro",
        "gemini-3-pro-image",
        "gemini-content",
        (*SPELLS, TIER),
        OPTIONS,
        price=_price(PRICES, {"1K": "0.134", "2K": "0.134", "4K": "0.24"}, "2", "12", "120"),
    ),
    Offer(
        "nano-banana-2",
        "gemini-3.1-flash-image",
        "gemini-content",
        (*SPELLS, TIER, THINKING),
        (*OPTIONS, _thinking(THIRD_HAND, "minimal", "high")),
        price=_price(
            PRICES,
            {"512": "0.045", "1K": "0.067", "2K": "0.101", "4K": "0.151"},
            *("0.5", "3", "60"),
        ),
        id_fact=CHANGELOG,
    ),
    Offer(
        "nano-banana-2-lite",
        "gemini-3.1-flash-lite-image",
        "gemini-content",
        (*SPELLS, TIER),
        OPTIONS,
        price=_price(QUOTED, {"1K": "0.0336"}, "0.25", "1.5", "30"),
    ),
    Offer(
        "nano-banana-2.1",
        "gemini-nano-banana-2.1",
        "gemini-content",
        (*SPELLS, TIER, THINKING),
        (*OPTIONS, _thinking(CARD, *_LEVELS)),
        price=_price(
            QUOTED, {"1K": "0.0336", "2K": "0.0504", "4K": "0.113"}, *("1.5", "7.5", "30")
        ),
        id_fact=CHANGELOG,
    ),
)

# --- what comes back ------------------------------------------------------------------------------

NO, MAYBE = Charged.NO, Charged.MAYBE

#: A wrong key is a 400, and no key a 403. The codes are ``error.status``, the reason of an
#: ErrorInfo, and the status with the period of the quota that is used up.
ERRORS = (
    ErrorRow(AuthenticationError, 400, "API_KEY_INVALID", charged=NO, fact=SEEN),
    ErrorRow(AuthenticationError, 400, text="API key expired", charged=NO, fact=TROUBLE),
    ErrorRow(AuthenticationError, 400, text="API key not valid", charged=NO, fact=SEEN),
    ErrorRow(AuthenticationError, 403, text="unregistered callers", charged=NO, fact=SEEN),
    ErrorRow(AuthenticationError, 403, text="reported as leaked", charged=NO, fact=TROUBLE),
    ErrorRow(AuthenticationError, code="UNAUTHENTICATED", charged=NO, fact=WORDS),
    ErrorRow(
        PermissionDenied,
        400,
        "FAILED_PRECONDITION",
        "location is not supported",
        charged=NO,
        fact=SEEN,
    ),
    ErrorRow(BillingError, 400, "FAILED_PRECONDITION", "billing", charged=NO, fact=TROUBLE),
    ErrorRow(RejectedRequest, code="FAILED_PRECONDITION", charged=NO, fact=BILLING),
    ErrorRow(RejectedRequest, code="INVALID_ARGUMENT", charged=NO, fact=BILLING),
    ErrorRow(PermissionDenied, code="PERMISSION_DENIED", charged=NO, fact=TROUBLE),
    ErrorRow(ModelUnavailable, code="NOT_FOUND", charged=NO, fact=TROUBLE),
    ErrorRow(BillingError, 429, "RESOURCE_EXHAUSTED.PerDay", charged=NO, fact=QUOTAS),
    ErrorRow(BillingError, text="prepayment credits", charged=NO, fact=TROUBLE),
    ErrorRow(RateLimited, 429, "RESOURCE_EXHAUSTED", retryable=True, charged=NO, fact=QUOTAS),
    # The page on billing has a 500 free of charge; but INTERNAL and UNAVAILABLE are also what
    # any server of this kind says when it has lost one behind it, in the middle of its work.
    ErrorRow(HostUnavailable, code="INTERNAL", retryable=True, charged=MAYBE, fact=BILLING),
    ErrorRow(
        HostUnavailable,
        code="UNAVAILABLE",
        text="model is overloaded",
        retryable=True,
        charged=NO,
        fact=BILLING_TOO,
    ),
    ErrorRow(HostUnavailable, code="UNAVAILABLE", retryable=True, charged=MAYBE, fact=TROUBLE),
    # It worked until its time was up; the page on billing does not speak of that.
    ErrorRow(
        HostUnavailable, code="DEADLINE_EXCEEDED", retryable=True, charged=MAYBE, fact=TROUBLE
    ),
)

# --- references -----------------------------------------------------------------------------------

#: Bytes of a request, pictures as base64 included. The page had 20 million until January 2026.
MOST_INLINE, SAFE_INLINE = 100_000_000, 20_000_000


class Gemini(Host):
    """What no rule can say: how references add up, which links it follows, what is one field."""

    @hookimpl
    def imagekit_validate_request(self, call: Call) -> Iterable[Problem]:
        return [*_links(call), *_inline(call), *_twice(call), *_deprecated(call)]


def _twice(call: Call) -> Iterator[Problem]:
    """Every field has two names there, so a native one may be a parameter's in disguise."""
    for name in call.native:
        other = re.sub("_([a-z])", lambda found: found[1].upper(), name)
        if name != other and other in call.fields:
            message = f"native.{name} and {other} are one field there; give one of them"
            yield Problem(f"native.{name}", message, call.native[name])


def _deprecated(call: Call) -> Iterator[Problem]:
    """The changelog of 2026-07-21 deprecates them for the models that are current."""
    for name in ("temperature", "top_p"):
        if name in call.values and call.route.offer.model != "nano-banana":
            message = "the vendor has deprecated it for its current models, and may ignore it"
            yield Problem(name, message, call.values[name], advice=True)


def _links(call: Call) -> Iterator[Problem]:
    """Documented are https URLs, public or signed, and URIs of the Files API, which are https
    too (https://ai.google.dev/gemini-api/docs/file-input-methods, 2026-11-21).
    """
    for number, one in enumerate(call.references, 1):
        if one.url is not None and not one.url.lower().startswith("https://"):
            message = f"reference {number}: only https links are fetched here; give the file itself"
            yield Problem("image", message, one.url)


def _inline(call: Call) -> Iterator[Problem]:
    size = sum(-(-(one.size or 0) // 3) * 4 for one in call.references if one.url is None)
    if size <= SAFE_INLINE:
        return
    what = f"as base64 the references have {size:,} bytes together"
    if size > MOST_INLINE:
        most = f"at most {MOST_INLINE:,} are taken; links, or files uploaded there, are not counted"
        yield Problem("image", f"{what}; {most}", size, MOST_INLINE)
    else:
        message = f"{what}; older pages allow {SAFE_INLINE:,}, newer ones {MOST_INLINE:,}"
        yield Problem("image", message, size, SAFE_INLINE, advice=True)


GEMINI = Gemini(
    name="gemini",
    title="Gemini API",
    base_url="https://generativelanguage.googleapis.com/v1beta",
    auth=HeaderKey(("GEMINI_API_KEY", "GOOGLE_API_KEY"), header="x-goog-api-key"),
    offers=OFFERS,
    errors=ERRORS,
    keys_url="https://aistudio.google.com/apikey",
    docs_url=PAGE.source,
    fact=PAGE,
    models_at=ModelList("/models?pageSize=1000", "models", "name", "models/", fact=MODELS),
    doc="Google's own API of its image models: one picture a call, sent as base64.",
)


@hookimpl
def imagekit_hosts() -> Iterable[Host]:
    return [GEMINI]
