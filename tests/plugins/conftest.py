"""The toys that the tests of plugins share, importable by name."""

from __future__ import annotations

import importlib
import itertools
import sys
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from distributions import HOST, Install


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """``install("lily", source)`` makes a distribution with an entry point ``lily``."""
    numbers = itertools.count()
    modules: list[str] = []
    monkeypatch.syspath_prepend(tmp_path)

    def install(name: str, source: str = HOST, version: str = "1.0") -> str:
        module = f"fake_{tmp_path.name}_{name}_{next(numbers)}".replace("-", "_")
        modules.append(module)
        (tmp_path / f"{module}.py").write_text(dedent(source).replace("{name}", name))
        info = tmp_path / f"dist_{name}-{version}.dist-info"
        info.mkdir()
        metadata = f"Metadata-Version: 2.1\nName: dist-{name}\nVersion: {version}\n"
        (info / "METADATA").write_text(metadata)
        (info / "entry_points.txt").write_text(f"[imagekit]\n{name} = {module}\n")
        importlib.invalidate_caches()
        return module

    yield install
    for module in modules:
        sys.modules.pop(module, None)
