"""What imagekit_example declares, proven by imagekit's own suites."""

from imagekit.testing import FamilySuite, HostSuite

import imagekit_example


class TestFamily(FamilySuite):
    plugin = imagekit_example


class TestHost(HostSuite):
    plugin = imagekit_example
