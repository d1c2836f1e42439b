"""The page, in a browser without a screen."""

from __future__ import annotations

import platform
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.clients.browser import play, prepared
from tests.clients.environments import Unreachable


@pytest.fixture(scope="session")
def browser() -> Path:
    """Where the browser is, and what drives it."""
    if (sys.platform, platform.machine()) != ("linux", "x86_64"):
        pytest.skip("this browser is built for Linux on x86-64 alone")
    try:
        return prepared()
    except Unreachable as error:
        pytest.skip(str(error))


@pytest.fixture
def browse(browser: Path) -> Callable[..., dict[str, Any]]:
    """Plays a scenario at a gateway; gives all that it has told, by name, and of what is told
    several times a list. Nothing may have gone wrong in its pages."""

    def told(name: str, served: Any, **given: Any) -> dict[str, Any]:
        return _together(play(browser, name, served.url, served.key, **given))

    return told


def _together(told: list[dict[str, Any]]) -> dict[str, Any]:
    """Under each name what was told, in a list where that was so several times."""
    every: dict[str, list[Any]] = {}
    for one in told:
        for name, value in one.items():
            every.setdefault(name, []).append(value)
    return {name: values[0] if len(values) == 1 else values for name, values in every.items()}
