"""Which models a host says it has, beside those that its plugin declares."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from imagekit.basics.classes import frozen
from imagekit.basics.closest import closest
from imagekit.declare.host import ANY_MODEL
from imagekit.errors import ModelUnavailable, UsageError

if TYPE_CHECKING:
    from imagekit.client.free_questions import Inquiry
    from imagekit.plan.routes.registry import Registry
    from imagekit.plan.routes.route import Route

__all__ = ["Catalogue", "Declared", "models_at"]


@frozen
class Declared:
    """A model that a plugin declares for a host, and what the host's own list says of it.

    Attributes:
        model: its canonical name.
        id: the id it is asked for by.
        unverified: nobody has verified that id, but for what is found here.
        there: the list has it.
        other: where it is not: another name of the same model that is in the list.
        near: where that is not, either: ids of the list that look like it.
    """

    model: str
    id: str
    unverified: bool
    there: bool
    other: str = ""
    near: tuple[str, ...] = ()


@frozen
class Catalogue:
    """What a host lists.

    Attributes:
        ids: as it lists them, models of every kind among them.
        declared: what the installed plugins have of it.
    """

    host: str
    ids: tuple[str, ...]
    declared: tuple[Declared, ...]

    @property
    def new(self) -> tuple[str, ...]:
        """The ids of the list that no plugin declares for this host."""
        known = {one.id for one in self.declared} | {one.other for one in self.declared}
        return tuple(id for id in self.ids if id not in known)

    @property
    def remote_ids(self) -> Mapping[str, str]:
        """What settles the unverified and the missing: model -> its id, for ``remote_ids`` of
        the host in a configuration. Ids that only look alike settle nothing."""
        return {
            one.model: one.id if one.there else one.other
            for one in self.declared
            if (one.there and one.unverified) or one.other
        }


def models_at(inquiry: Inquiry, registry: Registry) -> Catalogue:
    """Ask a host which models it has.

    Raises:
        UsageError: nobody documents that it says so, or it has no such list.
        UnreadableAnswer: what it answered is no such list.
        ImagekitError: as of `Inquiry.ask`.
    """
    host = inquiry.route.host
    ids = _listed(inquiry)
    routes = (
        route
        for route in registry.routes
        if route.host.name == host.name and route.offer.model != ANY_MODEL
    )
    return Catalogue(host.name, ids, tuple(_declared(route, ids) for route in routes))


def _listed(inquiry: Inquiry) -> tuple[str, ...]:
    host = inquiry.route.host
    listing = host.models_at
    if listing is None:
        raise UsageError(f"nobody documents that {host.name} lists its models")
    try:
        response = inquiry.ask(listing.path)
    except ModelUnavailable as error:
        raise UsageError(f"{host.name} has no list of its models: {error}") from error
    items = inquiry.document(response).get(listing.items)
    if not isinstance(items, list):
        raise inquiry.strange(response, f"no list {listing.items!r}")
    found = (item.get(listing.id) for item in items if isinstance(item, dict))
    ids = (id.removeprefix(listing.prefix) for id in found if isinstance(id, str) and id)
    return tuple(dict.fromkeys(ids))


def _declared(route: Route, ids: Iterable[str]) -> Declared:
    model, id = route.model, route.remote_id
    there = id in ids
    own = {model.name, *model.aliases}
    other = "" if there else next((one for one in ids if one in own), "")
    near = () if there or other else tuple(closest(id, ids, 3))
    return Declared(model.name, id, route.id_unverified, there, other, near)
