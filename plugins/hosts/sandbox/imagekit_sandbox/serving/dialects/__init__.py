"""The upstreams, one module each."""

from imagekit_sandbox.serving.dialect import Dialect
from imagekit_sandbox.serving.dialects import powertokens, token360

__all__ = ["DIALECTS"]

DIALECTS: tuple[Dialect, ...] = (powertokens.DIALECT, token360.DIALECT)
