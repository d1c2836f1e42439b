"""A plugin of a family, a wire and a host, and of every hook, as its author writes it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any, assert_type

from imagekit import (
    ANY_MODEL,
    Auth,
    Bearer,
    BillingError,
    Budget,
    Call,
    Carriage,
    Carried,
    Charged,
    Check,
    Config,
    Credential,
    CrossRule,
    Enum,
    ErrorRow,
    Excludes,
    Fact,
    Failure,
    Family,
    HeaderKey,
    Host,
    Image,
    InProcess,
    Journal,
    Length,
    Model,
    ModelList,
    Offer,
    Parameter,
    Pending,
    Price,
    Problem,
    QueryKey,
    Range,
    Rate,
    RateLimited,
    Refusal,
    RejectedRequest,
    Reply,
    Request,
    Requires,
    Response,
    Result,
    Retirement,
    Rule,
    SecretReference,
    Shared,
    Sizes,
    Spell,
    State,
    SumAtMost,
    Unlisted,
    Wire,
    hookimpl,
    spell,
)
from imagekit.events import Observer

DOCS = Fact("https://docs.example.com/api", "2026-11-21")
GUESS = Fact("a reseller's page", "2026-11-21", State.UNVERIFIED, note="seen once")


class Even(Rule):
    """A rule of the plugin's own."""

    def check(self, name: str, value: Any) -> Problem | None:
        return Problem(name, f"{value} is odd", value, value + 1) if value % 2 else None

    def describe(self) -> str:
        return "an even number"


class Short(CrossRule):
    """And one about several parameters."""

    def check(self, values: Mapping[str, Any]) -> Iterable[Problem]:
        if values.get("n") and len(values["prompt"]) > 100:
            yield Problem("prompt", "too long for so many")

    def describe(self) -> str:
        return "a short prompt for many pictures"


PARAMETERS = (
    Parameter("prompt", str, (Length(1000, unit="words", advice=True),), required=True),
    Parameter("n", int, (Range(1, 4), Even()), default=2, doc="How many.", fact=DOCS),
    Parameter("style", dict, parts=(Parameter("name", str, (Enum(("vivid", "calm")),)),)),
    Parameter("tags", list, items=str, fact=GUESS),
)
ROOM = SumAtMost(("n", "image"), 4)
FAMILY = Family(
    name="lily",
    title="Lily",
    models=(
        Model(
            "lily-1",
            "Lily 1",
            aliases=("lily-1-preview",),
            parameters=PARAMETERS,
            sizes=Sizes(tiers=("1K",), table={"1K": {"1:1": (1024, 1024)}}, min_ratio="1:4"),
            rules=(
                Requires("mask", "image"),
                Excludes("seed", "n"),
                Short(),
                SumAtMost(("n", "image"), 4),
            ),
            instead={"negative_prompt": "say it in the prompt"},
            retired=Retirement("2026-10-23", DOCS, instead="lily-2"),
        ),
    ),
)


class LilyWire(Wire):
    """A dialect of the plugin's own."""

    @hookimpl
    def imagekit_shape_request(self, call: Call) -> Request:
        assert_type(call.prompt, str)
        body = json.dumps({"prompt": call.prompt, **call.fields}).encode()
        return Request("POST", call.route.url(), {"Content-Type": "application/json"}, body)

    @hookimpl
    def imagekit_decode_response(self, call: Call, response: Response) -> Result | Pending | None:
        if response.status != 200:
            raise RejectedRequest("no", host=call.route.host.name, charged=Charged.NO)
        if response.document is None:
            return Pending(Request("GET", call.route.url(), step="poll", repeatable=True), wait=1.0)
        image = Image(0, blob=response.document["picture"], expected=call.pixels)
        return Result((image,), (Failure(1, "unsafe", "withheld", moderated=True),))


class Garden(Host):
    """A host with a quirk."""

    @hookimpl(tryfirst=True)
    def imagekit_validate_request(self, call: Call) -> list[Problem]:
        return [Problem("seed", "is odd here")] if "seed" in call.values else []


class Signed(Auth):
    """A way to sign of the plugin's own."""

    @property
    def variables(self) -> Mapping[str, tuple[str, ...]]:
        return {"api_key": ("LILY_KEY",)}

    def headers(self, credential: Credential, now: float) -> Mapping[str, str]:
        return {"X-Signed": f"{credential['api_key']}:{now}"}


AUTHS: tuple[Auth, ...] = (Bearer(("A",)), HeaderKey(("A",), "x-key"), QueryKey(("A",)), Signed())
OFFER = Offer(
    model="lily-1",
    id="lily-one",
    wire="lily",
    spells=(*spell("size seed"), Spell("n", "count", values={1: "one"}, fact=GUESS)),
    sizes={"tiers": ("1K",)},
    price=Price("0.04", "USD", DOCS, rates=(Rate(Decimal("0.24"), "4K"),)),
    id_fact=DOCS,
)
HOST = Garden(
    name="garden",
    title="Garden",
    base_url="https://garden.example.com/v1",
    auth=Bearer(("GARDEN_API_KEY",)),
    offers=(OFFER, Offer(ANY_MODEL, ANY_MODEL, "openai-images", unlisted=Unlisted())),
    errors=(
        ErrorRow(RateLimited, 429, code="busy", retryable=True, charged=Charged.NO, fact=DOCS),
        ErrorRow(BillingError, text="no balance", hint="top up"),
    ),
    models_at=ModelList(fact=DOCS),
    origins=("https://queue.example.com",),
)
PICTURE = Spell("image", "images", how=Carried(Carriage.FORM, links="urls"))
REFUSAL = Refusal("no", code="E1")
assert_type(REFUSAL.words, tuple[str, ...])


# --- hooks: with all of their arguments, with fewer, as methods ----------------------------------


@hookimpl
def imagekit_families() -> Iterable[Family]:
    return [FAMILY]


@hookimpl
def imagekit_wires() -> list[Wire]:
    return [LilyWire("lily", blobs=frozenset({"picture"}), paths={"generate": "/draw"})]


@hookimpl
def imagekit_hosts() -> list[Host]:
    return [HOST]


@hookimpl
def imagekit_offers() -> tuple[Offer, ...]:
    return (Offer("lily-1", "lily", "openai-images", host="garden"),)


@hookimpl
def imagekit_credential(host: Host) -> Credential | None:
    return Credential(api_key="secret") if host.name == "garden" else None


@hookimpl
def imagekit_transport_wrapper(
    host: Host,
) -> Callable[[Callable[[Request], Reply]], Callable[[Request], Reply]] | None:
    return lambda send: lambda request: send(request)


@hookimpl
def imagekit_observers() -> list[Observer]:
    return [lambda event: print(event.route)]  # noqa: T201


@hookimpl
def imagekit_sinks() -> list[Callable[[Result], object]]:
    return [lambda result: result.image.save("corgi.png")]


@hookimpl
def imagekit_check_settings(table: str, config: Config) -> Iterable[Problem] | None:
    return [Problem("store.url", "is missing")] if table == "store" else None


@hookimpl
def imagekit_journal(config: Config) -> Journal | None:
    assert_type(config.store["url"], str | int | float | bool | tuple[str, ...] | SecretReference)
    return None


@hookimpl
def imagekit_sharing(config: Config) -> Shared | None:
    return InProcess() if config.budget == Budget.parse("5 USD") else None


@hookimpl
def imagekit_checks(config: Config) -> Iterable[Check]:
    yield Check("lily", config.budget.currency if config.budget else "", "ok", "all is well")


@hookimpl(trylast=True)
def imagekit_prepare_call(call: Call) -> Call:
    return call.change(prompt=f"{call.prompt}, in oil")


class Policy:
    """A plugin may be an object."""

    @hookimpl(specname="imagekit_validate_request")
    def check(self, call: Call) -> Iterable[Problem]:
        yield Problem("prompt", "say please", nearest="please", advice=True)


assert_type(FAMILY.models[0].name, str)
assert_type(HOST.offers, tuple[Offer, ...])
assert_type(imagekit_hosts(), list[Host])
