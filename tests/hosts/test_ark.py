"""Ark and ModelArk from a call to the picture, over sockets, at the sandbox's upstreams.

What goes wrong in plain answers is in test_sandbox_faults.py; here is what only these hosts
have: regions, models that differ in their fields, and streams.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

import pytest
from attrs import evolve
from imagekit_sandbox.serving import Upstreams

from imagekit import (
    Charged,
    Client,
    HostSettings,
    ModelUnavailable,
    Moderated,
    NotServed,
    Plugins,
    RejectedRequest,
    Retry,
    events,
)
from imagekit.testing import picture

GROUP = {"sequential_image_generation": "auto", "size": "1024x1024"}


@pytest.fixture
def client(installed: Plugins, upstreams: Upstreams) -> Iterator[Callable[..., Client]]:
    """``client(fault, ids={host: {model: id}})``."""
    clients: list[Client] = []

    def make(fault: str = "", ids: dict[str, dict[str, str]] | None = None) -> Client:
        config = upstreams.configuration()
        headers = {"X-Sandbox-Fault": fault} if fault else {}
        hosts: dict[str, HostSettings] = {
            name: evolve(one, headers=headers, remote_ids=(ids or {}).get(name, {}))
            for name, one in config.hosts.items()
        }
        config = evolve(config, hosts=hosts)
        clients.append(
            Client(config=config, plugins=installed, environment={}, retry=Retry(attempts=1))
        )
        return clients[-1]

    yield make
    for client in clients:
        client.close()


def kinds(told: list[events.Event]) -> list[str]:
    return [type(event).__name__ for event in told if event.step == "generate"]


# --- one picture, of every model in every region ---------------------------------------------


@pytest.mark.parametrize(
    ("model", "given", "pixels"),
    [
        ("ark:seedream-5.0-pro", {"ratio": "16:9", "resolution": "1K"}, (1424, 800)),
        ("ark:seedream-5.0-lite", {"options": {"tools": [{"type": "web_search"}]}}, (2048, 2048)),
        ("ark:seedream-4.5", {"size": "1920x1920"}, (1920, 1920)),
        ("ark:seedream-4.0", {"ratio": "21:9", "resolution": "1K"}, (1512, 648)),
        ("ark:seedream-3.0", {"options": {"guidance_scale": 5.5}}, (1024, 1024)),
        ("modelark:seedream-5.0-flash", {"size": "1.5K", "seed": 7}, (1536, 1536)),
        ("modelark:seedream-4.5", {"native": {"seed": 7}}, (2048, 2048)),
        ("modelark-eu:seedream-5.0-lite", {"output_format": "png"}, (2048, 2048)),
    ],
)
def test_every_model_is_drawn_as_it_was_asked(client, upstreams, model, given, pixels):
    result = client().generate("a heron", model=model, **given)
    assert result.image.pixels == pixels
    assert result.usage.generated_images == 1
    assert upstreams.journal.entries[0].ignored == ()


def test_a_transparent_background_comes_as_png(client):
    given = {"image": picture(64, 64), "options": {"background": "transparent"}}
    result = client().generate("a heron", model="modelark:seedream-5.0-pro", **given)
    assert result.image.media_type == "image/png"


# --- the wrong region --------------------------------------------------------------------------


def test_a_model_that_a_region_does_not_have_is_not_asked_for_there(client):
    with pytest.raises(NotServed, match=r"modelark-eu does not serve seedream-4\.0"):
        client().generate("a heron", model="modelark-eu:seedream-4.0")


@pytest.mark.parametrize("host", ["ark", "modelark"])
def test_an_endpoint_of_another_region_is_unknown(client, upstreams, host):
    elsewhere = client(ids={host: {"seedream-4.5": "ep-20261121-other"}})
    with pytest.raises(ModelUnavailable) as caught:
        elsewhere.generate("a heron", model=f"{host}:seedream-4.5")
    error = caught.value
    assert (error.code, error.charged) == ("InvalidEndpointOrModel.NotFound", Charged.NO)
    assert str(error.request_id).startswith("02")
    assert upstreams.ledger.entries == ()


@pytest.mark.parametrize("host", ["ark", "modelark"])
def test_a_field_of_another_model_is_told_in_the_hosts_words(client, host):
    with pytest.raises(RejectedRequest) as caught:
        client().generate("a heron", model=f"{host}:seedream-4.5", native={"output_format": "png"})
    assert "`output_format` is not supported by the current model" in caught.value.vendor_message


# --- streams -------------------------------------------------------------------------------------


@pytest.mark.parametrize("carried", ["url", "b64_json"])
def test_a_group_is_streamed_and_the_failure_is_told_in_its_place(client, upstreams, carried):
    stream = client("moderated-item:2").stream(
        "3 herons", model="ark:seedream-4.0", response_format=carried, **GROUP
    )
    told = [event for event in stream if event.step == "generate"]
    # A picture is told of when its link is fetched, which nothing waits for.
    ends = {"Picture": 2, "PictureFailed": 1, "Completed": 1}
    assert kinds(told[:2]) == ["Sending", "Received"]
    assert Counter(kinds(told[2:-1])) == ends
    assert kinds(told[-1:]) == ["Finished"]
    result = told[-1].result
    assert [image.index for image in result.images] == [0, 2]
    assert {image.pixels for image in result.images} == {(1024, 1024)}
    assert [failure.moderated for failure in result.failures] == [True]
    assert result.usage.generated_images == upstreams.ledger.pictures == 2
    assert str(result.request_id).startswith("02")


def test_a_stream_that_is_cut_keeps_what_had_come(client, upstreams):
    """Half of the bytes of three pictures: at least one is whole, and all three are paid for."""
    given = {"response_format": "b64_json", **GROUP}
    told = list(client("truncated").stream("3 herons", model="ark:seedream-4.0", **given))
    result = told[-1].result
    assert [image.index for image in result.images] == [0]
    assert "the stream broke off; what had come is kept" in " ".join(result.notes)
    assert upstreams.ledger.pictures == 3


def test_a_stream_refused_as_a_whole_is_the_refusal(client):
    with pytest.raises(Moderated) as caught:
        list(client("moderated").stream("3 herons", model="modelark:seedream-4.0", **GROUP))
    assert caught.value.charged is Charged.NO


def test_a_model_that_is_not_streamed_tells_the_same_at_the_end(client):
    told = list(client().stream("a heron", model="ark:seedream-5.0-pro", size="1K"))
    assert kinds(told) == ["Sending", "Received", "Picture", "Finished"]


@pytest.mark.parametrize(
    ("given", "amount"),
    [
        ({}, "0.09"),
        ({"size": "1.5K"}, "0.045"),
        ({"size": "1024x1024"}, "0.045"),
        ({"image": ["https://a.invalid/1.png", "https://a.invalid/2.png"]}, "0.093"),
        ({"image": ["https://a.invalid/1.png"], "layer_decomposition": True}, None),
    ],
)
def test_a_picture_of_the_pro_model_costs_by_its_pixels_and_references(given, amount):
    options = {name: given.pop(name) for name in ["layer_decomposition"] if name in given}
    with Client(environment={}) as anyone:
        plan = anyone.plan("a heron", model="modelark:seedream-5.0-pro", options=options, **given)
    assert not plan.problems
    assert (plan.estimate.amount and str(plan.estimate.amount)) == amount
