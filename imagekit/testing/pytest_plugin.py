"""Fixtures for pytest, for tests of programs that use imagekit.

Ask for them with ``pytest_plugins = ["imagekit.testing.pytest_plugin"]`` in the conftest.py
at the top of your tests, or with ``-p imagekit.testing.pytest_plugin``. There is no
``pytest11`` entry point on purpose: pytest would import it, and imagekit with it, in every
run of everybody who has imagekit installed, also where nobody tests anything of it. The
suites of the conformance kit need no plugin at all; they bring what they need along.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from imagekit.testing.isolation import isolate
from imagekit.testing.loopback import Answer, Loopback

__all__ = ["imagekit_isolated", "imagekit_loopback"]


@pytest.fixture
def imagekit_isolated(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """No network but loopback; no keys, configuration, proxies or plugin lists of this machine."""
    isolate(monkeypatch, str(tmp_path_factory.mktemp("home")))


@pytest.fixture
def imagekit_loopback() -> Iterator[Callable[..., Loopback]]:
    """``imagekit_loopback(Answer(json=...))`` is a running `Loopback`, stopped after the test."""
    with ExitStack() as stack:

        def start(*script: Answer) -> Loopback:
            return stack.enter_context(Loopback(*script))

        yield start
