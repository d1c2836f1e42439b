"""`HostSuite`: what must hold of a plugin that declares hosts, or offers at hosts of others."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from imagekit.declare.host import Host, Offer
from imagekit.plan.routes.route import Route
from imagekit.testing.kit.declared import DeclarationChecks
from imagekit.testing.kit.golden import ReplyChecks, RequestChecks
from imagekit.testing.kit.jobs import JobChecks
from imagekit.testing.kit.limits import LimitChecks
from imagekit.testing.kit.secrets import SecretChecks
from imagekit.testing.kit.spelled import SpellingChecks
from imagekit.testing.kit.streams import StreamChecks
from imagekit.testing.kit.suite import planner

__all__ = ["HostSuite"]

#: A model that no plugin declares, for hosts that take any.
UNLISTED = "kit/model:1"


class HostSuite(
    RequestChecks,
    ReplyChecks,
    SpellingChecks,
    LimitChecks,
    SecretChecks,
    JobChecks,
    StreamChecks,
    DeclarationChecks,
):
    """``class TestGarden(HostSuite): plugin = imagekit_garden``.

    Its models are those of every plugin that is installed. Answers come from a loopback
    server that stands in for the host.
    """

    @classmethod
    def subjects(cls) -> Iterable[Any]:
        hosts = list(getattr(cls.plugin, "imagekit_hosts", list)())
        return hosts or list(getattr(cls.plugin, "imagekit_offers", list)())

    @classmethod
    def offers(cls) -> list[tuple[str, Offer]]:
        """(host, offer) of everything that the plugin offers."""
        found: list[tuple[str, Offer]] = []
        for subject in cls.subjects():
            own = subject.offers if isinstance(subject, Host) else (subject,)
            name = subject.name if isinstance(subject, Host) else subject.host
            found += [(str(name), offer) for offer in own]
        return found

    @classmethod
    def routes(cls) -> list[Route]:
        own = {id(offer) for _, offer in cls.offers()}
        hosts = {name for name, _ in cls.offers()}
        registry = planner(cls).registry
        listed = [one for one in registry.routes if id(one.offer) in own or one.host.name in hosts]
        unlisted = [name for name in sorted(hosts) if registry.takes_any(name)]
        return [*listed, *(registry.route(name, UNLISTED) for name in unlisted)]

    def test_every_offer_leads_somewhere(self) -> None:
        """The models and wires it names are installed here."""
        hosts = {name for name, _ in self.offers()}
        lost = [one for one in planner(type(self)).registry.dangling if one.host in hosts]
        assert not lost, "; ".join(f"{one.host}:{one.model} needs {one.needs}" for one in lost)

    def test_every_spelling_is_of_a_parameter_that_exists(self) -> None:
        """A misspelt one would never be used; nor would the name of a job that none has."""
        names = {f"{host}:{offer.model}" for host, offer in self.offers()}
        routes = [route for route in planner(type(self)).registry.routes if route.name in names]
        doubts = [f"{route.name} {doubt}" for route in routes for doubt in route.doubts]
        assert not doubts, "; ".join(doubts)
