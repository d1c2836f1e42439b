"""Token360: every field of its pages, as it is sent and as it comes back.

``requests/`` and ``replies/`` are in the shape that the pages document, ``facts.json`` has
its ids, spellings, and refusals a second time.
"""

import imagekit_token360

from imagekit import Client, HostSettings
from imagekit.testing import HostSuite


class TestToken360(HostSuite):
    plugin = imagekit_token360
    relaxed = {
        "test_no_two_parameters_go_to_one_field[token360:nano-banana-pro]": (
            "its card names resolution and quality, and the example has 2K in quality"
        )
    }


def test_a_users_own_id_replaces_the_inferred_one():
    own = HostSettings(remote_ids={"seedream-4.5": "bytedance/seedream-4.5"})
    with Client(environment={}, hosts={"token360": own}) as client:
        plan = client.plan("a heron", model="token360:seedream-4-5")
    assert b'"model":"bytedance/seedream-4.5"' in plan.request.body.read()
    assert plan.notes == ()
