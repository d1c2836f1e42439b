"""The wire ``gemini-content``, apart from any host.

``wire/`` has its data: every way an answer has pictures, and every way it has none.
"""

import imagekit_nano_banana

from imagekit.testing import Answers, WireSuite


class GeminiAnswers(Answers):
    """Pictures themselves, never links."""

    def pictures(self, *base64):
        parts = [{"inlineData": {"mimeType": "image/png", "data": one}} for one in base64]
        return {"candidates": [{"content": {"role": "model", "parts": parts}}]}

    def refusal(self, code, message):
        return {"error": {"message": message, "status": code}}


class TestGeminiContent(WireSuite):
    plugin = imagekit_nano_banana
    answers = GeminiAnswers()

    @classmethod
    def folder(cls):
        """Beside the data of the family."""
        return super().folder() / "wire"
