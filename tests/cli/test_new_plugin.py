"""``imagekit plugins new``: what comes out works as it is, and nothing is overwritten."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from imagekit import Client
from imagekit.cli import exits
from imagekit.cli.app import run
from imagekit.cli.commands.new_plugin.rendering import plugin_files

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "contrib" / "example-plugin"
KINDS = (["--host"], ["--family"], ["--host", "--family"], ["--wire"], ["--wire", "--family"])

of_each_kind = pytest.mark.parametrize("kind", KINDS, ids=" ".join)


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def contents(folder: Path) -> dict[str, str]:
    paths = (path for path in folder.rglob("*") if path.is_file())
    return {
        str(path.relative_to(folder)): path.read_text(encoding="utf-8")
        for path in paths
        if path.suffix != ".pyc" and ".egg-info" not in str(path)
    }


def test_the_example_in_contrib_is_what_comes_out() -> None:
    """One text for both: whoever changes a template runs the command for the example again."""
    (read,) = {
        line.split('"')[3]
        for line in (EXAMPLE / "imagekit_example" / "host.py").read_text().splitlines()
        if line.startswith("DOCS")
    }
    assert contents(EXAMPLE) == plugin_files("example", ["family", "host"], "example-1", read)


@of_each_kind
def test_it_says_where_it_is_and_what_to_do_next(
    kind: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["plugins", "new", "my-pond", *kind]) == 0
    said = capsys.readouterr()
    assert said.out == "imagekit-my-pond\n"
    first, *commands = said.err.splitlines()
    assert first == "next:"
    assert commands[:2] == ["  pip install -e imagekit-my-pond", "  pytest imagekit-my-pond"]
    assert commands[2].startswith('  imagekit generate "a corgi" -m ')


def test_another_place_can_be_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["plugins", "new", "pond", "--host", "--dir", "src/the pond"]) == 0
    assert Path("src/the pond/imagekit_pond/host.py").is_file()
    assert "pip install -e 'src/the pond'" in capsys.readouterr().err


def tool(*arguments: str) -> None:
    """Run a tool of this environment where the plugin is, as its author would."""
    environment = {**os.environ, "PYTHONPATH": ".", "MYPYPATH": str(ROOT)}
    command = [sys.executable, "-m", *arguments]
    done = subprocess.run(
        command, cwd="imagekit-my-pond", env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


@of_each_kind
def test_it_is_clean_by_the_rules_that_ruff_has_for_anybody(kind: list[str]) -> None:
    run(["plugins", "new", "my-pond", *kind])
    tool("ruff", "check", "--isolated", "--no-cache")
    tool("ruff", "format", "--check", "--isolated", "--no-cache")


@pytest.fixture(scope="module")
def known_types(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What mypy has found out of imagekit, which is the same for every kind."""
    return tmp_path_factory.mktemp("types")


@pytest.mark.slow
@of_each_kind
def test_its_types_are_right(kind: list[str], known_types: Path) -> None:
    run(["plugins", "new", "my-pond", *kind])
    options = ["--strict", "--follow-imports=silent", f"--cache-dir={known_types}"]
    tool("mypy", *options, "imagekit_my_pond")


@of_each_kind
def test_it_passes_the_suites_for_plugins(kind: list[str]) -> None:
    run(["plugins", "new", "my-pond", *kind])
    setup = ["-c", "import setuptools; setuptools.setup()", "-q", "egg_info"]
    subprocess.run([sys.executable, *setup], cwd="imagekit-my-pond", check=True)
    tool("pytest", "-q", "-p", "no:cacheprovider")


# --- what is refused --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("My_Pond", "begins with a letter: my-pond"),
        ("MyPond", ": my-pond"),
        ("my pond", ": my-pond"),
        ("-pond-", ": pond"),
        ("2nd-pond", ": nd-pond"),
        ("", "begins with a letter\n"),
        ("2", "begins with a letter\n"),
        ("池", "begins with a letter\n"),
        ("../pond", ": pond"),
        ("imagekit-pond", "leave the prefix away, it is added: pond"),
    ],
)
def test_a_name_that_can_t_be_one_is_refused_with_one_that_can(
    name: str, why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["plugins", "new", "--host", "--", name]) == 2
    assert why in capsys.readouterr().err
    assert not [*Path().iterdir()]


def test_a_host_serves_the_model_that_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["plugins", "new", "pond", "--host", "--serves", "seedream-4-5-251128"]) == 0
    assert "-m pond:seedream-4.5 --dry-run" in capsys.readouterr().err
    assert 'model="seedream-4.5"' in Path("imagekit-pond/imagekit_pond/host.py").read_text()


def test_a_host_can_t_serve_a_model_that_is_not_installed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run(["plugins", "new", "pond", "--host", "--serves", "seedream-4.6"]) == 2
    assert "did you mean seedream-4.5" in capsys.readouterr().err
    monkeypatch.setenv("IMAGEKIT_PLUGINS", "")
    assert run(["plugins", "new", "pond", "--host"]) == 2
    assert "add --family to make one" in capsys.readouterr().err
    assert not [*Path().iterdir()]


def test_without_a_kind_it_asks_for_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["plugins", "new", "pond"]) == 2
    assert "--host, --family, or both" in capsys.readouterr().err


@pytest.mark.parametrize("taken", ["directory", "file", "below a file"])
def test_nothing_is_overwritten(taken: str, capsys: pytest.CaptureFixture[str]) -> None:
    target = Path("imagekit-pond")
    if taken == "directory":
        target.mkdir()
    precious = target / "precious" if taken == "directory" else target
    precious.write_text("mine")
    where = target / "deeper" if taken == "below a file" else target
    assert run(["plugins", "new", "pond", "--host", "--dir", str(where)]) == 2
    assert "choose another place with --dir" in capsys.readouterr().err
    assert precious.read_text() == "mine"
    assert contents(Path()) == {str(precious): "mine"}


def test_an_empty_directory_is_as_good_as_none() -> None:
    Path("imagekit-pond").mkdir()
    assert run(["plugins", "new", "pond", "--host"]) == 0


def test_a_name_that_an_installed_plugin_has_is_refused(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["plugins", "new", "fal", "--wire"]) == exits.USAGE
    assert "the name fal is taken" in capsys.readouterr().err
    assert not list(here.iterdir())


def test_without_a_model_a_host_gets_the_one_that_most_hosts_serve() -> None:
    assert run(["plugins", "new", "pond", "--host"]) == 0
    with Client() as client:
        served = {name: len(client.registry.routes_to(name)) for name in client.registry.models}
    text = Path("imagekit-pond/imagekit_pond/host.py").read_text(encoding="utf-8")
    (chosen,) = {name for name in served if f'"{name}"' in text}
    assert served[chosen] == max(served.values())
