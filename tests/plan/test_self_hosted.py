"""Servers that users run themselves: never chosen unless the configuration has them."""

from __future__ import annotations

import pytest

from imagekit import (
    Bearer,
    Client,
    Either,
    Family,
    Host,
    HostSettings,
    MissingCredential,
    Model,
    NoAuth,
    Offer,
    Plugins,
    hookimpl,
    spell,
)
from imagekit.testing import Answer, Loopback


class Ponds:
    """Two hosts for one model: a shop, and a kind of server that may need a key or not."""

    @hookimpl
    def imagekit_families(self) -> list[Family]:
        return [Family("reed", "Reed", (Model("reed-1", "Reed 1"),))]

    @hookimpl
    def imagekit_hosts(self) -> list[Host]:
        bought = Offer("reed-1", "reed", "openai-images")
        own = Offer("reed-1", "reed", "openai-images", spell("response_format"), fields=BASE64)
        optional = Either((Bearer(("BARN_KEY",)), NoAuth()))
        return [
            Host("shop", "Shop", "https://shop.invalid", Bearer(("SHOP_KEY",)), (bought,)),
            Host("barn", "Barn", "http://localhost:1", optional, (own,), self_hosted=True),
        ]


BASE64 = {"response_format": "b64_json"}


def ponds(environment: dict[str, str] | None = None, **hosts: HostSettings) -> Client:
    return Client(plugins=Plugins.of(Ponds()), environment=environment or {}, hosts=hosts)


def test_it_is_no_rival_of_a_host_there_is_a_key_for() -> None:
    with ponds({"SHOP_KEY": "k"}) as client:
        assert client.route("reed-1").name == "shop:reed-1"


def test_without_a_key_it_is_not_the_way_out_either() -> None:
    with ponds() as client, pytest.raises(MissingCredential) as caught:
        client.route("reed-1")
    assert "shop needs a key" in str(caught.value)
    assert "barn" not in str(caught.value)


def test_it_is_chosen_once_it_is_set_up() -> None:
    with ponds(barn=HostSettings(base_url="http://gpu:1")) as client:
        assert client.route("reed-1").name == "barn:reed-1"


def test_whoever_names_it_reaches_it_where_it_listens() -> None:
    with ponds() as client:
        assert client.route("barn:reed-1").url() == "http://localhost:1/images/generations"


@pytest.mark.parametrize(
    ("environment", "source"),
    [({}, "none needed"), ({"BARN_KEY": "k"}, "environment (BARN_KEY)")],
)
def test_its_key_is_the_users_to_give(environment, source, drawn) -> None:
    with (
        Loopback(Answer(json=drawn)) as server,
        ponds(environment, barn=HostSettings(base_url=server.url)) as client,
    ):
        client.generate("a reed", model="barn:reed-1")
        assert client.credential_source(client.route("barn:reed-1").host) == source
    assert server.seen[0].headers.get("authorization") == ("Bearer k" if environment else None)


# --- fields that an offer sends by itself ------------------------------------------------------


def test_a_field_that_nobody_gave_is_on_the_receipt() -> None:
    with ponds() as client:
        plan = client.plan("a reed", model="barn:reed-1")
    assert plan.request
    assert b'"response_format":"b64_json"' in plan.request.body.read()
    assert [(one.field, one.value) for one in plan.receipt.added] == [*BASE64.items()]


@pytest.mark.parametrize(
    "given", [{"response_format": "url"}, {"native": {"response_format": "url"}}]
)
def test_what_the_caller_gave_is_not_overruled(given) -> None:
    with ponds() as client:
        plan = client.plan("a reed", model="barn:reed-1", **given)
    assert plan.request
    assert b'"response_format":"url"' in plan.request.body.read()
    assert plan.receipt.added == ()
