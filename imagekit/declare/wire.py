"""A wire: one dialect of HTTP, as hosts name it."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import field

from imagekit.basics.classes import frozen
from imagekit.declare import checks
from imagekit.declare.spell import Spell

__all__ = ["Wire"]


@frozen(eq=False)
class Wire:
    """A dialect. A subclass implements ``imagekit_shape_request`` and
    ``imagekit_decode_response`` as ``@hookimpl`` methods.

    Attributes:
        name: what offers call it.
        blobs: names of JSON fields that carry pictures as base64; they stand decoded in
            ``Response.document``, as `Blob`.
        links: names of JSON fields that carry a link, or at some hosts the picture itself
            as a data URL or bare base64, which then stands there as `Blob`, too.
        paths: operation -> path below the host's base URL; an offer may replace them.
        spells: spellings every offer of this wire has unless it says otherwise.
        answers: where its `imagekit.testing.Answers` are, as entry points are written:
            ``imagekit_marsh.testing:MarshAnswers``. The conformance kit alone imports it, and
            plugins of hosts that speak the dialect need none of their own.
    """

    name: str = field(validator=checks.name)
    blobs: frozenset[str] = field(default=frozenset(), validator=checks.fields_of_json)
    links: frozenset[str] = field(default=frozenset(), validator=checks.fields_of_json)
    paths: Mapping[str, str] = field(factory=dict, validator=checks.by_operation)
    spells: tuple[Spell, ...] = field(
        default=(), validator=checks.each("parameter", "spellings", 'Spell("size")')
    )
    answers: str = field(default="", validator=checks.reference)
