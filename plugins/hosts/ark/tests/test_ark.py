"""Ark and ModelArk: every field of their pages, as it is sent and as it comes back.

``requests/`` and ``replies/`` are in the shape that the pages document, ``facts.json`` has
ids, spellings, prices and refusals a second time.
"""

import imagekit_ark

from imagekit import Client, HostSettings
from imagekit.testing import HostSuite


class TestArk(HostSuite):
    plugin = imagekit_ark


def test_the_id_of_another_cloud_is_refused_before_anything_is_sent():
    own = HostSettings(remote_ids={"seedream-4.5": "doubao-seedream-4-5-251128"})
    with Client(environment={}, hosts={"modelark": own}) as client:
        plan = client.plan("a heron", model="modelark:seedream-4.5")
    assert [str(problem) for problem in plan.problems] == [
        "model: the id doubao-seedream-4-5-251128 is another cloud's; "
        "the one here is seedream-4-5-251128"
    ]


def test_an_endpoint_of_your_own_takes_the_place_of_the_id():
    own = HostSettings(remote_ids={"seedream-4.5": "ep-20261121-abcde"})
    with Client(environment={}, hosts={"ark": own}) as client:
        plan = client.plan("a heron", model="ark:seedream-4.5")
    assert b'"model":"ep-20261121-abcde"' in plan.request.body.read()
