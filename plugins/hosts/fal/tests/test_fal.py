"""fal: every field of its pages, as it is sent and as it comes back, and its queue.

``requests/`` and ``replies/`` are in the shape that the pages document, ``facts.json`` has ids,
spellings, prices and refusals a second time.
"""

import imagekit_fal

from imagekit.testing import HostSuite, WireSuite


class TestFal(HostSuite):
    plugin = imagekit_fal
    relaxed = {
        f"test_every_boundary_is_accepted[fal:{model}-sequential_image_generation=auto]": (
            "there is no switch: max_images asks for a group; requests/seedream.json has both"
        )
        for model in ("seedream-4.5", "seedream-4.0")
    }


class TestFalQueue(WireSuite):
    plugin = imagekit_fal
