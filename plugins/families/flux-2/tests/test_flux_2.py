"""FLUX.2 as its maker documents them.

``facts.json`` has the numbers of the pages a second time; ``requests/`` has calls and what
is sent for them, or why nothing is.
"""

import imagekit_flux_2

from imagekit.testing import FamilySuite


class TestFlux2(FamilySuite):
    plugin = imagekit_flux_2
