"""What a user may set without writing code: the values of a configuration.

`imagekit.settings.config_file` reads them from TOML; a program may as well make them itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from attrs import asdict, field

from imagekit.basics.classes import frozen
from imagekit.errors import UsageError
from imagekit.settings.secret_reference import SecretReference
from imagekit.values import Cost, Problem
from imagekit.values.budget import Budget
from imagekit.values.plain.places import Place, dotted

__all__ = [
    "BALANCES",
    "TABLES",
    "Alias",
    "AnyOf",
    "Config",
    "HostSettings",
    "ModelRules",
    "ParameterRules",
    "Setting",
    "SizeRules",
]

HeaderValue = str | SecretReference
#: One of a plugin's own table.
Setting = str | int | float | bool | tuple[str, ...] | SecretReference
#: The tables that are a plugin's -> the distribution that knows what they take.
TABLES = {"store": "imagekit-store", "gateway": "imagekit-gateway"}
#: How calls may be shared out among the hosts of an alias.
BALANCES = ("order", "least-busy")
#: The only field of a credential, or each of them by name.
CredentialReferences = SecretReference | Mapping[str, SecretReference] | None


@frozen
class ParameterRules:
    """What a parameter takes, by your own knowledge; replaces the rules it had.

    Attributes:
        enum: the values it may have.
        range: the least and the greatest number, both allowed.
    """

    enum: tuple[Any, ...] | None = None
    range: tuple[float, float] | None = None


@frozen
class SizeRules:
    """What sizes a model takes, by your own knowledge: `imagekit.Sizes` explains them.
    What is None stays as it is."""

    tiers: tuple[str, ...] | None = None
    named_ratios: tuple[str, ...] | None = None
    custom: bool | None = None
    auto: bool | None = None
    min_pixels: int | None = None
    max_pixels: int | None = None
    min_ratio: str | None = None
    max_ratio: str | None = None
    multiple: int | None = None
    min_side: int | None = None
    max_side: int | None = None
    default_tier: str | None = None

    @property
    def given(self) -> dict[str, Any]:
        """Those that are not None."""
        every = asdict(self, recurse=False)
        return {name: value for name, value in every.items() if value is not None}


@frozen
class ModelRules:
    """What you know better about one model at one host than its plugin does.

    Attributes:
        parameters: name -> its rules there. It is no longer called unverified.
        sizes: what sizes can be asked for there; likewise.
    """

    parameters: Mapping[str, ParameterRules] = field(factory=dict)
    sizes: SizeRules = field(factory=lambda: SizeRules())


def _names(headers: Mapping[str, object]) -> str:
    return repr([*headers])


def _check_types(made: object, *rows: tuple[tuple[str, ...], tuple[type, ...], str]) -> None:
    """Types alone, which a file has been asked for already, so that whoever reads on can rely on
    them. `imagekit.client.config_checks` says what else is wrong. No value is shown: it may be a
    secret in the wrong place.

    Args:
        rows: names of fields, the types that they may have, and what that is in words.

    Raises:
        UsageError: a field is of another type.
    """
    for names, kinds, wanted in rows:
        for name in names:
            given = getattr(made, name)
            if not isinstance(given, kinds) or isinstance(given, bool):
                field, kind = f"{name} of {type(made).__name__}", type(given).__name__
                raise UsageError(f"{field} is {wanted}, not of type {kind}")


def _check_each(place: str, given: Mapping[str, object], kind: type) -> None:
    """Likewise, of the values of a mapping."""
    for name, value in given.items():
        if not isinstance(value, kind):
            what, other = f"{place}[{name!r}]", type(value).__name__
            raise UsageError(f"{what} of Config is of type {kind.__name__}, not of type {other}")


@frozen
class HostSettings:
    """Settings of one host; what is None or empty keeps the plugin's own.

    Attributes:
        base_url: another address for the same API: a proxy, a region, a test server.
        headers: sent with every request to this host; a `SecretReference` is read at the
            first request and shown to nobody.
        remote_ids: canonical model name -> the id to use at this host.
        connect_timeout: seconds to wait for a connection.
        read_timeout: seconds of silence to allow while a picture is being made.
        kind: the installed host that this one is another instance of: the same API, under
            a name, an address and a credential of its own. None: it is that host itself.
        credential: where its key is; for a host whose credential has several fields, where
            each of them is.
        models: canonical model name -> what you know better about it.
        rpm, at_once: how many paid calls it may be sent a minute, and how many may be under way
            there; more of them wait for their turn. None: as many as there are.
        budget: what may be spent there.
    """

    base_url: str | None = None
    headers: Mapping[str, HeaderValue] = field(factory=dict, repr=_names)
    remote_ids: Mapping[str, str] = field(factory=dict)
    connect_timeout: float = 10.0
    read_timeout: float = 600.0
    kind: str | None = None
    credential: CredentialReferences = None
    models: Mapping[str, ModelRules] = field(factory=dict)
    rpm: int | None = None
    at_once: int | None = None
    budget: Budget | None = None

    def __attrs_post_init__(self) -> None:
        _check_types(
            self,
            (("base_url", "kind"), (str, type(None)), "a text"),
            (("headers", "remote_ids", "models"), (Mapping,), "a mapping by name"),
            (("connect_timeout", "read_timeout"), (int, float), "a number of seconds"),
        )


def _each(names: str | Sequence[str]) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else tuple(names)


@frozen
class AnyOf:
    """Whichever model can do what is asked.

    Attributes:
        any: models, ``host:model`` or aliases, the one that you like best first.
        where: what it has to be able to do, whatever a call asks for: parameters of a call with a
            value that it takes (``resolution = "4K"``, ``n = 4``), or ``true`` for any value;
            ``references``: how many reference pictures it takes.
    """

    any: tuple[str, ...] = field(default=(), converter=_each)
    where: Mapping[str, Any] = field(factory=dict)

    def __attrs_post_init__(self) -> None:
        _check_types(self, (("where",), (Mapping,), "a mapping by name of parameters"))

    def __str__(self) -> str:
        return f"any of {', '.join(self.any)}"


@frozen
class Alias:
    """A name of your own for a model, with what you usually ask of it.

    Attributes:
        model: a model, ``host:model``, another alias, or several to choose from.
        hosts: whom to ask for it: the first that has a key.
        defaults: parameters of a call, as `imagekit.Parameters`, for when it gives none.
        failover: whether the next host is asked where one has failed, the call was certainly free,
            and the very same request can be made there. None: as what it stands for says.
        balance: how calls are shared out among the hosts: ``order``, the first that is neither
            full nor resting, or ``least-busy``; None: all go to the first.
        budget: what may be spent by this name.
    """

    model: str | AnyOf = ""  # checked with the rest, so that all mistakes are told at once
    hosts: tuple[str, ...] = field(default=(), converter=_each)
    defaults: Mapping[str, Any] = field(factory=dict)
    failover: bool | None = None
    balance: str | None = None
    budget: Budget | None = None

    def __attrs_post_init__(self) -> None:
        _check_types(
            self,
            (("model",), (str, AnyOf), "a text, or AnyOf(any=[...], where={...})"),
            (("defaults",), (Mapping,), "a mapping by name of parameters"),
        )

    @property
    def models(self) -> tuple[str, ...]:
        """What it stands for: one, or several to choose from."""
        return (self.model,) if isinstance(self.model, str) else self.model.any


@frozen
class Config:
    """A whole configuration.

    Attributes:
        default_model: for calls that name none.
        prefer: host names, best first, for models that several hosts serve.
        on_unsupported: for calls that don't say: ``error``, ``adapt`` or ``drop``.
        models: aliases, by name.
        hosts: settings, by the name of the host or instance.
        budget: what may be spent in all.
        client_budget: what a program lets its client spend besides: `imagekit.Client` has it as
            ``budget``. No file says it.
        unknown_price: what a picture counts against budgets of which nobody knows the price; None:
            it is refused where there is a budget. In a file ``"refuse"``, or ``"0.05 USD"``.
        log: the file that a line of JSON is written to for each event of every call.
        store: settings of the store, where paid calls and pictures are kept: which they are, says
            the plugin that keeps one. Any may be a `SecretReference`, such as that of its address.
        gateway: settings of the gateway; likewise.
        path: the file it was read from.
        problems: what was wrong in that file; a client refuses a configuration with any.
        found: why it is not trusted, in words; empty when it is. It was only found in the
            current directory, or has changed there: see `imagekit.settings.untrusted`.
        withheld: the places in it that do not count for that reason. A call that needs one of
            them is refused.
    """

    default_model: str | None = None
    prefer: tuple[str, ...] = field(default=(), converter=_each)
    on_unsupported: str = "error"
    models: Mapping[str, Alias] = field(factory=dict)
    hosts: Mapping[str, HostSettings] = field(factory=dict)
    budget: Budget | None = None
    unknown_price: Cost | None = None
    log: str | None = None
    store: Mapping[str, Setting] = field(factory=dict, repr=_names)
    gateway: Mapping[str, Setting] = field(factory=dict, repr=_names)
    path: Path | None = field(default=None, metadata={"read": False, "written": False})
    problems: tuple[Problem, ...] = field(default=(), metadata={"read": False})
    found: str = field(default="", metadata={"read": False})
    withheld: tuple[Place, ...] = field(default=(), metadata={"read": False})
    client_budget: Budget | None = field(default=None, metadata={"read": False})

    def __attrs_post_init__(self) -> None:
        tables = ("models", "hosts", "store", "gateway")
        _check_types(self, (tables, (Mapping,), "a mapping by name"))
        _check_each("models", self.models, Alias)
        _check_each("hosts", self.hosts, HostSettings)

    @property
    def budgets(self) -> Mapping[str, Budget]:
        """Every budget, by its name: ``budget``, ``client``, ``hosts.token360``,
        ``models.poster``."""
        hosts = {dotted(("hosts", name)): one.budget for name, one in self.hosts.items()}
        models = {dotted(("models", name)): one.budget for name, one in self.models.items()}
        every = {"budget": self.budget, "client": self.client_budget, **hosts, **models}
        return {name: budget for name, budget in every.items() if budget is not None}

    @property
    def shares_anything(self) -> bool:
        """Whether calls have to agree on something: limits, budgets, or whom to ask."""
        limits = any((one.rpm, one.at_once) != (None, None) for one in self.hosts.values())
        choices = any(one.failover or one.balance for one in self.models.values())
        return limits or choices or bool(self.budgets)

    def table(self, name: str) -> Mapping[str, Setting]:
        """The settings of a plugin: ``store`` or ``gateway``."""
        return {"store": self.store, "gateway": self.gateway}[name]

    def withholds(self, *place: str) -> bool:
        """Whether anything at this place, or in it, does not count until it is trusted."""
        return any(inner[: len(place)] == place for inner in self.withheld)
