"""The kit finds what it says it finds: copies of healthy plugins, each with one mistake.

All copies are checked in one run of pytest, in a process of its own. A row of a table is a
mistake: what is replaced by what, and the checks that fail because of it: these, no others.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from xml.etree import ElementTree

import pytest
from attrs import frozen
from defects.authors import AUTHOR
from defects.families import FAMILY
from defects.hosts import HOST
from defects.mistake import AT_ONCE, DISTRIBUTION, LIGHT, PURE, RELAXATIONS, STARTS, Defect
from defects.page import Found, page
from defects.wires import WIRE

from imagekit.cli.commands.new_plugin.rendering import plugin_files

pytestmark = pytest.mark.slow

HERE = Path(__file__).parent

TABLES = {
    "lily, FamilySuite": FAMILY,
    "lily, HostSuite": HOST,
    "petals, WireSuite": WIRE,
    "reed, HostSuite": AUTHOR,
}

PAGE = HERE.parents[2] / "docs" / "mistakes.md"
#: What the page calls a table.
NAMES = {
    "lily, FamilySuite": "A family, and any plugin",
    "lily, HostSuite": "A host",
    "petals, WireSuite": "A wire",
    "reed, HostSuite": "A host with a queue of its own",
}
#: The tables of mistakes that more than one check may find.
REED = "reed, HostSuite: "

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
    for kind, table in TABLES.items():
        of, _, suite = kind.partition(", ")
        for title, one in table.items():
            found[f"{kind}: {title}"] = Copy(
                f"{of}{len(found)}",
                of,
                suite,
                one.edits,
                unpacked if {*probed} & {*one.fails} else quick,
            )
        found[f"{kind}: healthy"] = Copy(f"{of}{len(found)}", of, suite, {}, unpacked)
    for title, relaxed in RELAXED.items():
        name = f"lily{len(found)}"
        found[f"relaxed: {title}"] = Copy(name, "lily", "FamilySuite", {}, quick | relaxed)
    for title in PACKAGED:
        found[f"packaged: {title}"] = Copy(f"petals{len(found)}", "petals", "WireSuite", {}, {})
    return found


COPIES = copies()

#: The data beside the test of a copy.
DATA = {
    ("lily", "FamilySuite"): [HERE / "lily" / "data" / "facts.json"],
    ("lily", "HostSuite"): sorted((HERE / "lily" / "data").rglob("*.json")),
    ("reed", "HostSuite"): sorted((HERE / "reed" / "data").rglob("*.json")),
}


def healthy(of: str) -> dict[str, str]:
    """file -> text of the package of a healthy plugin. Reed has the wire of a new plugin."""
    own = {path.name: path.read_text() for path in (HERE / of).glob("*.py")}
    if of != "reed":
        return own
    made = plugin_files("reed", ["family", "host", "wire"], "reed-1", "2026-11-21")
    inside = {
        path.removeprefix("imagekit_reed/"): text.replace("imagekit_reed", "reed")
        for path, text in made.items()
        if path.startswith("imagekit_reed/")
    }
    return {**inside, **own}


def write(copy: Copy, title: str, root: Path) -> None:
    """The package, its test beside its data, and its distribution if it has one."""

    def named(text: str) -> str:
        return text.replace(copy.of, copy.name)

    files = healthy(copy.of)
    for old, new in copy.edits.items():
        assert any(old in text for text in files.values()), old
        files = {path: text.replace(old, new) for path, text in files.items()}
    package, tests = root / copy.name, root / "tests" / copy.name
    for path in DATA.get((copy.of, copy.suite), ()):
        target = tests / path.relative_to(HERE / copy.of / "data")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(named(path.read_text()))
    package.mkdir()
    tests.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (package / name).write_text(named(text))
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
def failed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, str]]:
    """By the name of the copy: the checks that failed, and what they said first."""
    return run(COPIES, tmp_path_factory.mktemp("copies"))


def run(copies: Mapping[str, Copy], root: Path) -> dict[str, dict[str, str]]:
    """Check these copies, in one run of pytest in that folder."""
    for title, copy in copies.items():
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
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for case in ElementTree.parse(report).iter("testcase"):
        bad = next(
            (one for kind in ("failure", "error") if (one := case.find(kind)) is not None), None
        )
        if not case.get("classname"):  # it is the whole file, which could not be imported
            assert bad is not None
            found[str(case.get("name")).split(".")[-2]][AT_ONCE] = last_line(bad.text or "")
        elif bad is not None:
            name = str(case.get("classname")).split(".")[-2].removeprefix("test_")
            check = str(case.get("name")).partition("[")[0]
            found[name].setdefault(check, str(bad.get("message")).splitlines()[0])
    return found


def last_line(traceback: str) -> str:
    """What an error says, at the end of how it came about."""
    lines = [line[1:].strip() for line in traceback.splitlines() if line.startswith("E ")]
    return lines[-1] if lines else traceback


def mistake(title: str) -> Defect | None:
    """The mistake that a copy has; None of one that is healthy, or not of these tables."""
    kind, _, what = title.partition(": ")
    return TABLES[kind].get(what) if kind in TABLES else None


def expected(title: str) -> tuple[str, ...]:
    kind, _, what = title.partition(": ")
    if kind == "relaxed":
        return (RELAXATIONS,)
    if kind == "packaged":
        return PACKAGED[what][2]
    found = mistake(title)
    return found.fails if found else ()


@pytest.mark.parametrize("title", [title for title in COPIES if not title.startswith(REED)])
def test_a_mistake_is_found_by_the_checks_that_are_for_it(
    failed: dict[str, dict[str, str]], title: str
) -> None:
    found = failed[COPIES[title].name]
    assert {*found} == {*expected(title)}, found


@pytest.mark.parametrize("title", [title for title in COPIES if mistake(title)])
def test_what_is_said_names_the_mistake(failed: dict[str, dict[str, str]], title: str) -> None:
    """By the check that is for it. What an author of a wire does wrong, others may notice, too."""
    made = mistake(title)
    assert made is not None
    found = failed[COPIES[title].name]
    assert made.says in found.get(made.fails[0], "nothing"), found


def found(failed: dict[str, dict[str, str]]) -> Iterator[Found]:
    """Every mistake of the tables, and what came of it."""
    for title, copy in COPIES.items():
        made = mistake(title)
        if made:
            kind, _, what = title.partition(": ")
            told, best = failed[copy.name], made.fails[0]
            message = told.get(best, "nothing")
            yield Found(NAMES[kind], what, copy.name, copy.of, frozenset(told), best, message)


def test_the_page_of_mistakes_is_current(failed: dict[str, dict[str, str]]) -> None:
    """``make mistakes`` writes it."""
    assert PAGE.read_text(encoding="utf-8") == page(found(failed))


def test_every_check_of_the_kit_has_a_mistake_that_only_it_finds() -> None:
    """Or that it finds with others: a check that can't fail is worth nothing. A price that has run
    out is only warned of, which test_facts.py sees to."""
    from imagekit.testing import FamilySuite, HostSuite, WireSuite

    found = {name for title in COPIES for name in expected(title)}
    suites = (FamilySuite, HostSuite, WireSuite)
    checks = {name for suite in suites for name in dir(suite) if name.startswith("test_")}
    assert checks - {"test_prices_are_those_of_today"} == found - {AT_ONCE}


if __name__ == "__main__":
    with TemporaryDirectory() as folder:
        PAGE.write_text(page(found(run(COPIES, Path(folder)))), encoding="utf-8")
