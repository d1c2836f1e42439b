"""Slips in plugins."""

from __future__ import annotations

from collections.abc import Iterable

from imagekit import (
    Bearer,
    Call,
    Charged,
    Credential,
    ErrorRow,
    Fact,
    Family,
    Host,
    Image,
    Model,
    Offer,
    Parameter,
    Problem,
    Range,
    Request,
    Response,
    Result,
    Sizes,
    Spell,
    Wire,
    hookimpl,
    spell,
)
from imagekit.errors import RateLimited, UsageError

DOCS = Fact("https://docs.example.com/api", "2026-11-21")

Fact("https://docs.example.com/api")  # wrong: call-arg, reportCallIssue
Parameter("n", 1)  # wrong: arg-type, reportArgumentType
Parameter("n", int, Range(1, 4))  # wrong: arg-type, reportArgumentType
Parameter("n", int, fact="https://docs.example.com/api")  # wrong: arg-type, reportArgumentType
Parameter("n", int, minimum=1)  # wrong: call-arg, reportCallIssue
Model("lily-1")  # wrong: call-arg, reportCallIssue
Model("lily-1", "Lily 1", aliases="lily")  # wrong: arg-type, reportArgumentType
Model("lily-1", "Lily 1", parameters=[Parameter("n", int)])  # wrong: arg-type, reportArgumentType
Family("lily", "Lily", [Model("lily-1", "Lily 1")])  # wrong: arg-type, reportArgumentType
Family("lily", "Lily", model=())  # wrong: call-arg, reportCallIssue
Sizes(tiers=("1K",), table={"1K": {"1:1": "1024x1024"}})  # wrong: dict-item, reportArgumentType
Sizes(max_pixel=4096)  # wrong: call-arg, reportCallIssue
Range("1", "4")  # wrong: arg-type, reportArgumentType
Spell("size", field="dimensions")  # wrong: call-arg, reportCallIssue
Offer("lily-1", "lily-one")  # wrong: call-arg, reportCallIssue
Offer("lily-1", "lily-one", "openai-images", spells=["size"])  # wrong: arg-type, reportArgumentType
Offer("lily-1", "lily-one", "openai-images", price=0.04)  # wrong: arg-type, reportArgumentType
ErrorRow(UsageError, code="busy")  # wrong: arg-type, reportArgumentType
ErrorRow(RateLimited, "429")  # wrong: arg-type, reportArgumentType
ErrorRow(RateLimited, code="busy", charged="no")  # wrong: arg-type, reportArgumentType
ErrorRow(RateLimited, code="busy", charged=Charged.NEVER)  # wrong: attr-defined, reportAttributeAccessIssue
Host("garden", "Garden", "https://garden.example.com")  # wrong: call-arg, reportCallIssue
Host("garden", "Garden", "https://garden.example.com", auth="secret")  # wrong: arg-type, reportArgumentType
Host("garden", "Garden", "https://garden.example.com", Bearer(("A",)), offer=())  # wrong: call-arg, reportCallIssue
Bearer("GARDEN_API_KEY")  # wrong: arg-type, reportArgumentType
Credential("secret")  # wrong: call-arg, reportCallIssue
Credential(api_key=7)  # wrong: arg-type, reportArgumentType
spell(["size", "seed"])  # wrong: arg-type, reportArgumentType

FAMILY = Family("lily", "Lily", ())
FAMILY.name = "rose"  # wrong: misc, reportAttributeAccessIssue

Image(0, bytes=b"")  # wrong: call-arg, reportCallIssue
LilyWire = Wire("lily", blobs="picture")  # wrong: arg-type, reportArgumentType


class UnsignedAuth:
    variables = {"api_key": ("A",)}


Host("garden", "Garden", "https://garden.example.com", UnsignedAuth())  # wrong: arg-type, reportArgumentType


class Dialect(Wire):
    @hookimpl
    def imagekit_shape_request(self, call: Call) -> Request:
        return Request("POST", call.route.url(), body={"prompt": call.prompt})  # wrong: arg-type, reportArgumentType

    @hookimpl
    def imagekit_decode_response(self, call: Call, response: Response) -> Result:
        response.document = {}  # wrong: misc, reportAttributeAccessIssue
        return Result([Image(0)])  # wrong: arg-type, reportArgumentType


@hookimpl
def imagekit_families() -> Iterable[Family]:
    return [Host("garden", "Garden", "https://garden.example.com", Bearer(("A",)))]  # wrong: list-item, reportReturnType


@hookimpl
def imagekit_validate_request(call: Call) -> Iterable[Problem]:
    call.values["seed"] = 7  # wrong: index, reportIndexIssue
    yield "the seed is odd"  # wrong: misc, reportReturnType


@hookimpl
def imagekit_prepare_call(call: Call) -> Call:
    return call.change({"prompt": "a corgi"})  # wrong: call-arg, reportCallIssue


@hookimpl(try_first=True)  # wrong: call-overload, reportCallIssue
def imagekit_wires() -> list[Wire]:
    return []
