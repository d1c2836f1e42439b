"""What every suite has: a plugin, relaxations with reasons, cases, a clean surrounding.

A suite is a class that pytest collects once somebody subclasses it. What it needs from
pytest it brings along as fixtures and hooks of the class, so nothing is registered with
pytest, and no run of anybody else notices that imagekit is installed.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar

import pytest

from imagekit.client.client import Client
from imagekit.plan.call import Call, spell_call
from imagekit.plan.routes.route import Route
from imagekit.plugins.loading import Plugins
from imagekit.testing.answers import Answers
from imagekit.testing.isolation import isolate
from imagekit.testing.kit.samples import as_taken
from imagekit.testing.kit.speaking import Spoken, spoken_on
from imagekit.values import Problem

__all__ = ["PROMPT", "RELAXED", "Suite", "derived", "judged", "planner", "plugins_of"]

PROMPT = "a heron"
#: How the reason of a skipped check begins, so that a report can tell it from other skips.
RELAXED = "relaxed: "


class Suite:
    """The base of `FamilySuite`, `WireSuite` and `HostSuite`.

    Attributes:
        plugin: the module that the entry point names.
        on_routes: of a class of checks: they need a route; without one they are skipped.
        answers: how hosts say yes, not yet and no, where they say it in other words than
            their wire's own `imagekit.Wire.answers`: of all wires, or by the name of each.
        relaxed: name of a check, of one of its cases (``test_x[case]``), or of a class of
            checks (``FaultChecks``), to the reason why this plugin need not pass it.
    """

    plugin: ModuleType
    answers: ClassVar[Answers | Mapping[str, Answers] | None] = None
    relaxed: ClassVar[Mapping[str, str]] = {}
    on_routes: ClassVar[bool] = False

    # --- what a suite is about; other suites than those of plugins may say otherwise ---------

    @classmethod
    def subjects(cls) -> Iterable[Any]:
        """The families, wires or hosts under test."""
        raise NotImplementedError

    @classmethod
    def helpers(cls) -> tuple[object, ...]:
        """Further plugins that are needed to plan calls."""
        return ()

    @classmethod
    def routes(cls) -> list[Route]:
        """The routes on which calls are planned."""
        raise NotImplementedError

    @classmethod
    def spoken_cases(cls) -> list[Spoken]:
        """One of each wire that the plugin speaks."""
        return spoken_on(cls.routes(), cls.answers)

    @classmethod
    def folder(cls) -> Path:
        """Where the data files are: beside the test."""
        return Path(inspect.getfile(cls)).parent

    # --- pytest ----------------------------------------------------------------------------------

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """An argument ``boundary`` takes every value of the class method ``boundary_cases``."""
        for name in metafunc.fixturenames:
            cases = getattr(type(self), f"{name}_cases", None)
            if cases is not None:
                metafunc.parametrize(name, derived(cases), ids=str)

    @pytest.fixture(autouse=True)
    def _relaxation(self, request: pytest.FixtureRequest) -> None:
        function = request.function.__name__
        groups = [group.__name__ for group in _owners(type(self), function)]
        names = [request.node.name, function, *groups]
        reason = next((self.relaxed[name] for name in names if name in self.relaxed), None)
        if reason:
            pytest.skip(RELAXED + reason)
        on_routes = any(vars(group).get("on_routes") for group in _owners(type(self), function))
        if on_routes and not derived(self.routes):
            pytest.skip("there is no route to check this on; other checks say why")

    @pytest.fixture(autouse=True)
    def _isolation(self, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: Any) -> None:
        isolate(monkeypatch, str(tmp_path_factory.getbasetemp()))

    def test_every_relaxation_has_a_reason_and_a_check(self) -> None:
        """A misspelt name would relax nothing, and one without a reason explains nothing."""
        groups = {group.__name__ for group in type(self).__mro__} - {"Suite", "object"}
        unknown = [
            name
            for name in self.relaxed
            if name not in groups and not hasattr(self, name.partition("[")[0])
        ]
        assert not unknown, f"relaxed names checks that do not exist: {', '.join(unknown)}"
        silent = [name for name, reason in self.relaxed.items() if not str(reason).strip()]
        assert not silent, f"relaxed gives no reason for {', '.join(silent)}"


def _owners(suite: type, function: str) -> list[type]:
    """The classes of checks that a check is of."""
    return [group for group in suite.__mro__ if function in vars(group)]


def derived(cases: Any) -> list[Any]:
    """The cases, or none when the plugin is too broken to derive any: other checks say so."""
    try:
        return list(cases())
    except Exception:
        return []


def planner(suite: type[Suite]) -> Client:
    """A client of the suite's plugin and of what else is installed. It sends nothing."""
    if suite not in _planners:
        _planners[suite] = Client(environment={}, plugins=plugins_of(suite))
    return _planners[suite]


def plugins_of(suite: type[Suite]) -> Plugins:
    """The suite's plugin, strictly checked, beside every other plugin that works."""
    if suite not in _plugins:
        others = [module for module in _installed() if module is not suite.plugin]
        _plugins[suite] = Plugins.of(suite.plugin, *suite.helpers(), *others)
    return _plugins[suite]


_planners: dict[type[Suite], Client] = {}
_plugins: dict[type[Suite], Plugins] = {}


@cache
def _installed() -> list[object]:
    """The modules of all installed plugins that work."""
    plugins = Plugins.load({})
    plugins.registry()
    return [one.module for one in plugins.installed if one.state == "loaded"]


def judged(
    suite: type[Suite], route: Route, given: Mapping[str, Any]
) -> tuple[Call, list[Problem]]:
    """A call as it would be sent, and everything that is wrong with it."""
    asked = {"model": route.model.name, "prompt": PROMPT, **as_taken(route, given)}
    return planner(suite).engine.prepare(spell_call(route, asked))
