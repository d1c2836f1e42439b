"""What is known of a model at one host."""

from __future__ import annotations

from imagekit import Client, route_record
from imagekit.plan.routes.capabilities import model_record


def test_a_route_has_the_record_of_its_model_with_its_own_host_alone() -> None:
    with Client(environment={}) as client:
        route = client.route("token360:seedream-4.5")
        record, whole = (
            route_record(client.registry, route),
            model_record(client.registry, route.model),
        )
    assert [one["host"] for one in record["hosts"]] == ["token360"]
    assert record["hosts"][0] in whole["hosts"]
    assert {**record, "hosts": []} == {**whole, "hosts": []}


def test_a_model_that_nobody_lists_has_a_record_and_no_family() -> None:
    with Client(environment={}) as client:
        record = route_record(client.registry, client.route("openai:gpt-image-9"))
    assert (record["model"], record["family"]) == ("gpt-image-9", None)
    assert "prompt" in record["hosts"][0]["schema"]["properties"]
