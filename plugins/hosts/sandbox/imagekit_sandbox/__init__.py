"""The sandbox: a host without a network, a key or a price, that draws every picture itself.

It takes each installed model's real rules, sizes and groups, so what works here is
shaped as it would be elsewhere; only the picture is not the model's. Nothing leaves the
process: the host's transport wrapper answers instead of the socket.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Iterable
from decimal import Decimal
from typing import Any

from attrs import evolve

from imagekit import (
    ANY_MODEL,
    Call,
    Enum,
    Fact,
    Host,
    NoAuth,
    Offer,
    Parameter,
    Price,
    Range,
    Reply,
    Request,
    Response,
    Result,
    Sizes,
    hookimpl,
    spell,
)
from imagekit.wires import body_of, json_body, parse_ratio

OWN = Fact("imagekit's own", "2026-11-21")
#: The side of a square of each tier, for models whose maker documents no pixels.
SIDES = {"512": 512, "1K": 1024, "1.5K": 1536, "2K": 2048, "3K": 3072, "4K": 4096}
NOTE = "SANDBOX: drawn by imagekit's sandbox; no model was involved and nothing was charged"

PARAMETERS = (
    Parameter("seed", int, (Range(-1, 2147483647),), doc="Another seed, another picture."),
    Parameter(
        "response_format",
        str,
        (Enum(("url", "b64_json")),),
        default="url",
        doc="url gives a link only the sandbox itself can follow.",
    ),
    Parameter("watermark", bool, default=True, doc="Whether the picture is stamped."),
)


OFFERS = (
    Offer(
        model=ANY_MODEL,
        id=ANY_MODEL,
        wire="openai-images",
        spells=spell("seed response_format watermark"),
        parameters=PARAMETERS,
        price=Price(Decimal(0), "USD", OWN),
    ),
)


class Sandbox(Host):
    """The host, with the three places where it is not like others."""

    @hookimpl
    def imagekit_shape_request(self, call: Call) -> Request:
        """The wire's own body. The address says what a painter must know but a model would
        decide: the body is the caller's alone.
        """
        width, height = _pixels(call)
        headers = {"Content-Type": "application/json"}
        url = f"{call.route.url()}?pixels={width}x{height}"
        return Request("POST", url, headers, json_body(body_of(call)))

    @hookimpl(wrapper=True)
    def imagekit_decode_response(
        self, call: Call, response: Response
    ) -> Generator[None, Result, Result]:
        """Whatever came: say that no model drew it."""
        result = yield
        return evolve(result, notes=(NOTE, *result.notes))

    @hookimpl(trylast=True)
    def imagekit_transport_wrapper(
        self, host: Host
    ) -> Callable[[Callable[[Request], Reply]], Callable[[Request], Reply]]:
        """Answer here, so that nothing is sent; innermost, so that other wrappers see it."""
        from imagekit_sandbox.studio import Studio

        return lambda send: Studio().answer


def _pixels(call: Call) -> tuple[int, int]:
    """The exact size to draw: what was asked for, else the model's default."""
    if call.pixels:
        return call.pixels
    sizes = call.route.sizes or Sizes()
    asked = call.values.get("resolution") or call.values.get("size")
    tier = asked if asked in sizes.tiers else sizes.default_tier
    across, down = parse_ratio(call.values.get("ratio", "1:1")) or (1, 1)
    cell = sizes.cell(tier, f"{across}:{down}")
    if cell or sizes.table:
        return cell or (1024, 1024)
    # Nobody documents the pixels: draw the tier's area in that ratio.
    width, height = sizes.default_pixels or (SIDES.get(tier or "", 1024),) * 2
    root = math.sqrt(across / down)
    return round(width * root), round(height / root)


SANDBOX = Sandbox(
    name="sandbox",
    title="Sandbox",
    base_url="https://sandbox.invalid/v1",
    auth=NoAuth(),
    doc="Draws deterministic pictures in this process. Free, and marked as what it is.",
    real=False,
    fact=OWN,
    offers=OFFERS,
)

HOSTS = (SANDBOX,)


@hookimpl
def imagekit_hosts() -> Iterable[Host]:
    return HOSTS


@hookimpl
def imagekit_commands() -> Iterable[Any]:
    from imagekit_sandbox.commands import sandbox  # click is there on the command line only

    return [sandbox]
