"""The suites over everything that is installed, and a table of what came of it.

Plugins are found by their entry points. Where one is installed from a checkout, and has its
own suites in the tests beside it, those are run, with its data and its relaxations. Any
other gets the suites of what it declares, which need neither.
"""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from attrs import field

from imagekit.basics.classes import frozen
from imagekit.plugins.loading import Plugins
from imagekit.testing.kit.family_suite import FamilySuite
from imagekit.testing.kit.host_suite import HostSuite
from imagekit.testing.kit.suite import RELAXED, Suite
from imagekit.testing.kit.wire_suite import WireSuite

__all__ = ["declared_by", "main", "suites_of", "tests_beside"]

KINDS = {
    "imagekit_families": (FamilySuite, "family"),
    "imagekit_wires": (WireSuite, "wire"),
    "imagekit_hosts": (HostSuite, "host"),
    "imagekit_offers": (HostSuite, "host"),
}
COLUMNS = ("passed", "failed", "relaxed")


def main(arguments: list[str]) -> int:
    """Run, print the table, and return 1 when a check fails or a plugin does not load."""
    plugins = Plugins.load({})
    plugins.registry()
    broken = [one for one in plugins.installed if one.state == "failed"]
    tally = Tally()
    files = sorted({str(path) for path in _files(plugins)})
    options = ["-p", "no:cacheprovider", "-p", "no:terminal", "-o", "addopts="]
    quiet = [*options, "--import-mode=importlib", *arguments]
    code = pytest.main(
        [*quiet, "--pyargs", "imagekit.testing.kit.installed", *files], plugins=[tally]
    )
    if code == pytest.ExitCode.USAGE_ERROR:  # pytest has said what is wrong
        return int(code)
    _print(tally)
    for one in broken:
        sys.stdout.write(f"{one.label} does not load: {one.error}\n")
    return 1 if broken or tally.failures or code not in (0, 5) else 0


def tests_beside(module: ModuleType) -> list[Path]:
    """The test files of a plugin that is installed from a checkout."""
    folder = Path(str(module.__file__)).parent.parent / "tests"
    return sorted(folder.rglob("test_*.py")) if (folder.parent / "setup.cfg").exists() else []


def suites_of(module: ModuleType) -> Iterator[tuple[type[Suite], str]]:
    """(suite, kind) of everything that a plugin declares."""
    return iter(dict.fromkeys(KINDS[hook] for hook in KINDS if hasattr(module, hook)))


def declared_by(module: ModuleType) -> Iterator[Any]:
    """The families, wires and hosts that a plugin brings."""
    for hook in KINDS:
        yield from getattr(module, hook, tuple)()


def _files(plugins: Plugins) -> Iterator[Path]:
    for one in plugins.installed:
        if isinstance(one.module, ModuleType):
            yield from tests_beside(one.module)


@frozen(eq=False)
class Tally:
    """A plugin of pytest: keeps the checks of suites, and counts what becomes of them."""

    counts: dict[tuple[str, str], Counter[str]] = field(factory=lambda: defaultdict(Counter))
    failures: list[tuple[str, str]] = field(factory=list)
    _rows: dict[str, tuple[str, str]] = field(factory=dict)

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = [item for item in items if self._is_of_a_suite(item)]
        own = {self._rows[item.nodeid] for item in items if not _is_made_here(item)}
        items[:] = [
            item for item in items if not _is_made_here(item) or self._rows[item.nodeid] not in own
        ]

    def pytest_runtest_logreport(self, report: Any) -> None:
        row = self._rows[report.nodeid]
        if report.failed:
            self.counts[row]["failed"] += 1
            self.failures.append((report.nodeid.partition("::")[2], _reason(report)))
        elif report.skipped and RELAXED in str(report.longrepr):
            self.counts[row]["relaxed"] += 1
        elif report.when == "call" and report.passed:
            self.counts[row]["passed"] += 1

    def pytest_collectreport(self, report: Any) -> None:
        if report.failed:
            self.failures.append((report.nodeid, _reason(report)))

    def _is_of_a_suite(self, item: pytest.Item) -> bool:
        suite = getattr(item, "cls", None)
        if suite is None or not issubclass(suite, Suite):
            return False
        kind = next(kind for base, kind in KINDS.values() if issubclass(suite, base))
        self._rows[item.nodeid] = (suite.plugin.__name__, kind)
        return True


def _is_made_here(item: pytest.Item) -> bool:
    """Whether it is of a suite that `imagekit.testing.kit.installed` makes."""
    return item.path.name == "installed.py"


def _reason(report: Any) -> str:
    lines = str(report.longrepr).strip().splitlines()
    told = [line[1:].strip() for line in lines if line.startswith("E   ")]
    return (told or lines or ["?"])[0]


def _print(tally: Tally) -> None:
    rows = [("PLUGIN", "KIND", *(column.upper() for column in COLUMNS))]
    for (name, kind), counts in sorted(tally.counts.items(), key=lambda row: row[0][::-1]):
        rows.append((name, kind, *(str(counts[column]) for column in COLUMNS)))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    sys.stdout.write("\n")
    for row in rows:
        words = [word.ljust(width) for word, width in zip(row[:2], widths, strict=False)]
        words += [word.rjust(width) for word, width in zip(row[2:], widths[2:], strict=True)]
        sys.stdout.write("  ".join(words).rstrip() + "\n")
    for name, reason in tally.failures:
        sys.stdout.write(f"\nFAILED {name}\n  {reason}\n")
