"""How ``gemini-content`` says yes and no, for the suites of whoever speaks it."""

from __future__ import annotations

from typing import Any

from imagekit.testing import Answers

__all__ = ["GeminiAnswers"]


class GeminiAnswers(Answers):
    """Pictures themselves, never links. A code is a status; after a dot it has the period of a
    quota, or a reason of google.rpc.ErrorInfo is meant."""

    def pictures(self, *base64: str) -> dict[str, Any]:
        parts = [{"inlineData": {"mimeType": "image/png", "data": one}} for one in base64]
        content = {"role": "model", "parts": parts}
        return {"candidates": [{"content": content, "finishReason": "STOP"}]}

    def refusal(self, code: str | None, message: str) -> dict[str, Any]:
        status, _, period = (code or "UNKNOWN").partition(".")
        kind: str = "ErrorInfo"
        detail: dict[str, Any] = {"reason": code}
        if period:
            kind = "QuotaFailure"
            detail = {"violations": [{"quotaId": f"GenerateRequests{period}"}]}
        typed = {"@type": f"type.googleapis.com/google.rpc.{kind}", **detail}
        return {"error": {"message": message, "status": status, "details": [typed]}}
