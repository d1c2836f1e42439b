"""`HostSuite`: what must hold of a plugin that declares hosts, or offers at hosts of others."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from imagekit.declare.host import Host, Offer
from imagekit.plan.routes.route import Route
from imagekit.testing.kit.bodies import BodyChecks
from imagekit.testing.kit.declared import DeclarationChecks
from imagekit.testing.kit.golden import ReplyChecks, RequestChecks
from imagekit.testing.kit.jobs import JobChecks
from imagekit.testing.kit.limits import LimitChecks
from imagekit.testing.kit.secrets import SecretChecks
from imagekit.testing.kit.sheet import SheetChecks
from imagekit.testing.kit.streams import StreamChecks
from imagekit.testing.kit.suite import planner, plugins_of

__all__ = ["HostSuite"]

#: A model that no plugin declares, for hosts that take any.
UNLISTED = "kit/model:1"


class HostSuite(
    RequestChecks,
    ReplyChecks,
    BodyChecks,
    LimitChecks,
    SecretChecks,
    JobChecks,
    StreamChecks,
    DeclarationChecks,
    SheetChecks,
):
    """``class TestGarden(HostSuite): plugin = imagekit_garden``.

    Its models are those of every plugin that is installed. Answers come from a loopback
    server that stands in for the host.
    """

    @classmethod
    def subjects(cls) -> Iterable[Any]:
        hooks = (getattr(cls.plugin, name, list) for name in ("imagekit_hosts", "imagekit_offers"))
        return [one for hook in hooks for one in hook()]

    @classmethod
    def offers(cls) -> list[tuple[str, Offer]]:
        """(host, offer) of everything that the plugin offers."""
        return _offered(cls.subjects())

    @classmethod
    def routes(cls) -> list[Route]:
        """Those of what the plugin itself offers, whatever others offer at the same host."""
        registry = planner(cls).registry
        offered = _offered(plugins_of(cls).brought_by(cls.plugin))
        hosts = sorted({name for name, _ in offered})
        found = [
            *registry.routes,
            *(registry.route(name, UNLISTED) for name in hosts if registry.takes_any(name)),
        ]
        own = {id(offer) for _, offer in offered}
        return [route for route in found if id(route.offer) in own]

    def test_every_offer_leads_somewhere(self) -> None:
        """The models and wires it names are installed here."""
        hosts = {name for name, _ in self.offers()}
        lost = [one for one in planner(type(self)).registry.dangling if one.host in hosts]
        assert not lost, "; ".join(f"{one.host}:{one.model} needs {one.needs}" for one in lost)

    def test_every_spelling_is_of_a_parameter_that_exists(self) -> None:
        """A misspelt one would never be used; nor would the name of a job that none has."""
        names = {f"{host}:{offer.model}" for host, offer in self.offers()}
        routes = [route for route in self.routes() if route.name in names]
        doubts = [f"{route.name} {doubt}" for route in routes for doubt in route.doubts]
        assert not doubts, "; ".join(doubts)


def _offered(subjects: Iterable[Any]) -> list[tuple[str, Offer]]:
    found: list[tuple[str, Offer]] = []
    for subject in subjects:
        if isinstance(subject, Host):
            found += [(subject.name, offer) for offer in subject.offers]
        elif isinstance(subject, Offer):
            found.append((str(subject.host), subject))
    return found
