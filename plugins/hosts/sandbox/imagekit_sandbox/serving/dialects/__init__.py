"""The upstreams, one module each."""

from imagekit_sandbox.serving.dialects import (
    ark,
    gemini,
    klingai,
    openai,
    powertokens,
    sglang,
    token360,
    zai,
)
from imagekit_sandbox.serving.kit.dialect import Dialect

__all__ = ["DIALECTS"]

DIALECTS: tuple[Dialect, ...] = (
    *ark.DIALECTS,
    gemini.DIALECT,
    klingai.INTERNATIONAL,
    klingai.CHINA,
    openai.DIALECT,
    powertokens.DIALECT,
    sglang.DIALECT,
    token360.DIALECT,
    zai.ZAI,
    zai.BIGMODEL,
)
