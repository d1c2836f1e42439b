"""Servers that people run themselves, and gateways: each a host of its own kind.

None has an address but yours: a configuration gives it (``[hosts.gpu]``, ``kind = "sglang"``,
``base_url = "http://gpu:30000/v1"``); without one it is where the server listens by itself.
None needs a key unless you gave it one. What a server's own page or source does not have is
left to ``native``. All are asked for base64: links of theirs are relative, or lead to a disk
that only they see.
"""

from __future__ import annotations

from imagekit import (
    ANY_MODEL,
    Bearer,
    Carriage,
    Carried,
    Either,
    Enum,
    ErrorRow,
    Fact,
    Host,
    Length,
    ModelList,
    NoAuth,
    Offer,
    Parameter,
    Range,
    Requires,
    Sizes,
    Spell,
    State,
    Unlisted,
    spell,
)
from imagekit_openai_compatible.errors import GATEWAY_ERRORS, SERVER_ERRORS, SPEC

__all__ = ["SERVERS"]

LISTED = Fact(
    SPEC.source, SPEC.date, State.UNVERIFIED, "OpenAI's own list; that a server has one, too"
)
SGLANG = Fact("https://github.com/sgl-project/sglang (diffusion, image API)", "2026-11-21")
VLLM = Fact("https://docs.vllm.ai/projects/vllm-omni (image generation, edit API)", "2026-11-21")
LOCALAI = Fact("https://localai.io/features/image-generation/", "2026-11-21")
SD_CPP = Fact(
    "https://github.com/leejet/stable-diffusion.cpp/blob/master/examples/server/api.md",
    "2026-11-21",
)
GATEWAY = Fact(
    SPEC.source, SPEC.date, State.UNVERIFIED, "OpenAI's own page has it; your gateway may not"
)
NOT_OPENAI = Fact(
    SPEC.source, SPEC.date, State.UNVERIFIED, "not in OpenAI's page; many servers take it"
)

BASE64 = {"response_format": "b64_json"}
ANY_SIZE = Sizes(fact=SPEC)


#: What several servers have in common; who says so is said by each.
COUNT = Parameter("n", int, (Range(1, 10),), default=1)
FORMAT = Parameter("output_format", str, (Enum(("png", "jpeg", "webp")),), default="png")
COMPRESSION = Parameter(
    "output_compression",
    int,
    (Range(0, 100),),
    default=100,
    doc="How good a jpeg or webp is, in percent.",
)


def _carried(*ways: str) -> Parameter:
    return Parameter("response_format", str, (Enum(ways),))


def _steps(*rules: Range) -> Parameter:
    return Parameter("num_inference_steps", int, rules, doc="Steps of the sampler.")


def _guidance(name: str, *rules: Range) -> Parameter:
    return Parameter(name, float, rules, doc="How closely the prompt is followed.")


def _file(to: str, links: str = "", fact: Fact | None = None) -> Spell:
    return Spell("image", to=to, fact=fact, how=Carried(Carriage.FORM, links=links))


MASK = Spell("mask", how=Carried(Carriage.FORM))
MASK_PARAMETER = Parameter("mask", str, doc="What of the first picture to change.")
MASK_NEEDS_IMAGE = Requires("mask", "image")


def _server(
    name: str,
    title: str,
    port: int,
    page: Fact,
    *offers: Offer,
    errors: tuple[ErrorRow, ...] = SERVER_ERRORS,
) -> Host:
    variable = f"{name.upper().replace('-', '_')}_API_KEY"
    return Host(
        name=name,
        title=title,
        base_url=f"http://localhost:{port}/v1",
        auth=Either((Bearer((variable,)), NoAuth())),
        offers=offers,
        errors=errors,
        docs_url=page.source.partition(" ")[0],
        models_at=ModelList(fact=LISTED),
        self_hosted=True,
        fact=page,
    )


# --- SGLang ------------------------------------------------------------------------------------

_SGLANG = (
    *spell("n size seed negative_prompt output_format output_compression response_format"),
    *spell("num_inference_steps guidance_scale true_cfg_scale"),
    _file("image[]", links="url[]"),
)
_SGLANG_PARAMETERS = (
    COUNT,
    FORMAT,
    COMPRESSION,
    _carried("b64_json"),
    _steps(),
    _guidance("guidance_scale"),
    _guidance("true_cfg_scale"),
    Parameter("seed", int),
    Parameter("negative_prompt", str),
    Parameter("image", list, doc="Pictures to work on."),
)

_SGLANG_MASK = {
    "mask": "the server takes one and never looks at it; say in the prompt which part to change"
}

_SGLANG_ANY = Offer(
    model=ANY_MODEL,
    id=ANY_MODEL,
    wire="openai-edits",
    spells=_SGLANG,
    parameters=_SGLANG_PARAMETERS,
    sizes=ANY_SIZE,
    fields=BASE64,
    instead=_SGLANG_MASK,
    unlisted=Unlisted(),
)
#: The open weights take what the vendor's API does not: any size that 32 divides, a seed, a
#: negative prompt, references.
_SGLANG_GLM_IMAGE = Offer(
    model="glm-image",
    id="zai-org/GLM-Image",
    wire="openai-edits",
    spells=_SGLANG,
    parameters=_SGLANG_PARAMETERS,
    sizes=Sizes(
        multiple=32, min_side=32, fact=Fact("https://github.com/zai-org/GLM-Image", "2026-11-21")
    ),
    fields=BASE64,
    rules=(),
    instead=_SGLANG_MASK,
)

# --- vLLM-Omni ---------------------------------------------------------------------------------

_VLLM_ANY = Offer(
    model=ANY_MODEL,
    id=ANY_MODEL,
    wire="openai-edits",
    spells=(
        *spell("n size seed negative_prompt output_format response_format"),
        *spell("num_inference_steps guidance_scale true_cfg_scale"),
        _file("image", links="url"),
    ),
    parameters=(
        COUNT,
        FORMAT,
        _carried("b64_json"),
        _steps(Range(1, 200)),
        _guidance("guidance_scale", Range(0, 20)),
        _guidance("true_cfg_scale"),
        Parameter("image", list, doc="Pictures to work on."),
    ),
    sizes=ANY_SIZE,
    fields=BASE64,
    instead={
        "mask": "its field is mask_image, a text, where white is what changes; "
        "native={'mask_image': ...} sends one"
    },
    unlisted=Unlisted(),
)

# --- LocalAI -----------------------------------------------------------------------------------

_LOCALAI_ANY = Offer(
    model=ANY_MODEL,
    id=ANY_MODEL,
    wire="openai-images",
    spells=(
        *spell("n size seed response_format"),
        *spell("step mode"),
        Spell("image", to="file", how=Carried(Carriage.BASE64)),
    ),
    parameters=(
        Parameter("n", int),
        Parameter("step", int, doc="Steps of the sampler."),
        Parameter("mode", int, doc="Which sampler, by its number."),
        _carried("url", "b64_json"),
        Parameter("image", list, (Length(1, 1, unit="items"),), doc="Pictures to work on."),
    ),
    sizes=ANY_SIZE,
    fields=BASE64,
    instead={
        "negative_prompt": "write it in the prompt, after a |: a sea otter|text, frames",
        "mask": "it has a path of its own for masks, /v1/images/inpainting, which is not here",
    },
    unlisted=Unlisted(),
)

# --- stable-diffusion.cpp ----------------------------------------------------------------------

IN_THE_PROMPT = (
    'the server reads it from the prompt: <sd_cpp_extra_args>{"seed": 7}</sd_cpp_extra_args>'
)
_SD_CPP_ANY = Offer(
    model=ANY_MODEL,
    id=ANY_MODEL,
    wire="openai-edits",
    spells=(*spell("n size output_format output_compression"), _file("image[]"), MASK),
    parameters=(
        Parameter("n", int),
        FORMAT,
        COMPRESSION,
        Parameter("image", list, doc="Pictures to work on."),
        Parameter("mask", str, doc="What of the first picture to change, in grey."),
    ),
    sizes=ANY_SIZE,
    rules=(MASK_NEEDS_IMAGE,),
    instead={
        "seed": IN_THE_PROMPT,
        "negative_prompt": IN_THE_PROMPT,
        "response_format": "it answers with base64 always",
    },
    unlisted=Unlisted(),
)

# --- any other ---------------------------------------------------------------------------------

_ANY_ANY = Offer(
    model=ANY_MODEL,
    id=ANY_MODEL,
    wire="openai-edits",
    spells=(
        *spell("n size quality response_format output_format user", GATEWAY),
        *spell("seed negative_prompt", NOT_OPENAI),
        _file("image[]", fact=GATEWAY),
        MASK,
    ),
    parameters=(MASK_PARAMETER,),
    sizes=Sizes(auto=True),
    rules=(MASK_NEEDS_IMAGE,),
    unlisted=Unlisted(),
)

SERVERS = (
    _server("sglang", "SGLang", 30000, SGLANG, _SGLANG_ANY, _SGLANG_GLM_IMAGE),
    _server("vllm-omni", "vLLM-Omni", 8000, VLLM, _VLLM_ANY),
    _server("localai", "LocalAI", 8080, LOCALAI, _LOCALAI_ANY),
    _server("sd-cpp", "stable-diffusion.cpp", 1234, SD_CPP, _SD_CPP_ANY),
    _server("openai-compatible", "OpenAI-compatible", 8000, SPEC, _ANY_ANY, errors=GATEWAY_ERRORS),
)
