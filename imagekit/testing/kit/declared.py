"""What must hold of every plugin's declarations, whatever it declares."""

from __future__ import annotations

import pickle
import warnings
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from importlib.metadata import Distribution, entry_points
from pathlib import Path
from typing import Any

from attrs import fields, has

from imagekit.declare.fact import Fact
from imagekit.plugins.finding import GROUP
from imagekit.plugins.loading import Plugins
from imagekit.testing.kit.facts import compare_with_file
from imagekit.testing.kit.lost_hooks import lost_hooks
from imagekit.testing.kit.parts import HASHABLE, anatomy, facts, parts, prices
from imagekit.testing.kit.probe import REGISTRATION, look_at
from imagekit.testing.kit.suite import Suite

__all__ = ["DeclarationChecks"]


class DeclarationChecks(Suite):
    """Registration, values, facts and the distribution."""

    def test_the_plugin_loads(self) -> None:
        """Imported, its hooks exist, take only arguments that they are given, and none with
        a default; what they return is of the right kind, and no name is taken twice."""
        plugins = Plugins.of(self.plugin, *self.helpers())
        plugins.registry()
        hooks = {hook for one in plugins.installed for hook in one.hooks}
        assert hooks, f"{self.plugin.__name__} has no hook: mark its functions with @hookimpl"
        assert list(self.subjects()), f"{self.plugin.__name__} declares nothing of this kind"

    def test_its_hooks_are_named_by_its_module(self) -> None:
        """One that stands in another module of the package, as in ``host.py``, is asked of nobody
        else: it is not there."""
        name = self.plugin.__name__
        lost = [
            f"{hook} of {module} is never called: say in {name}/__init__.py: "
            f"from {module} import {hook} as {hook}"
            for module, hook in lost_hooks(self.plugin)
        ]
        assert not lost, "; ".join(lost)

    # --- registration --------------------------------------------------------------------------

    def test_importing_is_light(self) -> None:
        heavy = self._seen("heavy")
        assert not heavy, f"importing it imports {', '.join(heavy)}; import them where used"

    def test_importing_starts_nothing(self) -> None:
        started = self._seen("started")
        assert not started, f"importing it starts {', '.join(started)}"

    def test_registration_is_pure(self) -> None:
        """No environment, file, socket or clock is looked at."""
        touched = self._seen("touched")
        assert not touched, f"while its registration hooks run they look at {', '.join(touched)}"

    def test_registration_is_repeatable(self) -> None:
        for name in REGISTRATION:
            hook = getattr(self.plugin, name, None)
            if hook is not None:
                first, second = (anatomy(list(hook())) for _ in range(2))
                assert first == second, f"{name} does not declare the same twice"

    def _seen(self, what: str) -> list[str]:
        seen = look_at(self.plugin.__name__)
        assert "error" not in seen, f"it can't be imported: {seen.get('error')}"
        found: list[str] = seen[what]
        return found

    # --- values ----------------------------------------------------------------------------------

    def test_values_are_frozen(self) -> None:
        loose = [path for path, value in self._values() if _can_change(path, value)]
        assert not loose, f"can be changed: {', '.join(loose)}; use frozen classes and tuples"

    def test_values_are_hashable(self) -> None:
        loose = [
            path
            for path, value in self._values()
            if isinstance(value, HASHABLE) and not _has_hash(value)
        ]
        assert not loose, f"have no hash: {', '.join(loose)}"

    def test_values_can_be_pickled(self) -> None:
        for subject in self.subjects():
            copy = pickle.loads(pickle.dumps(subject))
            assert anatomy(copy) == anatomy(subject), f"{subject.name} is another after pickling"

    def _values(self) -> Iterator[tuple[str, Any]]:
        for subject in self.subjects():
            yield from parts(subject, getattr(subject, "name", type(subject).__name__))

    # --- facts ------------------------------------------------------------------------------------

    def test_facts_carry_source_and_date(self) -> None:
        found = [
            (what, _rumour(fact)) for subject in self.subjects() for what, fact in facts(subject)
        ]
        rumours = [f"{what} {why}" for what, why in found if why]
        assert not rumours, "; ".join(rumours)

    def test_prices_are_those_of_today(self) -> None:
        """Whoever has to look again is told by a warning: a plugin isn't broken by a date."""
        for subject in self.subjects():
            for what, price in prices(subject):
                if why := price.why_not(date.today()):
                    warnings.warn(f"{what}: {why}; look it up again", stacklevel=1)

    def test_facts_are_those_on_file(self) -> None:
        """``facts.json``, where there is one, says the same in other words: a slip in the
        declarations can't be found by what is derived from them."""
        compare_with_file(self.folder() / "facts.json", self.subjects())

    # --- the distribution -----------------------------------------------------------------------

    def test_the_entry_point_names_the_module(self) -> None:
        assert self._distribution(), f"no entry point of group {GROUP} is {self.plugin.__name__}"

    def test_the_distribution_requires_imagekit(self) -> None:
        found = self._distribution()
        wanted = found.requires or [] if found else []
        named = [line for line in wanted if line.replace("_", "-").split("[")[0][:8] == "imagekit"]
        assert named, "its distribution does not require imagekit"

    def test_types_are_shipped(self) -> None:
        file = Path(str(self.plugin.__file__))
        assert file.name == "__init__.py", "a plugin is a package, so that it can ship py.typed"
        assert (file.parent / "py.typed").exists(), "py.typed is not there"

    def _distribution(self) -> Distribution | None:
        for point in entry_points(group=GROUP):
            if point.module == self.plugin.__name__:
                return point.dist
        return None


def _can_change(path: str, value: Any) -> bool:
    if isinstance(value, list | set | bytearray):
        return not path.endswith(".default") and ".default" not in path
    if not has(type(value)):
        return isinstance(value, HASHABLE)
    names = [one.name for one in fields(type(value))]
    with suppress(AttributeError):  # attrs' FrozenInstanceError is one
        for name in names[:1]:
            setattr(value, name, getattr(value, name))
            return True
    return False


def _has_hash(value: Any) -> bool:
    try:
        hash(value)
    except TypeError:
        return False
    return True


def _rumour(fact: Fact | None) -> str:
    """Why a fact is none, or nothing."""
    if fact is None:
        return "has no fact"
    if not fact.source.strip():
        return "has a fact without a source"
    try:
        date.fromisoformat(fact.date)
    except ValueError:
        return f"was read on {fact.date!r}, which is no date such as 2026-11-21"
    return ""
