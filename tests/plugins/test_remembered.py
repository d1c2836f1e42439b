"""A second client loads nothing that is as it was; whatever has changed meanwhile is seen."""

from __future__ import annotations

import importlib
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
from distributions import HOST, Install, load, states

from imagekit import Client, Plugins, hookimpl
from imagekit.plugins import loading
from imagekit.plugins.finding import Plugin

NOISY = (
    HOST
    + """
    first = []

    @hookimpl
    def imagekit_observers():
        if not first:
            first.append(1)
            raise ValueError("a bad day")
        return []
"""
)


def test_a_second_client_reads_no_entry_points(monkeypatch: pytest.MonkeyPatch) -> None:
    Client(environment={})

    def read() -> Any:
        raise AssertionError("read again")

    monkeypatch.setattr(loading, "entry_points_here", read)
    assert Client(environment={}).registry.hosts
    with pytest.raises(AssertionError, match="read again"):
        Client(environment={"IMAGEKIT_PLUGINS": "another list"})


def test_what_is_installed_or_removed_meanwhile_is_seen(install: Install, tmp_path: Path) -> None:
    install("lily")
    assert "lily" in Plugins.load({}).registry().hosts
    install("rose")
    assert {"lily", "rose"} <= Plugins.load({}).registry().hosts.keys()
    shutil.rmtree(tmp_path / "dist_lily-1.0.dist-info")
    hosts = Plugins.load({}).registry().hosts
    assert "rose" in hosts
    assert "lily" not in hosts


def test_another_search_path_is_seen(
    install: Install, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install("lily")
    assert states(load("lily"))["lily"] == "loaded"
    monkeypatch.setattr(sys, "path", [place for place in sys.path if place != str(tmp_path)])
    assert states(load("lily"))["lily"] == "failed"


def test_a_module_that_was_loaded_anew_is_asked_anew(install: Install, tmp_path: Path) -> None:
    module = install("lily")
    assert [*load("lily").registry().hosts] == ["lily"]
    (tmp_path / f"{module}.py").write_text(
        (tmp_path / f"{module}.py").read_text().replace('[Host("lily"', '[Host("other-lily"')
    )
    importlib.invalidate_caches()
    importlib.reload(sys.modules[module])
    assert [*load("lily").registry().hosts] == ["other-lily"]


def test_where_others_find_distributions_too_nothing_is_remembered(
    install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Finder:
        asked = 0

        def find_spec(self, *_: object) -> None:
            return None

        def find_distributions(self, _: object) -> list[Any]:
            self.asked += 1
            return []

    install("lily")
    finder = Finder()
    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path, finder])
    load("lily")
    load("lily")
    assert finder.asked == 2


def test_a_failure_at_one_client_shows_at_no_other(install: Install) -> None:
    install("lily", NOISY)
    one, other = load("lily"), load("lily")
    one.gather("imagekit_observers")
    assert states(one)["lily"] == "failed"
    assert not one.registry().hosts
    assert states(other)["lily"] == "loaded"
    assert [*other.registry().hosts] == ["lily"]
    assert other.gather("imagekit_observers") == []
    assert states(load("lily"))["lily"] == "loaded"


def test_what_is_added_to_one_client_shows_at_no_other(install: Install) -> None:
    class Late:
        @hookimpl
        def imagekit_observers(self) -> list[Any]:
            return [print]

    install("lily")
    one, other = load("lily"), load("lily")
    late = Plugin("late", "none", "0")
    one.add(late, Late)
    assert late.state == "loaded"
    assert one.gather("imagekit_observers") == [print]
    assert other.gather("imagekit_observers") == []
    assert load("lily").gather("imagekit_observers") == []


def test_what_can_be_reached_of_one_clients_plugins_is_its_own(install: Install) -> None:
    install("lily")
    one, other = load("lily"), load("lily")
    shown = {name: value for name, value in vars(one).items() if not name.startswith("_")}
    assert shown.keys() == {"installed", "strict"}
    assert not {*map(id, one.installed)} & {*map(id, other.installed)}


def test_entry_points_that_are_edited_in_place_are_seen(install: Install, tmp_path: Path) -> None:
    """As ``setup.py egg_info`` does."""
    install("lily")
    assert "lily" in Plugins.load({}).registry().hosts
    (tmp_path / "dist_lily-1.0.dist-info" / "entry_points.txt").write_text("[imagekit]\n")
    assert "lily" not in Plugins.load({}).registry().hosts


def test_what_is_broken_is_tried_anew_and_told_anew(
    install: Install, caplog: pytest.LogCaptureFixture
) -> None:
    install("lily", "import no_such_module_anywhere")
    for _ in range(2):
        load("lily")
    assert caplog.text.count("is broken and left out") == 2
