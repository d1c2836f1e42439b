"""Every block of code in README.md and docs/ is run, page by page, from the top.

A page has one directory and one Python namespace, and its blocks are run in order:

- ``python`` is executed, ``sh`` run by a real shell, and each ``$`` line of ``console``, too;
  what stands below such a line is what it prints, with ``...`` for anything;
- ``toml`` has to be a configuration without mistakes, ``json``, ``yaml`` and ``ini`` well-formed;
- ``text`` and ``markdown`` are no code.

An invisible comment right before a block may say more:

- ``<!-- file: PATH -->``: the block is the content of this file;
- ``<!-- output -->``: the block is what the Python block before it prints;
- ``<!-- setup ... -->``: Python that readers need not see;
- ``<!-- not run: REASON -->``: see REASONS.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from configparser import ConfigParser
from pathlib import Path
from typing import Any

import pytest
import yaml
from attrs import frozen

from imagekit.cli.app import run

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]
PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "SECURITY.md",
    *sorted((ROOT / "docs").glob("*.md")),
]
#: Why a block may not be run; ``pytest -rs`` lists each.
REASONS = {
    "asks a real host",
    "changes the checkout",
    "changes your environment",
    "changes your shell",
    "needs a container engine",
    "needs a Ray cluster",
    "needs a running gateway",
    "needs root",
    "needs your input",
    "runs until you stop it",
    "sets up the checkout",
}

_BLOCK = re.compile(
    r"^<!-- setup\n(?P<setup>.*?)^-->$"
    r"|^(?:<!-- (?P<note>(?!setup)[^\n]*?) -->\n)?```(?P<language>\w*)\n(?P<code>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)


@frozen
class Block:
    """One block of a page: its language, its text, and what the comment before it says."""

    line: int
    language: str
    code: str
    note: str


def blocks(page: Path) -> Iterator[Block]:
    text = page.read_text(encoding="utf-8")
    for match in _BLOCK.finditer(text):
        kind = "code" if match["setup"] is None else "setup"
        line = text.count("\n", 0, match.start(kind)) + 1
        yield Block(line, match["language"] or "", match[kind], match["note"] or "")


NOT_RUN = [
    pytest.param(block.note.removeprefix("not run: "), id=f"{page.name}:{block.line}")
    for page in PAGES
    for block in blocks(page)
    if block.note.startswith("not run")
]


class Reader:
    """Somebody who does all that a page says, in one directory."""

    def __init__(self, page: Path, commands: Path) -> None:
        self.page = page
        self.namespace: dict[str, Any] = {"__name__": page.stem}
        self.printed = ""
        path = os.pathsep.join([str(commands), str(Path(sys.executable).parent)])
        self.environment = {
            **os.environ,
            "PATH": os.pathsep.join([path, os.environ["PATH"]]),
            "PYTHONPATH": str(commands / "site"),
            "PYTHONUNBUFFERED": "1",  # as in a terminal: lines come in the order of time
        }

    def read(self, block: Block) -> None:
        kind, _, detail = block.note.partition(": ")
        if kind == "file":
            Path(detail).parent.mkdir(parents=True, exist_ok=True)
            Path(detail).write_text(block.code, encoding="utf-8")
        elif kind == "output":
            assert alike(self.printed, block.code), self.printed
        elif kind != "not run":
            assert not kind, f"<!-- {block.note} -->"
            getattr(self, block.language or "python")(block)
        if block.language == "toml" and kind != "not run":
            self.toml(block)

    def python(self, block: Block) -> None:
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            code = "\n" * (block.line - 1) + block.code
            exec(compile(code, str(self.page), "exec", dont_inherit=True), self.namespace)
        self.printed = printed.getvalue()

    def sh(self, block: Block) -> None:
        code, printed = self.shell(f"set -e\n{block.code}")
        assert code == 0, printed

    def console(self, block: Block) -> None:
        """Commands without an output have to work; of the others the output counts."""
        for command, output in re.findall(r"^\$ (.*\n)((?:(?!\$ ).*\n)*)", block.code, re.M):
            code, printed = self.shell(command)
            assert alike(printed, output) if output else code == 0, printed

    def shell(self, script: str) -> tuple[int, str]:
        done = subprocess.run(
            ["/bin/sh", "-c", script],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
        )
        return done.returncode, done.stdout

    def toml(self, block: Block) -> None:
        Path(".checked.toml").write_text(block.code, encoding="utf-8")
        assert run(["--config", ".checked.toml", "config", "check"]) == 0

    def json(self, block: Block) -> None:
        json.loads(block.code)

    def ini(self, block: Block) -> None:
        ConfigParser().read_string(block.code)

    def yaml(self, block: Block) -> None:
        yaml.safe_load(block.code)

    def text(self, block: Block) -> None:
        """Nothing to run."""

    markdown = text


def alike(printed: str, shown: str) -> bool:
    """Whether the one is the other, where ``...`` stands for anything."""
    pattern = re.escape(shown.strip()).replace(re.escape("..."), ".*")
    return re.fullmatch(pattern, printed.strip(), re.DOTALL) is not None


PIP = """\
#!{python}
# pip install -e DIRECTORY, into this page's own environment and without a network.
import pathlib, subprocess, sys
assert sys.argv[1:3] == ["install", "-e"], sys.argv
source, site = pathlib.Path(sys.argv[3]).resolve(), pathlib.Path(__file__).parent / "site"
setup = [sys.executable, "-c", "import setuptools; setuptools.setup()", "-q", "egg_info"]
subprocess.run(setup, cwd=source, check=True)
site.mkdir(exist_ok=True)
for path in source.glob("imagekit_*"):
    (site / path.name).symlink_to(path)
"""


@pytest.fixture
def commands(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with the one command that must not do what it really does."""
    folder = tmp_path_factory.mktemp("commands")
    pip = folder / "pip"
    pip.write_text(PIP.format(python=sys.executable))
    pip.chmod(0o755)
    return folder


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_block_of_a_page_is_right(
    page: Path, commands: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    reader = Reader(page, commands)
    for block in blocks(page):
        try:
            reader.read(block)
        except AssertionError as error:
            where = f"{page.name}, line {block.line}"
            raise AssertionError(f"{where}:\n{block.code}\nis wrong: {error}") from None


@pytest.mark.parametrize("reason", NOT_RUN)
def test_what_is_not_run_says_why(reason: str) -> None:
    assert reason in REASONS
    pytest.skip(reason)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_fence_is_a_block_that_is_run(page: Path) -> None:
    """An indented or unclosed fence would be passed over in silence."""
    fences = re.findall(r"^\s*(?:```|~~~)", page.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(fences) == 2 * sum(bool(block.language) for block in blocks(page))


def test_all_pages_can_be_read_in_one_directory_and_blocks_run_again() -> None:
    """A file is never overwritten unasked, so no two commands may write the same one."""
    commands = [
        command
        for page in PAGES
        for block in blocks(page)
        if block.language in ("sh", "console")
        for command in block.code.replace("\\\n", " ").splitlines()
        if "imagekit generate" in command and not re.search("--(dry-run|force)", command)
    ]
    named = [name for each in commands for name in re.findall(r" -o (\S+[^/\s])", each)]
    assert sorted(named) == sorted(set(named))
    python = [block.code for page in PAGES for block in blocks(page) if block.language == "python"]
    saved = [call for code in python for call in re.findall(r"\.save\(.*", code)]
    assert [call for call in saved if "overwrite=True" not in call] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_link_leads_somewhere(page: Path) -> None:
    """Pages link to pages (and the README to files); the site's own check knows no README."""
    text = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)
    for target, anchor in re.findall(r"\]\((?!https?://)([^)#]*)(?:#([^)]*))?\)", text):
        found = page.parent / target if target else page
        assert found.exists(), target
        if anchor:
            headings = re.findall(r"^#+ (.*)$", found.read_text(encoding="utf-8"), re.M)
            assert anchor in {re.sub(r"[^\w -]", "", h).lower().replace(" ", "-") for h in headings}


# --- the README, beyond its blocks -------------------------------------------------------------

README = ROOT / "README.md"


def code(page: Path, language: str) -> list[str]:
    return [block.code for block in blocks(page) if block.language == language]


def test_the_two_commands_head_the_readme_and_exist() -> None:
    first = code(README, "sh")[0]
    assert [line.split("#")[0].strip() for line in first.splitlines()] == ["make demo", "make test"]
    for target in ("demo", "test", "test-all", "lint", "types", "bench", "docs"):
        done = subprocess.run(["make", "-n", target], cwd=ROOT, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr


def test_the_install_line_names_every_plugin_there_is() -> None:
    (line,) = [block for block in code(README, "sh") if "pip install" in block]
    named = {word for word in shlex.split(line) if word.startswith("./plugins/")}
    there = {
        f"./{path.parent.relative_to(ROOT)}" for path in (ROOT / "plugins").glob("*/*/setup.cfg")
    }
    assert named == there


def test_the_readme_shows_the_configuration_that_its_page_begins_with() -> None:
    page = ROOT / "docs" / "configuration.md"
    assert code(README, "toml") == code(page, "toml")[:1]
