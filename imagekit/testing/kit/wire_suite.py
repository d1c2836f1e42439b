"""`WireSuite`: what must hold of a plugin that brings a dialect of HTTP."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from imagekit.declare.auth import Bearer
from imagekit.declare.family import CANONICAL, Family, Model, Parameter
from imagekit.declare.host import Host, Offer
from imagekit.declare.spell import spell
from imagekit.declare.wire import Wire
from imagekit.hookspecs import hookimpl
from imagekit.plan.routes.route import Route
from imagekit.testing.kit.bodies import BodyChecks
from imagekit.testing.kit.declared import DeclarationChecks
from imagekit.testing.kit.golden import ReplyChecks, RequestChecks
from imagekit.testing.kit.jobs import JobChecks
from imagekit.testing.kit.secrets import SecretChecks
from imagekit.testing.kit.streams import StreamChecks
from imagekit.testing.kit.suite import Suite, planner

__all__ = ["WireSuite"]

MODEL = "kit-model"


class Speaker:
    """A made-up host that serves a made-up model in every dialect under test."""

    def __init__(self, suite: type[Suite]) -> None:
        self._suite = suite

    @hookimpl
    def imagekit_families(self) -> list[Family]:
        option = Parameter("kit_option", str)
        return [Family("kit", "Kit", (Model(MODEL, "Kit", parameters=(option,)),))]

    @hookimpl
    def imagekit_hosts(self) -> list[Host]:
        spells = spell("n seed user kit_option")
        return [
            Host(
                f"speaks-{wire.name}",
                "Kit",
                "http://127.0.0.1",
                Bearer(("KIT_KEY",)),
                (Offer(MODEL, "kit-1", wire.name, spells),),
            )
            for wire in self._suite.subjects()
        ]


class WireSuite(
    RequestChecks,
    ReplyChecks,
    BodyChecks,
    SecretChecks,
    JobChecks,
    StreamChecks,
    DeclarationChecks,
):
    """``class TestPetals(WireSuite): plugin = imagekit_petals; answers = PetalAnswers()``.

    Calls go to a made-up host, whose fields are spelled by their own names.
    """

    @classmethod
    def subjects(cls) -> Iterable[Wire]:
        return list(cls.plugin.imagekit_wires())

    @classmethod
    def helpers(cls) -> tuple[object, ...]:
        return (Speaker(cls),)

    @classmethod
    def routes(cls) -> list[Route]:
        registry = planner(cls).registry
        return [registry.route(f"speaks-{wire.name}", MODEL) for wire in cls.subjects()]

    @classmethod
    def wire_cases(cls) -> Iterator[str]:
        return (wire.name for wire in cls.subjects())

    def test_its_paths_and_spellings_are_sound(self, wire: str) -> None:
        (own,) = (one for one in self.subjects() if one.name == wire)
        assert "generate" in own.paths, "paths names no address for 'generate'"
        strange = {one.parameter for one in own.spells} - CANONICAL.keys()
        assert not strange, f"a wire spells what every model has, and not {', '.join(strange)}"
