"""The dialect that Kling's maker speaks, at a made-up host."""

import imagekit_kling

from imagekit.testing import WireSuite


class TestKlingTasks(WireSuite):
    plugin = imagekit_kling
