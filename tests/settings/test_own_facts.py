"""What the user knows better than a plugin."""

from __future__ import annotations

import json

KNOWN = """
[hosts.meadow]
remote_ids = { rose-1 = "rose-in-truth" }

[hosts.meadow.models.rose-1]
parameters.quality = { enum = ["low", "best"] }
parameters.n = { range = [1, 2] }
sizes = { tiers = ["1K", "2K", "4K"], max_pixels = 20000000 }
"""


def test_facts_of_your_own_replace_rules_and_are_not_called_unverified(client, toml):
    asked = {"quality": "best", "n": 2, "size": "4K", "model": "meadow:rose-1"}
    plan = client(toml(KNOWN)).plan("x", **asked)
    assert (plan.problems, plan.notes) == ((), ())
    assert json.loads(plan.request.body.read())["model"] == "rose-in-truth"
    without = client().plan("x", **asked)
    assert {problem.field for problem in without.problems} == {"quality", "size"}
    assert "unverified" in " ".join(without.notes)


def test_facts_of_your_own_are_still_rules(client, toml):
    plan = client(toml(KNOWN)).plan(
        "x", model="meadow:rose-1", quality="high", n=300, size="9000x9000"
    )
    assert {problem.field for problem in plan.problems} == {"quality", "n", "size"}
    assert client(toml(KNOWN)).plan("x", model="field:rose-1", quality="high").problems == ()
