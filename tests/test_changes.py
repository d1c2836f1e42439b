"""What will stand in CHANGELOG.md: the fragments in docs/changes, and the tool that joins them."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from configparser import ConfigParser
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CHANGES = ROOT / "docs" / "changes"
EXAMPLE = ROOT / "contrib" / "example-plugin" / "setup.cfg"
TYPES = [
    type["directory"]
    for type in tomllib.loads((CHANGES / "towncrier.toml").read_text())["tool"]["towncrier"]["type"]
]


def contrib() -> list[Path]:
    """The example is published nowhere, so it has no changes."""
    return [path for path in ROOT.glob("contrib/*/setup.cfg") if path != EXAMPLE]


def distributions() -> set[str]:
    found = set()
    for path in (ROOT / "setup.cfg", *ROOT.glob("plugins/*/*/setup.cfg"), *contrib()):
        config = ConfigParser()
        config.read(path, encoding="utf-8")
        found.add(config["metadata"]["name"])
    return found


def flaw(fragment: Path) -> str:
    """What is wrong with a fragment; empty when nothing is."""
    text = fragment.read_text(encoding="utf-8")
    if fragment.parent.name not in distributions():
        return f"{fragment.parent.name} is no distribution"
    if not re.fullmatch(rf"[a-z0-9-]+\.({'|'.join(TYPES)})\.md", fragment.name):
        return f"its name is not WORDS.TYPE.md, with a type of {', '.join(TYPES)}"
    if re.search(r"^([#*-]|\s)", text, re.M):
        return "it has a heading, a list or an empty line: one change, in sentences"
    if not re.fullmatch(r"(?s)[A-Z*`].*[.)]\n", text):
        return "it is no sentence, from a capital to a full stop and the end of the line"
    return "" if max(map(len, text.splitlines())) <= 110 else "a line has more than 110 characters"


FRAGMENTS = sorted(path for path in CHANGES.glob("*/*") if path.is_file())


def test_every_fragment_is_well_formed() -> None:
    flaws = {str(path.relative_to(CHANGES)): flaw(path) for path in FRAGMENTS}
    assert not {name: why for name, why in flaws.items() if why}


@pytest.mark.parametrize(
    ("name", "text", "wrong"),
    [
        ("imagekit/ctrl-c.fixed.md", "Ctrl-C was not heard.\n", ""),
        ("imagekit-store/ctrl-c.fixed.md", "Ctrl-C was not heard.\n", ""),
        ("imagekit/ctrl-c.mended.md", "Ctrl-C was not heard.\n", "with a type of added, changed"),
        ("imagekit/Ctrl C.fixed.md", "Ctrl-C was not heard.\n", "WORDS.TYPE.md"),
        ("imagekit-lily/ctrl-c.fixed.md", "Ctrl-C was not heard.\n", "no distribution"),
        ("imagekit-example/ctrl-c.fixed.md", "Ctrl-C was not heard.\n", "no distribution"),
        ("imagekit-ark/ctrl-c.fixed.md", "- Ctrl-C was not heard.\n", "a list"),
        ("imagekit-ark/ctrl-c.fixed.md", "fix ctrl-c\n", "no sentence"),
        ("imagekit-ark/ctrl-c.fixed.md", f"Ctrl-C {'really ' * 20}works.\n", "110 characters"),
    ],
)
def test_a_flaw_of_a_fragment_is_found(tmp_path: Path, name: str, text: str, wrong: str) -> None:
    fragment = tmp_path / name
    fragment.parent.mkdir()
    fragment.write_text(text)
    assert wrong in flaw(fragment)
    assert bool(wrong) == bool(flaw(fragment))


# --- towncrier, as make changelog runs it -------------------------------------------------------


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A repository with the changelog, and nothing in docs/changes but how it is made."""
    pytest.importorskip("towncrier")
    changes = tmp_path / "docs" / "changes"
    changes.mkdir(parents=True)
    for file in ("towncrier.toml", "section.md.jinja"):
        (changes / file).write_bytes((CHANGES / file).read_bytes())
    (tmp_path / "CHANGELOG.md").write_bytes((ROOT / "CHANGELOG.md").read_bytes())
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    return tmp_path


def written(checkout: Path, name: str, text: str) -> None:
    fragment = checkout / "docs" / "changes" / name
    fragment.parent.mkdir(exist_ok=True)
    fragment.write_text(text)


def changelog(checkout: Path, of: str, version: str) -> subprocess.CompletedProcess[str]:
    """What ``make changelog`` does there."""
    command = ["make", "-s", "-n", "changelog", f"OF={of}", f"VERSION={version}"]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    arguments = told[told.index("build --config") :].replace("\\\n", " ").split()
    towncrier = [sys.executable, "-m", "towncrier", *arguments]
    return subprocess.run(towncrier, cwd=checkout, capture_output=True, text=True)


def test_fragments_become_the_newest_section_and_are_gone(checkout: Path) -> None:
    before = (checkout / "CHANGELOG.md").read_text(encoding="utf-8")
    written(checkout, "imagekit-ark/regions.added.md", "Added a region,\nof which there is one.\n")
    written(checkout, "imagekit-ark/ids.fixed.md", "An id was wrong.\n")
    written(checkout, "imagekit/ctrl-c.fixed.md", "Ctrl-C was not heard.\n")
    done = changelog(checkout, "imagekit-ark", "0.1.1")
    assert done.returncode == 0, done.stderr
    head, rest = before.split("<!-- versions -->\n")
    text = (checkout / "CHANGELOG.md").read_text(encoding="utf-8")
    new = text.removeprefix(f"{head}<!-- versions -->\n").removesuffix(rest)
    assert re.sub(r"\d{4}-\d\d-\d\d", "DATE", new.strip()) == (
        "## imagekit-ark 0.1.1 (DATE)\n\n"
        "### Added\n\n- Added a region,\n  of which there is one.\n\n"
        "### Fixed\n\n- An id was wrong."
    )
    left = [path.name for path in (checkout / "docs" / "changes").glob("*/*")]
    assert left == ["ctrl-c.fixed.md"]


def test_a_fragment_of_no_known_type_stops_it(checkout: Path) -> None:
    written(checkout, "imagekit/ctrl-c.mended.md", "Ctrl-C was not heard.\n")
    done = changelog(checkout, "imagekit", "0.2.0")
    assert done.returncode != 0
    assert "ctrl-c.mended.md" in done.stderr + done.stdout
