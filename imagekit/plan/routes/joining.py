"""What is installed, joined: every offer with its model, its host and its wire."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from imagekit.basics.classes import frozen
from imagekit.basics.closest import did_you_mean
from imagekit.declare.family import Model
from imagekit.declare.host import ANY_MODEL, Host, Offer
from imagekit.declare.wire import Wire
from imagekit.plan.routes.route import Route
from imagekit.settings.config import HostSettings

__all__ = ["Dangling", "Joined", "Lost", "joined"]

#: Stands for whichever model a host knows and no plugin does.
ANY = Model(ANY_MODEL, "Any model")
_NONE = HostSettings()


@frozen
class Dangling:
    """An offer that leads nowhere, and what it needs."""

    host: str
    model: str
    needs: str


@frozen
class Lost:
    """The same, before anybody asks: what it names of a kind, which is not there."""

    host: str
    model: str
    kind: str
    name: str

    def told(self, known: Iterable[str]) -> Dangling:
        """In words, with what of those of its kind it may have meant."""
        what = "a plugin that declares the model" if self.kind == "model" else f"the {self.kind}"
        hint = did_you_mean(self.name, known)
        return Dangling(self.host, self.model, f"{what} {self.name!r}{hint}")


@frozen
class Joined:
    """What came of joining.

    Attributes:
        routes: to every model at every host. Where two are the same way, the later counts: an
            offer of one model comes after one of any.
        unlisted: host name -> the route of whichever model only the host knows.
        lost: the offers that lead nowhere.
    """

    routes: tuple[Route, ...]
    unlisted: Mapping[str, Route]
    lost: tuple[Lost, ...]


def joined(
    models: Mapping[str, Model],
    wires: Mapping[str, Wire],
    hosts: Mapping[str, Host],
    offers: Iterable[Offer],
    settings: Mapping[str, HostSettings],
) -> Joined:
    """Join every offer: those of the hosts, and ``offers``, each made on behalf of one."""
    on_behalf = tuple(offers)
    routes: list[Route] = []
    lost = [
        Lost(str(offer.host), offer.model, "host", str(offer.host))
        for offer in on_behalf
        if offer.host not in hosts
    ]
    for host, offer in _offered(hosts.values(), on_behalf):
        if offer.wire not in wires:
            lost.append(Lost(host.name, offer.model, "wire", offer.wire))
            continue
        if offer.model != ANY_MODEL and offer.model not in models:
            lost.append(Lost(host.name, offer.model, "model", offer.model))
            continue
        wire, yours = wires[offer.wire], settings.get(host.name, _NONE)
        routes += [Route(model, offer, host, wire, yours) for model in _models_of(offer, models)]
    return Joined(
        tuple(route for route in routes if route.model is not ANY),
        {route.host.name: route for route in routes if route.model is ANY},
        tuple(lost),
    )


def _offered(hosts: Iterable[Host], on_behalf: Iterable[Offer]) -> Iterator[tuple[Host, Offer]]:
    """Each host with all that it serves, an offer of one model after one of any."""
    for host in hosts:
        kind = host.kind or host.name
        every = [*host.offers, *(offer for offer in on_behalf if offer.host == kind)]
        for offer in sorted(every, key=lambda offer: offer.model != ANY_MODEL):
            yield host, offer


def _models_of(offer: Offer, models: Mapping[str, Model]) -> Iterator[Model]:
    if offer.model != ANY_MODEL:
        yield models[offer.model]
    elif offer.unlisted:
        yield ANY
    else:
        yield from models.values()
