"""The Kling models as their maker documents them.

``facts.json`` has the numbers of the pages a second time; ``requests/`` has calls and what
is sent for them, or why nothing is.
"""

import imagekit_kling

from imagekit.testing import FamilySuite


class TestKling(FamilySuite):
    plugin = imagekit_kling
