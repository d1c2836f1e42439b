"""The Seedream models as their maker documents them.

``facts.json`` has the numbers of the pages a second time; ``requests/`` has calls and what
is sent for them, or why nothing is.
"""

import imagekit_seedream

from imagekit.testing import FamilySuite


class TestSeedream(FamilySuite):
    plugin = imagekit_seedream
