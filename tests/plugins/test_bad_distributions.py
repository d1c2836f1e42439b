"""Plugins that are wrong in ways that only their distribution or the clock can tell."""

from __future__ import annotations

import importlib
import json
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from imagekit import Plugins
from imagekit.cli.app import run
from imagekit.plugins.finding import Plugin

SOURCE = """
from imagekit import Host, NoAuth, hookimpl

@hookimpl
def imagekit_hosts():
    return [Host("{name}", "{name}", "https://{name}.invalid", NoAuth())]
"""

Install = Callable[..., None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """``install("lily", requires="imagekit>=9")`` makes a distribution with a plugin."""
    monkeypatch.syspath_prepend(tmp_path)
    names: list[str] = []

    def install(name: str, source: str = "", requires: str = "imagekit") -> None:
        names.append(f"bad_{name}")
        (tmp_path / f"bad_{name}.py").write_text(source + SOURCE.replace("{name}", name))
        info = tmp_path / f"dist_{name}-1.0.dist-info"
        info.mkdir()
        head = f"Metadata-Version: 2.1\nName: dist-{name}\nVersion: 1.0\n"
        (info / "METADATA").write_text(f"{head}Requires-Dist: {requires}\n")
        (info / "entry_points.txt").write_text(f"[imagekit]\n{name} = bad_{name}\n")
        importlib.invalidate_caches()

    yield install
    for name in names:
        sys.modules.pop(name, None)


def load(*names: str) -> dict[str, Plugin]:
    plugins = Plugins.load({"IMAGEKIT_PLUGINS": ",".join(names)})
    plugins.registry()
    return {plugin.name: plugin for plugin in plugins.installed if plugin.name in names}


@pytest.mark.parametrize("requires", ["imagekit>=9.1", "imagekit[cli] >= 9.1", "imagekit<10,>=9.1"])
def test_a_plugin_for_a_newer_core_is_not_even_imported(install: Install, requires: str) -> None:
    install("newer", "raise RuntimeError('imported')\n", requires)
    install("lily")
    found = load("newer", "lily")
    assert found["newer"].error.startswith("PluginError: it needs imagekit 9.1, and this is ")
    assert found["newer"].label == "newer (dist-newer 1.0)"
    assert found["lily"].state == "loaded"


@pytest.mark.parametrize(
    "requires", ["imagekit", "imagekit>=0.1", "imagekit-seedream>=9", 'attrs>=99; extra == "x"']
)
def test_what_other_requirements_say_is_pips_to_see_to(install: Install, requires: str) -> None:
    install("lily", requires=requires)
    assert load("lily")["lily"].state == "loaded"


@pytest.mark.parametrize(
    ("metadata", "label", "error"),
    [
        (b"Metadata-Version: 2.1\n", "odd (unknown 0)", ""),
        (b"", "odd (unknown 0)", ""),
        (b"Name: dist-odd\nVersion: 1.0\n", "odd (dist-odd 1.0)", ""),
        (
            b"Name: \xff\n",
            "odd (unknown 0)",
            "PluginError: its METADATA is not UTF-8 text: install it anew",
        ),
    ],
)
def test_a_broken_installation_is_no_trouble_of_other_plugins(
    install: Install, tmp_path: Path, metadata: bytes, label: str, error: str
) -> None:
    install("odd")
    install("lily")
    (tmp_path / "dist_odd-1.0.dist-info" / "METADATA").write_bytes(metadata)
    found = load("odd", "lily")
    assert (found["odd"].label, found["odd"].error) == (label, error)
    assert found["lily"].state == "loaded"


def test_a_plugin_that_is_slow_to_import_works_and_is_named(
    install: Install, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    install("slow", "import time\ntime.sleep(0.6)\n")
    monkeypatch.setenv("IMAGEKIT_PLUGINS", "slow")
    assert run(["plugins"]) == 0
    assert re.search(r"slow \(dist-slow 1\.0\) takes \d", capsys.readouterr().err)
    assert run(["plugins", "--json"]) == 0
    (record,) = (
        one for one in json.loads(capsys.readouterr().out)["plugins"] if one["name"] == "slow"
    )
    assert (record["state"], record["distribution"]) == ("loaded", "dist-slow")
    assert "seconds" in record
