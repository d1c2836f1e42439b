"""PowerTokens: every field of its page, as it is sent and as it comes back.

``requests/`` and ``replies/`` are in the shape that the page documents, ``facts.json`` has
its ids, spellings, prices and refusals a second time.
"""

import imagekit_powertokens

from imagekit import Client
from imagekit.testing import HostSuite, picture

BYTES_UNVERIFIED = "unverified at powertokens, passed through: image as a data URL; a link is sure"


class TestPowerTokens(HostSuite):
    plugin = imagekit_powertokens


def test_pictures_as_bytes_are_passed_through_and_called_unverified():
    """The page shows links only; nobody has tried data URLs."""
    with Client(environment={}) as client:
        plan = client.plan("a heron", model="powertokens:seedream-4.5", image=picture(64, 64))
    assert (plan.problems, plan.notes) == ((), (BYTES_UNVERIFIED,))
