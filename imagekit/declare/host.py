"""A host: who serves models, how it is addressed, and which words it uses. Data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from attrs import field

from imagekit.basics.classes import frozen
from imagekit.declare import checks
from imagekit.declare.error_row import ErrorRow
from imagekit.declare.fact import a_fact
from imagekit.declare.host_fact import standing_for
from imagekit.declare.price import CostsIn, Price
from imagekit.declare.reference_limits import ReferenceLimits
from imagekit.declare.rules import CrossRule
from imagekit.declare.sizes import Sizes
from imagekit.declare.spell import Spell

if TYPE_CHECKING:
    from attrs import Attribute

    from imagekit.declare.auth import Auth
    from imagekit.declare.fact import Fact, Retirement
    from imagekit.declare.family import Parameter

__all__ = [
    "ANY_MODEL",
    "Host",
    "ModelList",
    "Offer",
    "RecordsAt",
    "Unlisted",
]

#: The model name of an offer that stands for every installed model.
ANY_MODEL = "*"


@frozen(eq=False)
class Unlisted:
    """An offer of it stands for whatever id the user names, and what such a model takes is what
    the offer says.

    Attributes:
        prices: what the host asks for those ids whose price is known.
        retired: those ids that its vendor has shut down, and when.
    """

    prices: Mapping[str, Price] = field(factory=dict)
    retired: Mapping[str, Retirement] = field(factory=dict)


def _of_any_model(offer: Offer, attribute: Attribute[Any], value: Any) -> None:
    checks.one(Unlisted, right="an Unlisted()", empty=True)(offer, attribute, value)
    if value is not None and offer.model != ANY_MODEL:
        raise ValueError(
            f"an offer that is unlisted stands for every id: model={ANY_MODEL!r}, not "
            f"{offer.model!r}"
        )


@frozen(eq=False)
class Offer:
    """One model at one host.

    Attributes:
        model: its canonical name, or `ANY_MODEL`.
        id: the host's own id for it.
        wire: the name of the dialect spoken.
        spells: how parameters are spelled; one without a spelling is not supported here.
        parameters: these replace the family's of the same name, or add to them.
        sizes: replaces the family's; a mapping replaces just those of its attributes.
        references: replaces the family's.
        rules: replace the family's cross rules when not None.
        paths: operation -> path below the host's base URL, where the wire's own differ.
        headers: sent with every request of this offer.
        fields: sent as well, where the caller gives none of the name; the receipt tells.
        native_headers: sent as well when the caller gives native fields.
        instead: as on `Model`; looked at first.
        price: what its host asks for it; None where nobody says, which is not 0.
        id_fact: where the id comes from; unverified ids can be set by the user.
        path_fact: set it to an unverified fact where an address is nobody's word; its note
            says which.
        host: for offers made on behalf of a host of another plugin; else None.
        name_field: the parameter that takes a name of the caller's own for the job, where the
            host documents that the job can be asked for by it; a call that gives none gets
            one, so that a lost answer is not a lost picture.
        unlisted: of an offer of `ANY_MODEL`: set it where no installed model is meant.
    """

    model: str = field(validator=checks.text)
    id: str = field(validator=checks.text)
    wire: str = field(validator=checks.name)
    spells: tuple[Spell, ...] = field(
        default=(), validator=checks.each("parameter", "spellings", 'Spell("size")')
    )
    parameters: tuple[Parameter, ...] = field(
        default=(), validator=checks.each("rules", "parameters", 'Parameter("steps", int)')
    )
    sizes: Sizes | Mapping[str, Any] | None = field(default=None, validator=checks.parts_of(Sizes))
    references: ReferenceLimits | None = field(
        default=None,
        validator=checks.one(ReferenceLimits, right="a ReferenceLimits", empty=True),
    )
    rules: tuple[CrossRule, ...] | None = field(
        default=None,
        validator=checks.all_of(CrossRule, 'rules about several, such as Requires("a", "b")'),
    )
    paths: Mapping[str, str] = field(factory=dict, validator=checks.by_operation)
    headers: Mapping[str, str] = field(factory=dict, validator=checks.texts)
    fields: Mapping[str, Any] = field(factory=dict)
    native_headers: Mapping[str, str] = field(factory=dict, validator=checks.texts)
    instead: Mapping[str, str] = field(factory=dict, validator=checks.texts)
    price: Price | None = field(
        default=None, validator=checks.one(Price, right="a Price, with who says so", empty=True)
    )
    id_fact: Fact | None = field(default=None, validator=a_fact)
    path_fact: Fact | None = field(default=None, validator=a_fact)
    host: str | None = field(default=None, validator=checks.one(str, right="a text", empty=True))
    unlisted: Unlisted | None = field(default=None, validator=_of_any_model)
    name_field: str = field(default="", validator=checks.text)


@frozen
class ModelList:
    """Where a host lists the ids of its models: a free GET, JSON with a list in it.

    Attributes:
        path: below the host's base URL; it may have a query.
        items: the field of the answer that is the list.
        id: the field of an item that has the id.
        prefix: what stands before each id and is no part of it.
        fact: who says so.
    """

    path: str = "/models"
    items: str = "data"
    id: str = "id"
    prefix: str = ""
    fact: Fact | None = field(default=None, validator=a_fact, kw_only=True)


@frozen
class RecordsAt:
    """Where a host keeps records of what was made with a key, in the dialect that Token360
    documents: they are listed at ``path``, and a record has ``/{id}/content`` and a DELETE.
    """

    path: str = "/images"
    fact: Fact | None = field(default=None, validator=a_fact, kw_only=True)


_SIGNING = ("variables", "headers", "query")


def _signs(host: Host, attribute: Attribute[Any], value: Any) -> None:
    if isinstance(value, type) or not all(hasattr(value, name) for name in _SIGNING):
        given = value.__name__ if isinstance(value, type) else repr(value)
        raise TypeError(
            f"auth of Host {host.name!r} is a way to sign, such as Bearer(('POND_API_KEY',)) or "
            f"NoAuth(), not {given:.80}"
        )


@frozen(eq=False)
class Host:
    """Who serves models. A subclass may carry ``@hookimpl`` methods for its quirks;
    they are asked only on routes of this host.

    Attributes:
        name: what users write before the colon.
        base_url: scheme, authority and common path prefix, without a closing slash.
        offers: what it serves.
        auth: how requests are signed, and which fields its credential has.
        fact: where this description was read. Whatever is declared in it has this fact, unless
            it has one of its own: ids, parameters, sizes, error rows, lists. Not prices, which
            have a date of their own.
        errors: its error table.
        keys_url: where a person gets a key.
        docs_url: the pages this description was written from.
        self_hosted: its users run it themselves, so it is chosen for a model only where the
            configuration has it; whoever names it reaches it at ``base_url``.
        real: False for the sandbox: it costs nothing and is never chosen over a real one.
        records: what a person may do when an answer was lost, for hosts that keep a record of
            what they made, but none for `Client.records`; one sentence.
        models_at: where it lists the ids of its models, for `Client.models_at`.
        records_at: where it keeps records that can be read, for `Client.records`.
        costs_in: the currency in which its answers say what a call has cost, where that is
            documented.
        fresh_links: seconds for which a link that is new may answer 404 all the same.
        origins: where else requests may go that carry its key, such as a queue of the same
            vendor: ``("https://queue.example.com",)``. Whatever an answer says, a key goes to
            ``base_url``'s origin and to these; to nothing but the user's address where a user
            has set one.
        kind: of an instance that a configuration makes, the name of the host it is made
            from; plugins leave it empty.
    """

    name: str = field(validator=checks.host_name)
    title: str = field(validator=checks.text)
    base_url: str = field(validator=checks.address)
    auth: Auth = field(validator=_signs)
    offers: tuple[Offer, ...] = field(
        default=(),
        validator=checks.each("wire", "offers", 'Offer("lily-1", "lily", "openai-images")'),
    )
    errors: tuple[ErrorRow, ...] = field(
        default=(),
        validator=checks.each("retryable", "error rows", 'ErrorRow(RateLimited, code="busy")'),
    )
    keys_url: str = field(default="", validator=checks.text)
    docs_url: str = field(default="", validator=checks.text)
    doc: str = field(default="", validator=checks.text)
    self_hosted: bool = field(default=False, validator=checks.flag)
    real: bool = field(default=True, validator=checks.flag)
    records: str = field(default="", validator=checks.text)
    models_at: ModelList | None = field(
        default=None, validator=checks.one(ModelList, right="a ModelList", empty=True)
    )
    records_at: RecordsAt | None = field(
        default=None, validator=checks.one(RecordsAt, right="a RecordsAt", empty=True)
    )
    costs_in: CostsIn | None = field(
        default=None, validator=checks.one(CostsIn, right="a CostsIn", empty=True)
    )
    fresh_links: float = field(default=0.0, validator=checks.one(int, float, right="seconds"))
    origins: tuple[str, ...] = field(default=(), validator=checks.names)
    kind: str = field(default="", validator=checks.text)
    fact: Fact | None = field(default=None, validator=a_fact, kw_only=True)

    def __attrs_post_init__(self) -> None:
        if self.fact is not None:
            for name, value in standing_for(self, self.fact):
                object.__setattr__(self, name, value)
