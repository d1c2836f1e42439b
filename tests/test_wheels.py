"""What is installed is what is in the wheels: build them, install them, use them."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from configparser import ConfigParser
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PLUGINS = sorted(path.parent for path in (ROOT / "plugins").glob("*/*/setup.cfg"))
EXAMPLE = ROOT / "contrib" / "example-plugin"
#: What is built on the core, and is published as it is.
CONTRIB = sorted({path.parent for path in (ROOT / "contrib").glob("*/setup.cfg")} - {EXAMPLE})
SOURCES = [ROOT, *PLUGINS, EXAMPLE, *CONTRIB]

by_name = pytest.mark.parametrize("plugin", PLUGINS, ids=lambda path: path.name)


STUB = ROOT / "plugins" / "hosts" / "sandbox" / "pyproject.toml"


def package_of(source: Path) -> str:
    name = source.name.removesuffix("-plugin").replace("-", "_")
    return "imagekit" if source == ROOT else f"imagekit_{name}"


def metadata_of(source: Path) -> ConfigParser:
    config = ConfigParser()
    config.read(source / "setup.cfg", encoding="utf-8")
    return config


def lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


# --- metadata: whoever has read one has read them all -----------------------------------------


@by_name
def test_every_plugin_s_metadata_has_the_same_shape(plugin: Path) -> None:
    config, package = metadata_of(plugin), package_of(plugin)
    assert set(config.sections()) == {
        "metadata",
        "options",
        "options.package_data",
        "options.entry_points",
    }
    assert config["metadata"]["name"] == f"imagekit-{plugin.name}"
    assert config["metadata"]["license"] == metadata_of(ROOT)["metadata"]["license"]
    assert config["metadata"]["description"].strip()
    packages = lines(config["options"]["packages"])
    assert packages == sorted(
        str(path.parent.relative_to(plugin)).replace("/", ".")
        for path in (plugin / package).rglob("__init__.py")
    )
    assert config["options"]["python_requires"] == metadata_of(ROOT)["options"]["python_requires"]
    (data,) = config["options.package_data"].items()
    assert data[0] == package
    assert "py.typed" in data[1].split(", ")
    assert lines(config["options.entry_points"]["imagekit"]) == [f"{plugin.name} = {package}"]
    required = lines(config["options"]["install_requires"])
    assert required[0].startswith("imagekit>=")  # tests/test_releases.py has more of it
    assert not [name for name in required[1:] if name.startswith("imagekit")]


@by_name
def test_every_plugin_has_the_same_files(plugin: Path) -> None:
    package = package_of(plugin)
    for name in ("README.md", "pyproject.toml", f"{package}/__init__.py", f"{package}/py.typed"):
        assert (plugin / name).is_file(), name
    assert (plugin / "pyproject.toml").read_bytes() == STUB.read_bytes()


@pytest.mark.parametrize("source", CONTRIB, ids=package_of)
def test_what_is_built_on_the_core_says_of_itself_what_plugins_say(source: Path) -> None:
    config, core, package = metadata_of(source), metadata_of(ROOT), package_of(source)
    assert config["metadata"]["name"] == f"imagekit-{source.name}"
    assert config["metadata"]["description"].strip()
    assert config["metadata"]["long_description"] == "file: README.md"
    assert config["metadata"]["license"] == core["metadata"]["license"]
    assert config["options"]["python_requires"] == core["options"]["python_requires"]
    points = config.get("options.entry_points", "imagekit", fallback="")
    named = [f"{source.name} = {package}"]
    assert lines(points) in ([], named), "a plugin, unless it changes nothing by being installed"
    assert (source / "pyproject.toml").read_bytes() == STUB.read_bytes()


def test_the_extra_all_names_the_command_line_and_every_plugin() -> None:
    named = lines(metadata_of(ROOT)["options.extras_require"]["all"])
    assert named == [
        "imagekit[cli]",
        "imagekit[pillow]",
        *sorted(f"imagekit-{plugin.name}" for plugin in PLUGINS),
    ]


#: Distribution -> the first release whose known holes are closed, of those that read what
#: strangers send: bounded decompression that ends (CVE-2025-66471, CVE-2026-44432,
#: CVE-2026-97688, 2026-09-29), pixels written out of bounds (CVE-2026-59199, 2026-07).
SAFE = {"urllib3": (2, 8), "Pillow": (12, 3)}


@pytest.mark.parametrize("source", [ROOT, *CONTRIB], ids=package_of)
def test_what_reads_the_bytes_of_strangers_is_a_release_without_known_holes(source: Path) -> None:
    config = metadata_of(source)
    required = lines(config["options"]["install_requires"])
    if config.has_section("options.extras_require"):
        for extra in config["options.extras_require"].values():
            required += [line for line in lines(extra) if ">=" in line]
    floors = {name: floor for name, _, floor in (line.partition(">=") for line in required)}
    for name in SAFE.keys() & floors.keys():
        assert tuple(map(int, floors[name].split("."))) >= SAFE[name], name


# --- wheels -----------------------------------------------------------------------------------

#: What pip does without isolation, but for starting Python twice for each of them.
BUILD = """
import os, sys
from setuptools import build_meta

wheels, *folders = sys.argv[1:]
for folder in folders:
    os.chdir(folder)
    build_meta.build_wheel(wheels)
"""


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """package -> its wheel, built from a copy so that the tree stays clean."""
    folder = tmp_path_factory.mktemp("wheels")
    sources = tmp_path_factory.mktemp("sources")
    copies = [_copy(source, sources / package_of(source)) for source in SOURCES]
    _run("-c", BUILD, folder, *copies)
    return {wheel.name.split("-")[0]: wheel for wheel in folder.glob("*.whl")}


@pytest.fixture(scope="module")
def installed(wheels: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("installed")
    options = ["--disable-pip-version-check", "--quiet", "--no-compile", "--no-deps", "--no-index"]
    _run("-m", "pip", "install", *options, "--target", folder, *wheels.values())
    return folder


def _copy(source: Path, target: Path) -> Path:
    """One distribution without what earlier builds left in it."""
    leftovers = shutil.ignore_patterns(".*", "__pycache__", "*.egg-info", "build", "dist")
    copied = shutil.copytree(source, target, ignore=leftovers)
    if source == ROOT:
        shutil.rmtree(target / "plugins")
        shutil.rmtree(target / "contrib")
    return copied


def _run(*arguments: str | Path) -> None:
    command = [sys.executable, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("source", SOURCES, ids=package_of)
def test_a_wheel_has_its_package_its_marker_and_nothing_else(
    wheels: dict[str, Path], source: Path
) -> None:
    package = package_of(source)
    names = zipfile.ZipFile(wheels[package]).namelist()
    tops = {name.split("/")[0] for name in names}
    assert {re.sub(r"-[\d.]+\.dist-info$", "", top) for top in tops} == {package}
    assert f"{package}/py.typed" in names
    assert not [name for name in names if "tests/" in name or "/test_" in name]
    shipped = {name for name in names if name.startswith(f"{package}/")}
    written = [path for path in (source / package).rglob("*") if path.is_file()]
    files = {str(path.relative_to(source)) for path in written if path.suffix != ".pyc"}
    assert shipped == files


@pytest.mark.slow
@pytest.mark.parametrize("source", [ROOT, *PLUGINS, *CONTRIB], ids=package_of)
def test_a_wheel_carries_the_license(wheels: dict[str, Path], source: Path) -> None:
    wheel = zipfile.ZipFile(wheels[package_of(source)])
    (text,) = [wheel.read(name) for name in wheel.namelist() if name.endswith("/LICENSE")]
    assert text == (ROOT / "LICENSE").read_bytes()


PROGRAM = """
import json, sys
import imagekit
from imagekit import Client

with Client(environment={}) as client:
    result = client.generate("a corgi", model="sandbox:seedream-4.0", size="1024x1024", seed=7)
    plugins = [[p.label, p.state, p.error] for p in client.plugins.installed]
json.dump({
    "file": imagekit.__file__,
    "pixels": result.image.pixels,
    "media_type": result.image.media_type,
    "plugins": plugins,
}, sys.stdout)
"""


def run(installed: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Python with the wheels first and this environment's libraries after them.

    -S keeps editable installs out: their .pth files are what puts the source tree there.
    """
    path = os.pathsep.join([str(installed), sysconfig.get_paths()["purelib"]])
    environment = {"PYTHONPATH": path}
    command = [sys.executable, "-S", *arguments]
    return subprocess.run(command, cwd=installed, env=environment, capture_output=True, text=True)


@pytest.mark.slow
def test_the_installed_wheels_make_a_picture_without_the_source_tree(installed: Path) -> None:
    done = run(installed, "-c", PROGRAM)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert Path(said["file"]).is_relative_to(installed)
    assert (said["pixels"], said["media_type"]) == ([1024, 1024], "image/png")
    versions = {p.name: metadata_of(p)["metadata"]["version"] for p in PLUGINS}
    for name, version in versions.items():
        assert [f"{name} (imagekit-{name} {version})", "loaded", ""] in said["plugins"]


@pytest.mark.slow
def test_the_installed_command_line_lists_the_plugins(installed: Path) -> None:
    done = run(installed, "-m", "imagekit.cli", "plugins")
    assert done.returncode == 0, done.stderr
    for plugin in PLUGINS:
        assert f"imagekit-{plugin.name}" in done.stdout


@pytest.mark.slow
def test_the_installed_command_line_writes_a_plugin(installed: Path, tmp_path: Path) -> None:
    """The templates are in the wheel, too."""
    command = ["-m", "imagekit.cli", "plugins", "new", "pond", "--host", "--family"]
    done = run(installed, *command, "--dir", str(tmp_path / "pond"))
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "pond" / "imagekit_pond" / "host.py").is_file()


KEPT = """
from imagekit import Client
from imagekit_store import Store

with Store("sqlite:///store.db") as store, Client(environment={}, journal=store) as client:
    client.generate("a corgi", model="sandbox:seedream-4.0", size="1024x1024")
    (entry,) = store.requests()
    print(entry.prompt, entry.state, store.picture(entry.id).pixels)
"""


@pytest.mark.slow
def test_the_installed_store_keeps_a_picture_of_a_program(installed: Path) -> None:
    done = run(installed, "-c", KEPT)
    assert (done.returncode, done.stdout) == (0, "a corgi done (1024, 1024)\n"), done.stderr


# --- a third party's plugin: installed like any other, used in each way there is ---------------

THIRD_PARTY = """
import json, sys
from imagekit import Client, HostSettings
from imagekit.testing import Answer, Loopback

with Loopback(Answer(json={"data": [{"b64_json": "iVBORw0KGgo="}]})) as server:
    hosts = {"example": HostSettings(base_url=server.url)}
    with Client(environment={}, credentials={"example": "k"}, hosts=hosts) as client:
        client.generate("a corgi", model="example-1", ratio="16:9", seed=7)
    (seen,) = server.seen
print(json.dumps({"path": seen.path, "key": seen.headers["authorization"], "body": seen.json}))
"""

CONFIGURED = """
default_model = "wide"

[models.wide]
model = "example:example-1"
defaults = { ratio = "16:9" }

[hosts.example]
base_url = "https://gateway.example/v1"
credential = { env = "THE_KEY" }

[hosts.example.remote_ids]
"example-1" = "of-our-own"
"""


@pytest.mark.slow
def test_the_example_passes_the_suites_for_plugins(installed: Path, tmp_path: Path) -> None:
    tests = shutil.copytree(EXAMPLE / "tests", tmp_path / "tests")
    done = run(installed, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tests))
    assert done.returncode == 0, done.stdout


@pytest.mark.slow
def test_the_example_is_used_from_python(installed: Path) -> None:
    done = run(installed, "-c", THIRD_PARTY)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "path": "/images/generations",
        "key": "Bearer k",
        "body": {
            "model": "example-1-latest",
            "prompt": "a corgi",
            "size": "1280x720",
            "seed": 7,
        },
    }


@pytest.mark.slow
def test_the_example_is_used_from_the_command_line(installed: Path, tmp_path: Path) -> None:
    target = tmp_path / "corgi.png"
    command = ["-m", "imagekit.cli", "generate", "a corgi", "-m", "sandbox:example-1"]
    done = run(installed, *command, "--size", "1280x720", "-o", str(target))
    assert (done.returncode, done.stdout.strip()) == (0, str(target)), done.stderr
    shown = run(installed, "-m", "imagekit.cli", "models", "example-1")
    assert "EXAMPLE_API_KEY" in run(installed, "-m", "imagekit.cli", "hosts").stdout
    assert "example-1-latest" in shown.stdout


@pytest.mark.slow
def test_the_example_is_used_through_a_configuration(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(CONFIGURED)
    command = ["-m", "imagekit.cli", "--config", str(tmp_path / "mine.toml"), "generate"]
    done = run(installed, *command, "a corgi", "--dry-run")
    assert done.returncode == 0, done.stderr
    assert "https://gateway.example/v1/images/generations" in done.stdout
    assert '"of-our-own"' in done.stdout
