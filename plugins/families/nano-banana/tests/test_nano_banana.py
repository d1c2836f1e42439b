"""The Nano Banana models as their maker documents them.

``facts.json`` has the numbers of the pages a second time; ``requests/`` has calls and what
is sent for them, or why nothing is.
"""

import imagekit_nano_banana

from imagekit.testing import FamilySuite


class TestNanoBanana(FamilySuite):
    plugin = imagekit_nano_banana
