"""What is no plain field at a host: sizes of two fields, pictures as objects, the model in the
address, a switch that another parameter implies."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from imagekit import (
    Action,
    Carried,
    Client,
    Each,
    Family,
    Host,
    Implied,
    Length,
    Model,
    NoAuth,
    Offer,
    Parameter,
    Part,
    Plan,
    Plugins,
    Sizes,
    Spell,
    UsageError,
    hookimpl,
)
from imagekit.settings.config import HostSettings

SWITCH, NUMBER = "sequential_image_generation", "sequential_image_generation_options"
ASTER = Model(
    "aster",
    "Aster",
    parameters=(
        Parameter("image", list, (Length(4, unit="items"),)),
        Parameter(SWITCH, str),
        Parameter(NUMBER, dict, parts=(Parameter("max_images", int),)),
    ),
    sizes=Sizes(
        tiers=("1K", "2K"),
        table={"1K": {"1:1": (64, 64), "2:1": (96, 48)}, "2K": {"1:1": (128, 128)}},
        default_tier="1K",
        min_pixels=64,
        max_pixels=99_999,
    ),
)
LINKS = ["https://a.example/1.png", "https://a.example/2.png"]


def client_of(*spells: Spell, paths: Mapping[str, str] = {}, **settings: Any) -> Client:
    class Pond:
        @hookimpl
        def imagekit_families(self) -> list[Family]:
            return [Family("aster", "Aster", (ASTER,))]

        @hookimpl
        def imagekit_hosts(self) -> list[Host]:
            offer = Offer("aster", "vendor/aster-1", "openai-images", spells, paths=paths)
            return [Host("pond", "Pond", "https://pond.example/v1", NoAuth(), (offer,))]

    hosts = {"pond": HostSettings(**settings)}
    return Client(plugins=Plugins.of(Pond()), environment={}, hosts=hosts)


def planned(client: Client, **given: Any) -> Plan:
    with client:
        return client.plan("a", model="pond:aster", **given)


def body_of(plan: Plan) -> Any:
    assert plan.request is not None, plan.problems
    assert plan.request.body is not None
    return json.loads(plan.request.body.read())


# --- sizes ------------------------------------------------------------------------------------

OBJECT = Spell("size", to=("image_size.width", "image_size.height"))


@pytest.mark.parametrize(
    "asked",
    [
        {"size": "96x48"},
        {"ratio": "2:1"},
        {"ratio": "2:1", "resolution": "1K"},
    ],
    ids=str,
)
def test_a_size_may_be_an_object_of_two_numbers_however_it_is_asked_for(
    asked: dict[str, str],
) -> None:
    plan = planned(client_of(OBJECT), **asked)
    assert body_of(plan)["image_size"] == {"width": 96, "height": 48}
    for name in asked:
        assert plan.receipt[name].fields == (("image_size.width", 96), ("image_size.height", 48))


def test_a_size_may_be_two_fields() -> None:
    plan = planned(client_of(Spell("size", to=("width", "height"))), size="96x48")
    assert (body_of(plan)["width"], body_of(plan)["height"]) == (96, 48)


def test_a_word_for_a_size_stands_where_its_width_and_height_would() -> None:
    spelled = Spell("size", to=("image_size.width", "image_size.height"), values={"2K": "auto_2K"})
    plan = planned(client_of(spelled), size="2K")
    assert body_of(plan)["image_size"] == "auto_2K"
    assert plan.receipt["size"].fields == (("image_size", "auto_2K"),)


@pytest.mark.parametrize("spelled", [OBJECT, Spell("size", to=("width", "height"))])
def test_a_tier_alone_is_no_width_and_height(spelled: Spell) -> None:
    (problem,) = planned(client_of(spelled), size="2K").problems
    assert problem.message == (
        "2K alone says no width and height here; add a ratio, or ask for pixels"
    )


# --- pictures ---------------------------------------------------------------------------------

OBJECTS = Each("image_url.url", beside={"type": "image_url"})


@pytest.mark.parametrize("count", [1, 2])
def test_pictures_may_be_objects_in_a_list(count: int) -> None:
    spelled = Spell("image", to="input.pictures", how=Carried(each=OBJECTS, listed=True))
    plan = planned(client_of(spelled), image=LINKS[:count])
    objects = [{"type": "image_url", "image_url": {"url": link}} for link in LINKS[:count]]
    assert body_of(plan)["input"] == {"pictures": objects}
    assert plan.receipt["image"].fields == (("input.pictures", objects),)
    assert plan.receipt["image"].action is Action.MAPPED


def test_one_picture_is_a_list_of_one_where_the_host_takes_lists_alone() -> None:
    plan = planned(
        client_of(Spell("image", "image_urls", how=Carried(listed=True))), image=LINKS[0]
    )
    assert body_of(plan)["image_urls"] == LINKS[:1]


def test_an_object_of_its_own_takes_the_one_picture_of_a_mask() -> None:
    spells = (Spell("image"), Spell("mask", how=Carried(each=Each("image_url"))))
    plan = planned(client_of(*spells), image=LINKS[0], mask=LINKS[1])
    assert (body_of(plan)["image"], body_of(plan)["mask"]) == (LINKS[0], {"image_url": LINKS[1]})


# --- addresses --------------------------------------------------------------------------------

PATHS = {"generate": "/{id}/text-to-image", "edit": "/{id}/edit"}


def test_the_address_may_have_the_id_in_it_and_depend_on_pictures() -> None:
    client = client_of(Spell("image"), paths=PATHS)
    urls = [planned(client, **given).request.url for given in ({}, {"image": LINKS})]  # type: ignore[union-attr]
    base = "https://pond.example/v1/vendor/aster-1"
    assert urls == [f"{base}/text-to-image", f"{base}/edit"]


def test_an_id_of_ones_own_is_quoted_in_the_address() -> None:
    plan = planned(client_of(paths=PATHS, remote_ids={"aster": "a b?c#d"}))
    assert plan.request
    assert plan.request.url.endswith("/v1/a%20b%3Fc%23d/text-to-image")


@pytest.mark.parametrize("id", ["..", "../admin", "a/../../admin", "", "a//b", "\ud800"])
def test_an_id_leads_nowhere_else(id: str) -> None:
    client = client_of(paths=PATHS, remote_ids={"aster": id})
    with pytest.raises(UsageError, match="is no id for pond"):
        planned(client)


# --- native fields -----------------------------------------------------------------------------

DEEP = (Spell("prompt", to="input.prompt"), Spell("image", to="input.pictures"))


def test_native_fields_stand_beside_those_of_parameters_in_one_object() -> None:
    native = {"input": {"enhance": True, "model": {"steps": 4}}, "webhook": {"url": "x"}}
    plan = planned(client_of(*DEEP), native=native)
    assert body_of(plan)["input"] == {"prompt": "a", "enhance": True, "model": {"steps": 4}}
    assert plan.receipt["native.input"].fields == (
        ("input.enhance", True),
        ("input.model.steps", 4),
    )
    assert plan.receipt["native.webhook"].fields == (("webhook", {"url": "x"}),)
    assert native["input"] == {"enhance": True, "model": {"steps": 4}}


@pytest.mark.parametrize(
    ("native", "field"),
    [
        ({"input": {"prompt": "b"}}, "native.input.prompt"),
        ({"input": {"prompt": {"text": "b"}}}, "native.input.prompt.text"),
        ({"input": {"pictures": []}}, "native.input.pictures"),
        ({"input": 7}, "native.input"),
        ({"input": {}}, "native.input"),
    ],
    ids=str,
)
def test_native_fields_overwrite_none_at_any_depth(native: dict[str, Any], field: str) -> None:
    (problem,) = planned(client_of(*DEEP), image=LINKS[0], native=native).problems
    assert (problem.field, problem.message.split(" ")[0]) == (field, field)


# --- implied ----------------------------------------------------------------------------------

GROUP = (
    Spell(SWITCH, how=Implied(by=NUMBER, given="auto", otherwise="disabled")),
    Spell(NUMBER, to="max_images", how=Part("max_images")),
)


@pytest.mark.parametrize(
    ("asked", "sent"),
    [
        ({SWITCH: "auto", NUMBER: {"max_images": 3}}, {"max_images": 3}),
        ({NUMBER: {"max_images": 3}}, {"max_images": 3}),
        ({SWITCH: "disabled"}, {}),
    ],
    ids=str,
)
def test_a_switch_that_a_number_implies_is_no_field(
    asked: dict[str, Any], sent: dict[str, Any]
) -> None:
    body = body_of(planned(client_of(*GROUP), **asked))
    assert {name: body[name] for name in body.keys() - {"model", "prompt"}} == sent


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({SWITCH: "auto"}, f"{NUMBER} is not given: give that as well"),
        ({SWITCH: "disabled", NUMBER: {"max_images": 3}}, f"{NUMBER} is given: leave that out"),
    ],
    ids=str,
)
def test_a_switch_that_says_otherwise_is_refused(asked: dict[str, Any], message: str) -> None:
    (problem,) = planned(client_of(*GROUP), **asked).problems
    assert problem.field == SWITCH
    assert problem.message.endswith(message)
