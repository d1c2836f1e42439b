"""fal: every field of its pages, as it is sent and as it comes back, and its queue.

``requests/`` and ``replies/`` are in the shape that the pages document, ``facts.json`` has ids,
spellings, prices and refusals a second time.
"""

import imagekit_fal

from imagekit.testing import HostSuite, WireSuite


class TestFal(HostSuite):
    plugin = imagekit_fal


class TestFalQueue(WireSuite):
    plugin = imagekit_fal
