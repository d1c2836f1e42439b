"""What a release relies on and what can drift: versions, bounds, and how hooks go away."""

from __future__ import annotations

import re
from configparser import ConfigParser
from pathlib import Path

import pytest
from packaging.specifiers import SpecifierSet

import imagekit
from imagekit import Plugins, hookimpl, hookspecs

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "contrib" / "example-plugin" / "setup.cfg"
#: Plugins, and what is built on the core: all but the core itself.
BUILT_ON_IT = sorted([*ROOT.glob("plugins/*/*/setup.cfg"), *ROOT.glob("contrib/*/setup.cfg")])


def metadata(path: Path) -> ConfigParser:
    config = ConfigParser()
    config.read(path, encoding="utf-8")
    return config


def bound(path: Path) -> str:
    """The line by which a distribution requires the core."""
    return metadata(path)["options"]["install_requires"].split()[0]


@pytest.mark.parametrize("path", BUILT_ON_IT, ids=lambda path: path.parent.name)
def test_each_has_a_version_and_a_lower_bound_that_this_core_satisfies(path: Path) -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+", metadata(path)["metadata"]["version"])
    said = re.fullmatch(r"imagekit(?:\[\w+\])?(>=\d+\.\d+)", bound(path))
    assert said, "no other bounds, in no other words"
    assert imagekit.__version__ in SpecifierSet(said[1])


def test_the_core_s_version_stands_in_one_place() -> None:
    assert metadata(ROOT / "setup.cfg")["metadata"]["version"] == "attr: imagekit.__version__"
    assert re.fullmatch(r"\d+\.\d+\.\d+", imagekit.__version__)


def test_a_new_plugin_needs_the_core_that_wrote_it() -> None:
    """Its bound is the true one: it was tried with no older core."""
    assert imagekit.__version__.startswith(bound(EXAMPLE).removeprefix("imagekit>=") + ".")


# --- how hooks go away --------------------------------------------------------------------------


class Frog:
    @hookimpl
    def imagekit_croak(self, call: object) -> None:
        """It was a hook once."""


@pytest.mark.parametrize(
    "how",
    [
        {"warn_on_impl": DeprecationWarning("use imagekit_sing")},
        {"warn_on_impl_args": {"call": DeprecationWarning("use imagekit_sing")}},
    ],
    ids=["a hook", "an argument"],
)
def test_what_will_go_is_warned_of_and_works_until_then(
    monkeypatch: pytest.MonkeyPatch, how: dict[str, object]
) -> None:
    def imagekit_croak(call: object) -> None:
        """Say what frogs say."""

    spec = hookspecs.hookspec(**how)(imagekit_croak)  # type: ignore[call-overload]
    monkeypatch.setattr(hookspecs, "imagekit_croak", spec, raising=False)
    with pytest.warns(DeprecationWarning, match="use imagekit_sing") as warned:
        plugins = Plugins.of(Frog())
    assert plugins.installed[0].hooks == ("imagekit_croak",)
    assert warned[0].filename == __file__
