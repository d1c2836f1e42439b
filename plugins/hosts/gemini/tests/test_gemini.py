"""The Gemini API: every field, as it is sent and as it comes back.

``requests/`` and ``replies/`` are in the shape of its pages and of recorded answers;
``facts.json`` has ids, spellings and refusals a second time.
"""

import imagekit_gemini

from imagekit.testing import HostSuite


class TestGemini(HostSuite):
    plugin = imagekit_gemini
    relaxed = {
        f"test_every_boundary_is_accepted[gemini:{model}-{name}={value}]": (
            "taken, with a note that the vendor has deprecated it; requests/fields.json has it"
        )
        for model in ("nano-banana-pro", "nano-banana-2", "nano-banana-2-lite", "nano-banana-2.1")
        for name, values in (("temperature", (0, 2)), ("top_p", (0, 1)))
        for value in values
    }
