"""Z.ai and BigModel: every field of their pages, as it is sent and as it comes back.

``requests/`` and ``replies/`` are in the shape that the pages document, and that of the one
answer on record; ``facts.json`` has ids, spellings and refusals a second time.
"""

import imagekit_zai

from imagekit.testing import HostSuite, WireSuite


class TestZai(HostSuite):
    plugin = imagekit_zai
    relaxed = {
        "test_every_boundary_is_accepted[zai:glm-image-quality=standard]": (
            "taken, with a note of what the other page says; requests/fields.json has it"
        )
    }


class TestZaiImages(WireSuite):
    plugin = imagekit_zai
