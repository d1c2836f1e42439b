"""What can be wrong with an answer as a text."""

from __future__ import annotations

__all__ = ["Defect"]


class Defect(Exception):
    """Why a body gives no document; ``str`` is what `Response.defect` says."""
