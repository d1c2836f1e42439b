"""The Gemini API: every field, as it is sent and as it comes back.

``requests/`` and ``replies/`` are in the shape of its pages and of recorded answers;
``facts.json`` has ids, spellings and refusals a second time.
"""

import imagekit_gemini

from imagekit.testing import Answers, HostSuite


class GeminiAnswers(Answers):
    """Pictures themselves, never links."""

    def pictures(self, *base64):
        parts = [{"inlineData": {"mimeType": "image/png", "data": one}} for one in base64]
        content = {"role": "model", "parts": parts}
        return {"candidates": [{"content": content, "finishReason": "STOP"}]}

    def refusal(self, code, message):
        status, _, period = (code or "UNKNOWN").partition(".")
        kind, detail = "QuotaFailure", {"violations": [{"quotaId": f"GenerateRequests{period}"}]}
        if not period:
            kind, detail = "ErrorInfo", {"reason": code}
        typed = {"@type": f"type.googleapis.com/google.rpc.{kind}", **detail}
        return {"error": {"message": message, "status": status, "details": [typed]}}


class TestGemini(HostSuite):
    plugin = imagekit_gemini
    answers = GeminiAnswers()
    relaxed = {
        f"test_every_boundary_is_accepted[gemini:{model}-{name}={value}]": (
            "taken, with a note that the vendor has deprecated it; requests/fields.json has it"
        )
        for model in ("nano-banana-pro", "nano-banana-2", "nano-banana-2-lite", "nano-banana-2.1")
        for name, values in (("temperature", (0, 2)), ("top_p", (0, 1)))
        for value in values
    }
