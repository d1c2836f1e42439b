"""The wire ``gemini-content``, apart from any host.

``wire/`` has its data: every way an answer has pictures, and every way it has none.
"""

import imagekit_nano_banana

from imagekit.testing import WireSuite


class TestGeminiContent(WireSuite):
    plugin = imagekit_nano_banana

    @classmethod
    def folder(cls):
        """Beside the data of the family."""
        return super().folder() / "wire"
