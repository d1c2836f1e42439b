"""OpenRouter: every field of its guide, as it is sent and as it comes back.

``requests/`` and ``replies/`` are in the shape that the guide documents, ``facts.json`` has ids,
spellings, prices and refusals a second time.
"""

import imagekit_openrouter

from imagekit.testing import HostSuite


class TestOpenRouter(HostSuite):
    plugin = imagekit_openrouter
