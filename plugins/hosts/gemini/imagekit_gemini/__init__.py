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
    Call,
    Carriage,
    Carried,
    Enum,
    Fact,
    HeaderKey,
    Host,
    Length,
    ModelList,
    Offer,
    Parameter,
    Price,
    Problem,
    Range,
    Rate,
    Spell,
    State,
    TokenPrice,
    hookimpl,
)
from imagekit_gemini.errors import ERRORS

DOCS = "https://ai.google.dev/gemini-api/docs"
PAGE = Fact(f"{DOCS}/image-generation", "2026-09-05")
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
        model="nano-banana",  # always 1K: it has no imageSize
        id="gemini-2.5-flash-image",
        wire="gemini-content",
        spells=SPELLS,
        parameters=OPTIONS,
        price=_price(PRICES, {"1K": "0.039"}, "0.3", "2.5", "30"),
    ),
    Offer(
        model="nano-banana-pro",
        id="gemini-3-pro-image",
        wire="gemini-content",
        spells=(*SPELLS, TIER),
        parameters=OPTIONS,
        price=_price(PRICES, {"1K": "0.134", "2K": "0.134", "4K": "0.24"}, "2", "12", "120"),
    ),
    Offer(
        model="nano-banana-2",
        id="gemini-3.1-flash-image",
        wire="gemini-content",
        spells=(*SPELLS, TIER, THINKING),
        parameters=(*OPTIONS, _thinking(THIRD_HAND, "minimal", "high")),
        price=_price(
            PRICES,
            {"512": "0.045", "1K": "0.067", "2K": "0.101", "4K": "0.151"},
            *("0.5", "3", "60"),
        ),
        id_fact=CHANGELOG,
    ),
    Offer(
        model="nano-banana-2-lite",
        id="gemini-3.1-flash-lite-image",
        wire="gemini-content",
        spells=(*SPELLS, TIER),
        parameters=OPTIONS,
        price=_price(QUOTED, {"1K": "0.0336"}, "0.25", "1.5", "30"),
    ),
    Offer(
        model="nano-banana-2.1",
        id="gemini-nano-banana-2.1",
        wire="gemini-content",
        spells=(*SPELLS, TIER, THINKING),
        parameters=(*OPTIONS, _thinking(CARD, *_LEVELS)),
        price=_price(
            QUOTED, {"1K": "0.0336", "2K": "0.0504", "4K": "0.113"}, *("1.5", "7.5", "30")
        ),
        id_fact=CHANGELOG,
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


HOSTS = (GEMINI,)


@hookimpl
def imagekit_hosts() -> Iterable[Host]:
    return HOSTS
