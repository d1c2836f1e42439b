"""Kling AI: every field of its pages, as it is sent, and every answer, as it is understood.

``requests/`` and ``replies/`` are in the shape that the pages document, ``facts.json`` has its
ids, paths, spellings and refusals a second time.
"""

import imagekit_klingai

from imagekit.testing import HostSuite


class TestKlingAI(HostSuite):
    plugin = imagekit_klingai
