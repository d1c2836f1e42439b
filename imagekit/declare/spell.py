"""How one parameter is spelled at a host. Data.

Most are a name, a field and perhaps other words: ``Spell("ratio", to="aspect_ratio")``. What is no
plain field says so in ``how``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Any, get_args

from attrs import Factory, field

from imagekit.basics.classes import frozen
from imagekit.declare import checks
from imagekit.declare.fact import a_fact

if TYPE_CHECKING:
    from attrs import Attribute

    from imagekit.declare.fact import Fact

__all__ = [
    "Address",
    "Carriage",
    "Carried",
    "Each",
    "Implied",
    "Mentions",
    "Part",
    "Spell",
    "spell",
]


class Carriage(StrEnum):
    """How the bytes of a reference or a mask travel. In JSON, links go as they are."""

    DATA_URL = "a data URL"  # data:image/png;base64,iVBORw0KGgo...
    BASE64 = "base64"  # iVBORw0KGgo...: the same without the prefix
    FORM = "a file in a form"  # multipart/form-data instead of JSON (RFC 7578, 2015-07)


# --- what is no plain field -------------------------------------------------------------------


@frozen
class Each:
    """Each item of a list is an object: ``Each("element_id")`` makes ``{"element_id": item}``.

    Attributes:
        to: the dotted path of the object's field that takes the item.
        beside: what else stands in every one of the objects, such as ``{"type": "image_url"}``.
    """

    to: str = field(validator=checks.path)
    beside: Mapping[str, Any] = field(
        factory=dict, validator=checks.one(Mapping, right="a dict of fields")
    )

    def object(self, item: Any) -> dict[str, Any]:
        """The object of an item."""
        return put(self.beside, self.to.split("."), item)


@frozen
class Carried:
    """How ``image`` and ``mask`` travel.

    Attributes:
        carriage: what bytes become.
        each: set where each picture stands in an object of its own.
        listed: one picture is a list of one; else it stands alone, and several are a list.
        links: in a form: the field for those given as links; empty where only files are taken.
        fact: set it to an unverified fact where only links are documented.
    """

    carriage: Carriage = field(default=Carriage.DATA_URL, validator=checks.one(Carriage))
    each: Each | None = field(
        default=None, validator=checks.one(Each, right='an Each, such as Each("url")', empty=True)
    )
    listed: bool = field(default=False, validator=checks.flag)
    links: str = field(default="", validator=checks.text)
    fact: Fact | None = field(default=None, validator=a_fact)

    def placed(self, pictures: Sequence[Any]) -> Any:
        """What stands in a field of JSON for pictures, each of which is what travels for it."""
        items = [self.each.object(one) for one in pictures] if self.each else list(pictures)
        return items[0] if len(items) == 1 and not self.listed else items


@frozen
class Part:
    """Of an object the field takes one part: ``Part("max_images")``."""

    name: str = field(validator=checks.name)


@frozen
class Mentions:
    """How the prompt speaks of a reference picture, ``{}`` being its number: ``<image {}>``.
    Then a caller may write ``@1`` for the first one at every such host.
    """

    pattern: str = field(validator=checks.text)


@frozen
class Address:
    """It is no field: its words are operations, of those that the wire or the offer has paths
    for, and choose where the request goes."""


@frozen
class Implied:
    """It is no field: the host takes it from whether another parameter is given.

    Attributes:
        by: that parameter.
        given: what this one is where that one is given.
        otherwise: what it is where that one is not.
    """

    by: str = field(validator=checks.name)
    given: Any
    otherwise: Any


_NO_FIELDS = (Address, Implied)
How = Each | Carried | Part | Mentions | Address | Implied
_how = checks.one(
    *get_args(How),
    right="an Each, Carried, Part, Mentions, Address or Implied",
    empty=True,
)


def _to(thing: Any, attribute: Attribute[Any], value: Any) -> None:
    if not isinstance(value, tuple):
        checks.path(thing, attribute, value)
    elif thing.parameter != "size" or len(value) != 2:
        raise TypeError(
            f"to of Spell {thing.parameter!r} is one path; only a size has two, of its width and "
            f"of its height, not {value!r:.80}"
        )
    else:
        for path in value:
            checks.path(thing, attribute, path)
        if "height" in value[0] and "width" in value[1]:
            raise TypeError(
                f"to of Spell 'size' is first the width, then the height, not {value!r}"
            )


# --- the spelling -----------------------------------------------------------------------------


@frozen
class Spell:
    """How one canonical parameter is spelled on the wire.

    Attributes:
        parameter: the canonical name.
        to: the dotted path of the field it goes to; the same name when not given. Of ``size``
            it may be two paths, of its width and of its height.
        values: canonical value -> the host's word for it; None passes values through. A word
            for a size of two fields goes where both of them are in.
        fact: set it to an unverified fact to mark the parameter as such at this host.
        how: set it where it is no plain field.
    """

    parameter: str = field(validator=checks.name)
    to: str | tuple[str, str] = field(
        default=Factory(lambda self: self.parameter, takes_self=True), validator=_to
    )
    values: Mapping[Any, Any] | None = field(
        default=None, validator=checks.one(Mapping, right="a dict of words", empty=True)
    )
    fact: Fact | None = field(default=None, validator=a_fact)
    how: How | None = field(default=None, validator=_how)

    @property
    def fields(self) -> tuple[str, ...]:
        """The path of each field that it goes to; none where it goes to none."""
        if isinstance(self.how, _NO_FIELDS):
            return ()
        return self.to if isinstance(self.to, tuple) else (self.to,)

    @property
    def field(self) -> str:
        """The one field that it goes to: of two, what both are in, which may be nothing."""
        if isinstance(self.to, str):
            return self.to
        width, height = (path.rpartition(".")[0] for path in self.to)
        return width if width == height else ""

    @property
    def carried(self) -> Carried:
        """How its pictures travel."""
        return self.how if isinstance(self.how, Carried) else _PLAINLY

    def describe(self) -> str:
        """Where it goes, for tables: ``image_size.width and image_size.height``."""
        match self.how:
            case Address():
                return "the address"
            case Implied(by):
                return f"by {by}"
            case _:
                return " and ".join(self.fields)


_PLAINLY = Carried()


def spell(names: str, fact: Fact | None = None) -> tuple[Spell, ...]:
    """Spellings for parameters that keep their own names: ``spell("size seed")``."""
    return tuple(Spell(name, fact=fact) for name in names.split())


def put(fields: Mapping[str, Any], path: Sequence[str], value: Any) -> dict[str, Any]:
    """The same fields with a value where these names lead; objects on the way stay as they are,
    since they may be somebody's own."""
    first, *rest = path
    return {**fields, first: put(fields.get(first, {}), rest, value) if rest else value}
