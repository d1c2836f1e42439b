"""The upstreams, one module each."""

from imagekit_sandbox.serving.dialects import (
    ark,
    fal,
    gemini,
    klingai,
    openai,
    openrouter,
    powertokens,
    sglang,
    token360,
    zai,
)
from imagekit_sandbox.serving.kit.dialect import Dialect

__all__ = ["DIALECTS"]

DIALECTS: tuple[Dialect, ...] = (
    *ark.DIALECTS,
    fal.DIALECT,
    gemini.DIALECT,
    klingai.INTERNATIONAL,
    klingai.CHINA,
    openai.DIALECT,
    openrouter.DIALECT,
    powertokens.DIALECT,
    sglang.DIALECT,
    token360.DIALECT,
    zai.ZAI,
    zai.BIGMODEL,
)
