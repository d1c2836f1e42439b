"""GLM-Image and CogView as their maker documents them.

``facts.json`` has the numbers of the pages a second time; ``requests/`` has calls and what
is sent for them, or why nothing is.
"""

import imagekit_glm_image

from imagekit.testing import FamilySuite


class TestGLMImage(FamilySuite):
    plugin = imagekit_glm_image
