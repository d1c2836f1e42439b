"""What plugins bring, who brought it, and who else claims a name of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from imagekit.basics.classes import evolve
from imagekit.declare.family import Family
from imagekit.declare.host import Host, Offer
from imagekit.declare.wire import Wire
from imagekit.plugins.finding import Plugin
from imagekit.settings.config import HostSettings

__all__ = [
    "Claim",
    "check_kind",
    "family_names",
    "host_names",
    "instances",
    "offer_names",
    "rivals",
    "several",
    "wire_names",
]

_DECLARED = (Family, Host, Offer, Wire)

#: An object, and the plugin that brought it.
Claim = tuple[Plugin, Any]


def several(hook: str, found: Any) -> list[Any]:
    """What a hook returned, which has to be several things.

    Raises:
        TypeError: it is one, or nothing.
    """
    if not isinstance(found, Iterable):
        what = "None" if found is None else f"a {type(found).__name__}"
        example = type(found).__name__.upper() if isinstance(found, _DECLARED) else "..."
        raise TypeError(f"{hook} returned {what}; return a list: [{example}]")
    return list(found)


def check_kind(hook: str, thing: object, kind: type) -> None:
    """
    Raises:
        TypeError: a hook gave something that is of no use there.
    """
    if not isinstance(thing, kind):
        raise TypeError(f"{hook} gave {thing!r}, which is no {kind.__name__}")
    if kind in (Family, Host, Wire) and type(thing).__hash__ is None:
        raise TypeError(f"{hook} gave a {type(thing).__name__} without a hash; use eq=False")
    if isinstance(thing, Offer) and thing.host is None:
        raise TypeError(f"{hook} gave an offer of {thing.model} that names no host")


def rivals(
    claims: Iterable[Claim], names: Callable[[Any], Iterable[str]]
) -> dict[str, list[Plugin]]:
    """Every name that is claimed more than once -> by whom, of those that have not failed."""
    owners: dict[str, list[Plugin]] = {}
    for owner, thing in claims:
        for name in names(thing) if owner.state == "loaded" else ():
            owners.setdefault(name, []).append(owner)
    return {name: claimants for name, claimants in owners.items() if len(claimants) > 1}


def instances(hosts: Iterable[Host], settings: Mapping[str, HostSettings]) -> list[Host]:
    """One more host for all settings of another host's kind; its methods are those of its kind."""
    known = {host.name: host for host in hosts}
    return [
        evolve(known[own.kind], name=name, kind=own.kind)
        for name, own in settings.items()
        if own.kind in known and own.kind != name and name not in known
    ]


# --- the names that no two plugins may claim ------------------------------------------------


def wire_names(wire: Wire) -> list[str]:
    return [f"the wire {wire.name!r}"]


def family_names(family: Family) -> list[str]:
    models = [f"the model {n!r}" for m in family.models for n in {m.name, *m.aliases}]
    return [f"the family {family.name!r}", *models]


def host_names(host: Host) -> list[str]:
    return [f"the host {host.name!r}"]


def offer_names(thing: Host | Offer) -> list[str]:
    if isinstance(thing, Offer):
        return [f"the offer of {thing.model!r} at {thing.host}"]
    return [f"the offer of {offer.model!r} at {thing.name}" for offer in thing.offers]
