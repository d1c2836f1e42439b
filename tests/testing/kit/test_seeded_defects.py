"""The kit finds what it says it finds: copies of healthy plugins, each with one mistake.

All copies are checked in one run of pytest, in a process of its own. A row of a table is a
mistake: what is replaced by what, and the checks that fail because of it: these, no others.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from xml.etree import ElementTree

import pytest
from attrs import frozen
from defects.families import FAMILY
from defects.hosts import HOST
from defects.mistake import AT_ONCE, DISTRIBUTION, LIGHT, PURE, RELAXATIONS, STARTS
from defects.wires import WIRE

pytestmark = pytest.mark.slow

HERE = Path(__file__).parent

#: Of the test file instead of the plugin: what it relaxes, badly.
RELAXED = {
    "a check that does not exist": {"test_values_are_frosen": "its values melt"},
    "no reason": {"test_values_are_frozen": " "},
}

#: file of the distribution -> (what is in it, the check that notices)
PACKAGED = {
    "no entry point": ("entry_points.txt", "[other]\n", DISTRIBUTION[:2]),
    "no requirement": ("METADATA", "Requires-Dist: attrs\n", DISTRIBUTION[1:2]),
    "no py.typed": ("py.typed", "", DISTRIBUTION[2:]),
    "nothing": ("", "", ()),
}


@frozen
class Copy:
    """One copy of a healthy plugin, and how its test file is written."""

    name: str
    of: str
    suite: str
    edits: dict[str, str]
    relaxed: dict[str, str]


def copies() -> dict[str, Copy]:
    """Every copy by the title of its mistake."""
    unpacked = dict.fromkeys(DISTRIBUTION, "a copy that is not installed")
    probed = (LIGHT, STARTS, PURE)  # each takes a process: only where it is about that
    quick = unpacked | dict.fromkeys(probed, "a copy with another mistake")
    found: dict[str, Copy] = {}
    tables = (
        ("lily", "FamilySuite", FAMILY),
        ("lily", "HostSuite", HOST),
        ("petals", "WireSuite", WIRE),
    )
    for of, suite, table in tables:
        for title, one in table.items():
            found[f"{suite}: {title}"] = Copy(
                f"{of}{len(found)}",
                of,
                suite,
                one.edits,
                unpacked if {*probed} & {*one.fails} else quick,
            )
        found[f"{suite}: healthy"] = Copy(f"{of}{len(found)}", of, suite, {}, unpacked)
    for title, relaxed in RELAXED.items():
        name = f"lily{len(found)}"
        found[f"relaxed: {title}"] = Copy(name, "lily", "FamilySuite", {}, quick | relaxed)
    for title in PACKAGED:
        found[f"packaged: {title}"] = Copy(f"petals{len(found)}", "petals", "WireSuite", {}, {})
    return found


COPIES = copies()
FACTS_FILE = HERE / "data" / "facts.json"
#: The data beside the test of a copy.
DATA = {"FamilySuite": [FACTS_FILE], "HostSuite": sorted((HERE / "data").rglob("*.json"))}


def write(copy: Copy, title: str, root: Path) -> None:
    """The package, its test beside its data, and its distribution if it has one."""

    def named(text: str) -> str:
        return text.replace(copy.of, copy.name)

    source = (HERE / copy.of / "__init__.py").read_text()
    for old, new in copy.edits.items():
        assert old in source, old
        source = source.replace(old, new)
    package, tests = root / copy.name, root / "tests" / copy.name
    for path in DATA.get(copy.suite, ()):
        target = tests / path.relative_to(HERE / "data")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(named(path.read_text()))
    package.mkdir()
    tests.mkdir(parents=True, exist_ok=True)
    for path in (HERE / copy.of).glob("*.py"):
        (package / path.name).write_text(named(path.read_text()))
    (package / "__init__.py").write_text(named(source))
    (tests / f"test_{copy.name}.py").write_text(
        f"import {copy.name}\nfrom imagekit.testing import {copy.suite}\n\n\n"
        f"class TestIt({copy.suite}):\n    plugin = {copy.name}\n"
        f"    relaxed = {copy.relaxed}\n"
    )
    kind, _, what = title.partition(": ")
    if kind == "packaged":
        distribute(copy.name, root, PACKAGED[what])


def distribute(name: str, root: Path, mistake: tuple[str, str, tuple[str, ...]]) -> None:
    info = root / f"dist_{name}-1.0.dist-info"
    info.mkdir()
    files = {
        "METADATA": "Requires-Dist: imagekit\n",
        "entry_points.txt": f"[imagekit]\n{name} = {name}\n",
    }
    if mistake[0] != "py.typed":
        (root / name / "py.typed").touch()
    if mistake[0] in files:
        files[mistake[0]] = mistake[1]
    head = f"Metadata-Version: 2.1\nName: dist-{name}\nVersion: 1.0\n"
    (info / "METADATA").write_text(head + files["METADATA"])
    (info / "entry_points.txt").write_text(files["entry_points.txt"])


@pytest.fixture(scope="module")
def failed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """The names of the checks that failed, by the name of the copy."""
    root = tmp_path_factory.mktemp("copies")
    for title, copy in COPIES.items():
        write(copy, title, root)
    report = root / "report.xml"
    options = ["-q", "-p", "no:cacheprovider", "--import-mode=importlib", f"--junitxml={report}"]
    options += ["--tb=no", "--capture=no"]  # which take their time for each check
    options += ["--continue-on-collection-errors"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, "--rootdir", root, root / "tests"],
        env={**os.environ, "PYTHONPATH": str(root), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        cwd=root,
        capture_output=True,
        text=True,
    )
    assert report.exists(), done.stdout + done.stderr
    found: dict[str, set[str]] = defaultdict(set)
    for case in ElementTree.parse(report).iter("testcase"):
        bad = case.find("failure") is not None or case.find("error") is not None
        if not case.get("classname"):  # it is the whole file, which could not be imported
            found[str(case.get("name")).split(".")[-2]].add(AT_ONCE)
            continue
        name = str(case.get("classname")).split(".")[-2].removeprefix("test_")
        found[name] |= {str(case.get("name")).partition("[")[0]} if bad else set()
    return found


def expected(title: str) -> tuple[str, ...]:
    kind, _, what = title.partition(": ")
    if kind == "relaxed":
        return (RELAXATIONS,)
    if kind == "packaged":
        return PACKAGED[what][2]
    table = {"FamilySuite": FAMILY, "HostSuite": HOST, "WireSuite": WIRE}[kind]
    return () if what == "healthy" else table[what].fails


@pytest.mark.parametrize("title", COPIES)
def test_a_mistake_is_found_by_the_checks_that_are_for_it(
    failed: dict[str, set[str]], title: str
) -> None:
    assert failed[COPIES[title].name] == set(expected(title))


def test_every_check_of_the_kit_has_a_mistake_that_only_it_finds() -> None:
    """Or that it finds with others: a check that can't fail is worth nothing. A price that has run
    out is only warned of, which test_facts.py sees to."""
    from imagekit.testing import FamilySuite, HostSuite, WireSuite

    found = {name for title in COPIES for name in expected(title)}
    suites = (FamilySuite, HostSuite, WireSuite)
    checks = {name for suite in suites for name in dir(suite) if name.startswith("test_")}
    assert checks - {"test_prices_are_those_of_today"} == found - {AT_ONCE}
