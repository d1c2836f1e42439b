"""What becomes of what a host can't be told exactly."""

from __future__ import annotations

from typing import Literal, get_args

__all__ = ["POLICIES", "OnUnsupported"]

OnUnsupported = Literal["error", "adapt", "drop"]
POLICIES: tuple[str, ...] = get_args(OnUnsupported)
